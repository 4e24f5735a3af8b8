import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { LenientUndefined, typeError, Undefined } from "./error.ts";
import { PyIterator, PyObject, PyRange, PySet, typeName } from "./py-types.ts";

/** Python's truth of a value. Throws for an undefined one. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    case "undefined":
      return false;
    default:
      return truthOfObject(value);
  }
}

function truthOfObject(value: unknown): boolean {
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Undefined) return value.truth();
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof UnsafeText) return value.text !== "";
  if (value instanceof PySet) return value.items.length > 0;
  if (value instanceof PyRange) return value.length > 0;
  if (value instanceof Uint8Array) return value.length > 0;
  if (value instanceof PyIterator)
    return value.pyType.startsWith("dict_") ? value.items.length > 0 : true;
  if (value instanceof PyObject && "pyTruth" in value)
    return (value as PyObject & { pyTruth(): boolean }).pyTruth();
  return true;
}

/** A value as an index or count, or undefined when it is no int. */
export function indexOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "bigint" ? Number(value) : undefined;
}

/** A number in JavaScript's sense of a Python number (bools count), or undefined. */
export function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof PyFloat) return value.value;
  return undefined;
}

/** Python's `==`. Throws for an undefined value, as StrictUndefined does. */
export function equals(left: unknown, right: unknown): boolean {
  if (left === right) {
    return left instanceof Undefined ? left.equals(right) : true;
  }
  if (typeof left === "string" && typeof right === "string") return false;
  if (left instanceof Undefined) return left.equals(right);
  if (right instanceof Undefined) return right.equals(left);
  const a = numberOf(left);
  if (a !== undefined) {
    const b = numberOf(right);
    // biome-ignore lint/suspicious/noDoubleEquals: a number equals a bigint of the same value
    return b !== undefined && a == b;
  }
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") {
    return left instanceof UnsafeText
      ? left.text === right
      : right instanceof UnsafeText && right.text === left;
  }
  return equalObjects(left, right);
}

function equalObjects(left: object, right: object): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left instanceof PyTuple === right instanceof PyTuple &&
      equalItems(left, right)
    );
  }
  if (left instanceof Map) return right instanceof Map && equalDicts(left, right);
  if (left instanceof PySet) {
    return (
      right instanceof PySet &&
      left.items.length === right.items.length &&
      left.items.every((item) => includes(right.items, item))
    );
  }
  if (left instanceof PyRange) return right instanceof PyRange && equalItems([...left], [...right]);
  if (left instanceof UnsafeText) return right instanceof UnsafeText && left.text === right.text;
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && equalItems([...left], [...right]);
  }
  if (isOrdered(left) && isOrdered(right)) return left.pyOrder(right) === 0;
  return false;
}

function equalItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  // Python looks at the lengths of lists first, and at those of tuples last.
  const isSame = left.length === right.length;
  if (!isSame && !(left instanceof PyTuple)) return false;
  for (let index = 0; index < left.length && index < right.length; index++) {
    if (!equals(left[index], right[index])) return false;
  }
  return isSame;
}

function equalDicts(
  left: ReadonlyMap<unknown, unknown>,
  right: ReadonlyMap<unknown, unknown>,
): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) {
    const other = dictGet(right, key);
    if (other === undefined || !equals(value, other)) return false;
  }
  return true;
}

/** Whether a list has an item that equals this one. */
export function includes(items: readonly unknown[], item: unknown): boolean {
  if (typeof item === "string") {
    // The common case without a call per item; an undefined item still has to fail.
    for (const candidate of items) {
      if (candidate === item) return true;
      if (typeof candidate !== "string" && equals(candidate, item)) return true;
    }
    return false;
  }
  return items.some((candidate) => equals(candidate, item));
}

/** The value of a key of a dict by Python's equality of keys (1, 1.0 and True are one), or undefined. */
export function dictGet(dict: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (typeof key === "string") return dict.get(key);
  const found = findKey(dict, key);
  return found === undefined ? undefined : dict.get(found);
}

/** Stores under the key that is already there when an equal one is. */
export function dictSet(dict: Map<unknown, unknown>, key: unknown, value: unknown): void {
  if (typeof key === "string") dict.set(key, value);
  else {
    const found = findKey(dict, key);
    dict.set(found === undefined ? key : found, value);
  }
}

/** The key of a dict that equals this one, or undefined. Throws TypeError for keys that cannot be hashed. */
export function findKey(dict: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (dict.has(key)) return key;
  assertHashable(key);
  if (key === null || typeof key === "string") return undefined;
  for (const candidate of dict.keys()) {
    if (typeof candidate !== "string" && equals(candidate, key)) return candidate;
  }
  return undefined;
}

