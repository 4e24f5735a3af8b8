import { isDict, PyFloat, UnsafeText, type Value } from "./value.ts";

/**
 * A value as JSON text for a module's arguments: compact, in dict order, floats as Python writes them. Keys that are not strings become strings as in
 * Python's json.dumps.
 *
 * @throws TypeError for values JSON has no form for (bytes).
 */
export function stringifyJson(value: Value): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
    case "number":
    case "bigint":
      return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(", ")}]`;
  if (isDict(value)) {
    const fields: string[] = [];
    for (const [key, field] of value)
      fields.push(`${JSON.stringify(keyText(key))}: ${stringifyJson(field)}`);
    return `{${fields.join(", ")}}`;
  }
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof UnsafeText) return JSON.stringify(value.text);
  throw new TypeError(
    `a value of type ${value?.constructor?.name ?? typeof value} has no JSON form`,
  );
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (key instanceof UnsafeText) return key.text;
  return stringifyJson(key);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const text = String(value);
  if (/^-?\d+$/.test(text)) return `${text}.0`;
  return text;
}
