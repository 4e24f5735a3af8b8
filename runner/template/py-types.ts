import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { LenientUndefined, Undefined } from "./error.ts";
import type { Callable, Invoke, Params } from "./run.ts";

export type { Callable, Invoke, Params } from "./run.ts";

/** A function as a value: globals, macros and bound methods. */
export class PyFunction implements Callable {
  readonly name: string;
  readonly params: Params;
  readonly invoke: Invoke;
  /** Python's class name: function, Macro, ... */
  readonly pyType: string;
  constructor(name: string, params: Params, invoke: Invoke, pyType = "function") {
    this.pyType = pyType;
    this.name = name;
    this.params = params;
    this.invoke = invoke;
  }
}

/** A tuple whose items have names as well, as the groups of `groupby`. */
export class NamedTuple extends PyTuple {
  declare fields: readonly string[];
  static named(fields: readonly string[], items: readonly unknown[]): NamedTuple {
    const tuple = new NamedTuple();
    for (const item of items) tuple.push(item as never);
    Object.defineProperty(tuple, "fields", { value: fields, enumerable: false });
    return tuple;
  }
}

/** Things that exist only while a template runs: `loop`, namespaces, dates, modules. */
export abstract class PyObject {
  /** Python's class name, for messages and `type_debug`. */
  abstract readonly pyType: string;
  /** What `object_type_repr` of Jinja says in front of " object". */
  get pyQualifiedType(): string {
    return this.pyType;
  }
  /** An attribute, or undefined when there is none. */
  abstract pyGet(name: string): unknown;
  pyStr(): string {
    return this.pyRepr();
  }
  pyRepr(): string {
    return `<${this.pyQualifiedType} object>`;
  }
}

/** A Python set: items are distinct by Python's equality. */
export class PySet {
  readonly items: unknown[];
  constructor(items: unknown[]) {
    this.items = items;
  }
}

/** Python's range, kept lazy so that `range(10**9)` costs nothing until it is walked. */
export class PyRange {
  readonly start: number;
  readonly step: number;
  readonly length: number;
  readonly stop: number;
  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }
  at(index: number): number {
    return this.start + index * this.step;
  }
  has(value: number): boolean {
    const index = (value - this.start) / this.step;
    return Number.isInteger(index) && index >= 0 && index < this.length;
  }
  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}

/** What an iterator or a view of a dict is: a list in every respect but its look before it is unrolled. */
export class PyIterator {
  readonly items: unknown[];
  readonly pyType: string;
  constructor(items: unknown[], pyType = "generator") {
    this.items = items;
    this.pyType = pyType;
  }
}

/** The name of a value's Python class. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    case "function":
      return "function";
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: unknown): string {
  if (value === null) return "NoneType";
  if (value instanceof PyTuple) return "tuple";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  if (value instanceof PyFloat) return "float";
  if (value instanceof LenientUndefined) return "Undefined";
  if (value instanceof Undefined) return "AnsibleUndefined";
  if (value instanceof PySet) return "set";
  if (value instanceof PyRange) return "range";
  if (value instanceof PyIterator || value instanceof PyObject) return value.pyType;
  if (value instanceof PyFunction) return value.pyType;
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof UnsafeText) return "str";
  return "object";
}

/** Whether a value is an int; bools are not counted, though Python does. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** Whether a value is a float. */
export function isFloat(value: unknown): value is number | PyFloat {
  return value instanceof PyFloat || (typeof value === "number" && !Number.isInteger(value));
}

/** A list or tuple, what Ansible calls a sequence (is_sequence of module_utils/common/collections.py). */
export function isSequence(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

/** A tuple of these items. */
export function tupleOf(items: readonly unknown[]): PyTuple {
  const tuple = new PyTuple();
  for (const item of items) tuple.push(item as never);
  return tuple;
}

/** Whether a value is an object of a running template that has no meaning outside. */
export function isLiveObject(value: unknown): value is PyObject | PyFunction {
  return value instanceof PyObject || value instanceof PyFunction;
}