/** Throws Python's TypeError for a value that cannot be a key. */
export function assertHashable(value: unknown): void {
  if (value instanceof Undefined && !(value instanceof LenientUndefined)) value.fail();
  if (
    value instanceof Map ||
    value instanceof PySet ||
    (Array.isArray(value) && !(value instanceof PyTuple)) ||
    (value instanceof PyIterator &&
      value.pyType !== "dict_values" &&
      value.pyType.startsWith("dict_"))
  ) {
    throw typeError(`unhashable type: '${typeName(value)}'`);
  }
  if (value instanceof PyTuple) for (const item of value) assertHashable(item);
}

/** Whether a value can be a key, looking only at the outside as Python's `Hashable` does. */
export function looksHashable(value: unknown): boolean {
  return !(
    value instanceof Map ||
    value instanceof PySet ||
    (value instanceof PyIterator && /^dict_(keys|items)$/.test(value.pyType)) ||
    (Array.isArray(value) && !(value instanceof PyTuple))
  );
}

interface Ordered {
  pyOrder(other: object): number | undefined;
}

function isOrdered(value: unknown): value is Ordered & object {
  return value instanceof PyObject && "pyOrder" in value;
}

/**
 * Python's ordering: negative, zero or positive; NaN when floats say neither.
 * Throws TypeError for values that have no order, naming the operator.
 */
export function order(left: unknown, right: unknown, operator: string): number {
  if (typeof left === "string" && typeof right === "string") return orderText(left, right);
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a >= b ? 0 : Number.NaN;
  if (
    Array.isArray(left) &&
    Array.isArray(right) &&
    left instanceof PyTuple === right instanceof PyTuple
  ) {
    return orderItems(left, right, operator);
  }
  if (left instanceof UnsafeText) return order(left.text, right, operator);
  if (right instanceof UnsafeText) return order(left, right.text, operator);
  if (isOrdered(left) && isOrdered(right)) {
    const found = left.pyOrder(right);
    if (found !== undefined) return found;
  }
  throw typeError(
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
}

// JavaScript orders by UTF-16 units, Python by code points: they part only where surrogates are involved.
function orderText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      const aHigh = a >= 0xd800 && a <= 0xdfff;
      const bHigh = b >= 0xd800 && b <= 0xdfff;
      if (aHigh !== bHigh) return aHigh ? 1 : -1;
      return a < b ? -1 : 1;
    }
  }
  return left.length - right.length;
}

function orderItems(left: readonly unknown[], right: readonly unknown[], operator: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (!equals(left[index], right[index])) return order(left[index], right[index], operator);
  }
  return left.length - right.length;
}

/** Python's `left < right`. */
export function less(left: unknown, right: unknown): boolean {
  return left instanceof PySet && right instanceof PySet
    ? left.items.length < right.items.length && isSubset(left, right)
    : order(left, right, "<") < 0;
}

/** Python's `left <= right`. */
export function lessOrEqual(left: unknown, right: unknown): boolean {
  return left instanceof PySet && right instanceof PySet
    ? isSubset(left, right)
    : order(left, right, "<=") <= 0;
}

/** Python's `left > right`. */
export function greater(left: unknown, right: unknown): boolean {
  return left instanceof PySet && right instanceof PySet
    ? less(right, left)
    : order(left, right, ">") > 0;
}

/** Python's `left >= right`. */
export function greaterOrEqual(left: unknown, right: unknown): boolean {
  return left instanceof PySet && right instanceof PySet
    ? isSubset(right, left)
    : order(left, right, ">=") >= 0;
}

function isSubset(left: PySet, right: PySet): boolean {
  return left.items.every((item) => includes(right.items, item));
}

/** Python's `item in container`. Throws TypeError when the container is none. */
export function contains(container: unknown, item: unknown): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    if (item instanceof Undefined) return item.fail();
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Map) {
    return typeof item === "string"
      ? container.has(item)
      : findKey(container, item) !== undefined || container.has(item);
  }
  if (Array.isArray(container)) return includes(container, item);
  if (container instanceof Undefined) return includes(container.items(), item);
  if (container instanceof PyRange) {
    if (item instanceof Undefined && container.length > 0) return item.fail();
    const number = numberOf(item);
    return number !== undefined && container.has(Number(number));
  }
  if (container instanceof PySet || container instanceof PyIterator) {
    // What Python finds by its hash must have one.
    if (container instanceof PyIterator && container.pyType === "dict_items") {
      if (!(item instanceof PyTuple) || item.length !== 2) return false;
      assertHashable(item[0]);
    } else if (container instanceof PySet || container.pyType === "dict_keys") assertHashable(item);
    return includes(container.items, item);
  }
  if (container instanceof UnsafeText) return contains(container.text, item);
  throw typeError(`argument of type '${typeName(container)}' is not iterable`);
}
