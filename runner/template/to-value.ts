import { PyTuple, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { LenientUndefined, Undefined } from "./error.ts";
import { pyStr } from "./py-repr.ts";
import { isLiveObject, PyIterator, PyRange, PySet } from "./py-types.ts";

/** What a template computed as a value that can leave it: sets and iterators are lists, objects their text. */
export function toValue(value: unknown): Value {
  if (value === null || typeof value !== "object")
    return value === undefined ? null : (value as Value);
  if (value instanceof PySet || value instanceof PyIterator) return value.items.map(toValue);
  if (value instanceof PyRange) return [...value];
  if (value instanceof Undefined) return value instanceof LenientUndefined ? "" : value.fail();
  if (value instanceof VaultText) return value.text;
  if (isLiveObject(value)) return pyStr(value);
  if (Array.isArray(value)) return convertItems(value);
  if (value instanceof Map && value.constructor === Map) return convertDict(value);
  return value as Value;
}

function convertItems(items: unknown[]): Value {
  const converted = items.map(toValue);
  if (converted.every((item, index) => item === items[index])) return items as Value[];
  if (!(items instanceof PyTuple)) return converted;
  const tuple = new PyTuple();
  tuple.push(...converted);
  return tuple;
}

function convertDict(dict: Map<unknown, unknown>): Value {
  for (const [key, value] of dict) {
    if (isConverted(value) || isConverted(key)) {
      return new Map([...dict].map(([key, inner]) => [toValue(key), toValue(inner)]));
    }
  }
  return dict as Map<Value, Value>;
}

function isConverted(value: unknown): boolean {
  return value !== null && typeof value === "object" && toValue(value) !== value;
}
