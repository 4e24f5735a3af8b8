import { PyTuple, UnsafeText } from "../model/value.ts";
import { TemplateError, typeError, Undefined, valueError } from "./error.ts";
import { assertHashable, dictGet, findKey, indexOf } from "./py-compare.ts";
import { PyIterator, PyObject, PyRange, PySet, tupleOf, typeName } from "./py-types.ts";

/** The items that Python's `iter(value)` gives; a list is answered as it is, so do not change it. */
export function iterate(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return chars(value);
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof PyRange) {
    if (value.length > 50_000_000)
      throw new TemplateError("limit", "a range of more than 50 million items cannot be walked");
    return [...value];
  }
  if (value instanceof PySet || value instanceof PyIterator) return value.items;
  if (value instanceof Undefined) return value.items();
  if (value instanceof UnsafeText) return chars(value.text);
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof PyObject && "pyIterate" in value) {
    return (value as PyObject & { pyIterate(): unknown[] }).pyIterate();
  }
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** Whether Python can iterate over a value. */
export function isIterable(value: unknown): boolean {
  return (
    typeof value === "string" ||
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof PyRange ||
    value instanceof PySet ||
    value instanceof PyIterator ||
    value instanceof UnsafeText ||
    value instanceof Uint8Array
  );
}

const SURROGATE = /[\ud800-\udfff]/;

/** Text as Python sees it: one item per code point. */
export function chars(text: string): string[] {
  return SURROGATE.test(text) ? [...text] : text.split("");
}

/** Python's `len(value)`. Throws TypeError for what has none. */
export function length(value: unknown): number {
  if (typeof value === "string") return SURROGATE.test(value) ? [...value].length : value.length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof PyRange) return value.length;
  if (value instanceof PySet) return value.items.length;
  if (value instanceof PyIterator && value.pyType.startsWith("dict_")) return value.items.length;
  if (value instanceof Undefined) return value.items().length;
  if (value instanceof UnsafeText) return length(value.text);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof PyObject && "pyLength" in value) {
    return (value as PyObject & { pyLength(): number }).pyLength();
  }
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

/** Python's `value[key]`. Throws KeyError, IndexError or TypeError as TemplateErrors. */
export function subscript(value: unknown, key: unknown): unknown {
  const found = item(value, key);
  if (found !== undefined) return found;
  if (value instanceof Map) {
    assertHashable(key);
    throw new TemplateError("key", typeof key === "string" ? `'${key}'` : String(key));
  }
  if (indexOf(key) !== undefined && (typeof value === "string" || Array.isArray(value))) {
    throw new TemplateError(
      "index",
      `${typeof value === "string" ? "string" : typeName(value)} index out of range`,
    );
  }
  if (typeof value === "string" || Array.isArray(value)) {
    const kind = typeof value === "string" ? "string" : typeName(value);
    throw typeError(
      `${kind} indices must be integers${kind === "string" ? "" : " or slices"}, not ${typeName(key)}`,
    );
  }
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

/** `value[key]`, or undefined where Python would throw. */
export function item(value: unknown, key: unknown): unknown {
  if (value instanceof Map) {
    if (typeof key === "string") return value.get(key);
    return isUnhashable(key) ? undefined : dictGet(value, key);
  }
  if (key instanceof Slice) return slice(value, key.start, key.stop, key.step);
  if (Array.isArray(value)) {
    const index = indexOf(key);
    return index === undefined ? undefined : value[index < 0 ? index + value.length : index];
  }
  if (typeof value === "string") {
    const index = indexOf(key);
    if (index === undefined) return undefined;
    const text = SURROGATE.test(value) ? [...value] : value;
    return text[index < 0 ? index + text.length : index];
  }
  if (value instanceof UnsafeText) return item(value.text, key);
  if (value instanceof PyRange) {
    const index = indexOf(key);
    if (index === undefined) return undefined;
    const place = index < 0 ? index + value.length : index;
    return place >= 0 && place < value.length ? value.at(place) : undefined;
  }
  if (value instanceof PyObject && typeof key === "string" && "pyItem" in value) {
    return (value as PyObject & { pyItem(key: string): unknown }).pyItem(key);
  }
  return undefined;
}

function isUnhashable(key: unknown): boolean {
  if (key instanceof PyTuple) return key.some(isUnhashable);
  return key instanceof Map || key instanceof PySet || Array.isArray(key);
}

/** A slice as an index: `x[1:2]`. */
export class Slice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;
  constructor(start: unknown, stop: unknown, step: unknown) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** Python's `value[start:stop:step]`. Throws TypeError for what cannot be sliced. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (value instanceof Undefined) return value.reach();
  if (value instanceof UnsafeText) return slice(value.text, start, stop, step);
  if (value instanceof PyRange) return sliceRange(value, start, stop, step);
  const isText = typeof value === "string";
  if (!isText && !Array.isArray(value)) {
    if (value instanceof Map) throw typeError("unhashable type: 'slice'");
    throw typeError(`'${typeName(value)}' object is not subscriptable`);
  }
  const items = isText && SURROGATE.test(value) ? [...value] : value;
  const { from, to, by } = sliceBounds(items.length, start, stop, step);
  if (by === 1) {
    const part = items.slice(from, Math.max(from, to));
    return isText
      ? typeof part === "string"
        ? part
        : part.join("")
      : value instanceof PyTuple
        ? tupleOf(part as unknown[])
        : part;
  }
  const picked: unknown[] = [];
  for (let index = from; by > 0 ? index < to : index > to; index += by) picked.push(items[index]);
  return isText ? picked.join("") : value instanceof PyTuple ? tupleOf(picked) : picked;
}

/** A slice of a range is a range. */
function sliceRange(range: PyRange, start: unknown, stop: unknown, step: unknown): PyRange {
  const { from, to, by } = sliceBounds(range.length, start, stop, step);
  return new PyRange(range.at(from), range.at(to), range.step * by);
}

/** Where a slice of so many items begins, before which index it ends, and its step. */
function sliceBounds(
  length: number,
  start: unknown,
  stop: unknown,
  step: unknown,
): { readonly from: number; readonly to: number; readonly by: number } {
  const by = bound(step) ?? 1;
  if (by === 0) throw valueError("slice step cannot be zero");
  return {
    by,
    from: clamp(bound(start), length, by > 0 ? 0 : length - 1, by),
    to: clamp(bound(stop), length, by > 0 ? length : -1, by),
  };
}

function bound(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Undefined) return value.fail();
  const index = indexOf(value);
  if (index === undefined) {
    throw typeError("slice indices must be integers or None or have an __index__ method");
  }
  return index;
}

function clamp(index: number | undefined, size: number, otherwise: number, step: number): number {
  if (index === undefined) return otherwise;
  const place = index < 0 ? index + size : index;
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  return Math.min(Math.max(place, low), high);
}

/** Whether a dict has this key. */
export function hasKey(dict: ReadonlyMap<unknown, unknown>, key: unknown): boolean {
  return dict.has(key) || findKey(dict, key) !== undefined;
}
