import { isDict, PyFloat, UnsafeText, type Value } from "../../model/value.ts";

/** A value as generate.py writes it. */
export function plainValue(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (isDict(value))
    return { $dict: [...value].map(([key, item]) => [plainValue(key), plainValue(item)]) };
  if (value instanceof PyFloat) return { $float: pythonFloat(value.value) };
  if (typeof value === "number" && !Number.isInteger(value)) return { $float: pythonFloat(value) };
  if (typeof value === "bigint") return { $int: String(value) };
  if (value instanceof UnsafeText) return { $unsafe: value.text };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  return value;
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
