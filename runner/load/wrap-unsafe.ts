import { isDict, UnsafeText, type Value } from "../model/value.ts";

/** A value of which no text is a template (wrap_var of ansible/utils/unsafe_proxy.py). */
export function wrapUnsafe(value: Value): Value {
  if (typeof value === "string") return new UnsafeText(value);
  if (Array.isArray(value)) return value.map(wrapUnsafe);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, wrapUnsafe(item)]));
  return value;
}
