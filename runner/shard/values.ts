import { stringifyJson } from "../model/json.ts";
import { isDict, PyFloat, UnsafeText, type Value } from "../model/value.ts";

/** A value where Ansible wants a boolean (ansible/module_utils/parsing/convert_bool.py): yes, on, true, 1, t, y are true. */
export function isTrue(value: unknown): boolean {
  if (typeof value === "string") return TRUE.has(value.trim().toLowerCase());
  if (value instanceof PyFloat) return value.value === 1;
  return value === true || value === 1;
}

const TRUE = new Set(["y", "yes", "on", "1", "true", "t"]);

/** A scalar as plain text; containers as JSON. */
export function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof UnsafeText) return value.text;
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return stringifyJson(value);
}

/** Python's truth of a value. */
export function truth(value: unknown): boolean {
  if (
    value === null ||
    value === undefined ||
    value === false ||
    value === 0 ||
    value === "" ||
    value === 0n
  )
    return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isDict(value)) return value.size > 0;
  return true;
}
