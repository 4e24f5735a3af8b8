import { PyTuple, UnsafeText } from "../model/value.ts";
import { bind } from "./bind.ts";
import { TemplateError, typeError, Undefined } from "./error.ts";
import { BYTES_METHODS } from "./py-bytes-methods.ts";
import { numberOf } from "./py-compare.ts";
import { DICT_METHODS } from "./py-dict-methods.ts";
import { LIST_METHODS, SET_METHODS, TUPLE_METHODS } from "./py-list-methods.ts";
import { FLOAT_METHODS, INT_METHODS, numberAttribute } from "./py-number-methods.ts";
import { objectTypeRepr, pyRepr } from "./py-repr.ts";
import { item } from "./py-sequence.ts";
import { STRING_METHODS } from "./py-str-methods.ts";
import {
  type Callable,
  isFloat,
  PyFunction,
  PyObject,
  PyRange,
  PySet,
  typeName,
} from "./py-types.ts";
import type { Run } from "./run.ts";

type Keywords = ReadonlyMap<unknown, unknown> | undefined;

/** Methods by name; their first argument is the object. */
export type Methods = ReadonlyMap<string, Callable>;

function methodsOf(value: unknown): Methods | undefined {
  if (typeof value === "string") return STRING_METHODS;
  if (value instanceof Map) return DICT_METHODS;
  if (value instanceof PyTuple) return TUPLE_METHODS;
  if (Array.isArray(value)) return LIST_METHODS;
  if (value instanceof PyRange) return TUPLE_METHODS;
  if (value instanceof PySet) return SET_METHODS;
  if (value instanceof Uint8Array) return BYTES_METHODS;
  if (value === null || value instanceof PyObject) return undefined;
  if (isFloat(value)) return FLOAT_METHODS;
  return numberOf(value) === undefined ? undefined : INT_METHODS;
}

/** A method or attribute that Python's class of the value has, or undefined. */
export function boundMethod(value: unknown, name: string): unknown {
  const method = methodsOf(value)?.get(name);
  if (method !== undefined) {
    return new PyFunction(name, ["*args", "**kwargs"], (run, args, kwargs) =>
      invoke(run, name, method, value, args as readonly unknown[], kwargs as Keywords),
    );
  }
  if (name.startsWith("__")) return dunder(value, name);
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? numberAttribute(value, name)
    : undefined;
}

function dunder(value: unknown, name: string): unknown {
  return name === "__class__" && !(value instanceof PyType)
    ? new PyType(typeName(value))
    : undefined;
}

/** What `x.__class__` answers: enough to ask for its name. */
export class PyType extends PyObject {
  readonly pyType = "type";
  readonly #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  pyGet(name: string): unknown {
    return name === "__name__" || name === "__qualname__" ? this.#name : undefined;
  }
  override pyRepr(): string {
    return `<class '${this.#name}'>`;
  }
}

/** `value.name(...)` without making a bound method in between. */
export function callMethod(
  run: Run,
  value: unknown,
  name: string,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  if (value instanceof Undefined) return value.fail();
  const method = methodsOf(value)?.get(name);
  if (method !== undefined) return invoke(run, name, method, value, args, kwargs);
  const found =
    value instanceof PyObject ? value.pyGet(name) : (boundMethod(value, name) ?? item(value, name));
  if (found !== undefined) return callFunction(run, found, args, kwargs);
  throw new TemplateError(
    "undefined",
    `'${objectTypeRepr(value)}' has no attribute ${pyRepr(name)}`,
  );
}

function invoke(
  run: Run,
  name: string,
  method: Callable,
  self: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  const { params } = method;
  // The usual call has only positional arguments, and enough of them.
  if (
    kwargs === undefined &&
    args.length <= params.length &&
    !params.some((param) => param.startsWith("*"))
  ) {
    const next = params[args.length];
    if (next === undefined || next.endsWith("?")) return method.invoke(run, self, ...args);
  }
  return method.invoke(run, self, ...bind(name, params, args, kwargs));
}

/** Calls a value. Throws TypeError when it cannot be called. */
export function callFunction(
  run: Run,
  callee: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  const result = callKept(run, callee, args, kwargs);
  return result instanceof UnsafeText ? result.text : result;
}

/** The same, with a macro's text that stays text in its box. */
export function callKept(
  run: Run,
  callee: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  if (callee instanceof PyFunction) {
    return callee.invoke(run, ...bind(callee.name, callee.params, args, kwargs));
  }
  if (callee instanceof Undefined) return callee.fail();
  if (callee instanceof PyObject && "pyCall" in callee) {
    return (callee as PyObject & { pyCall(...args: readonly unknown[]): unknown }).pyCall(...args);
  }
  throw typeError(`'${typeName(callee)}' object is not callable`);
}

/** A filter or test whose arguments could not be matched before it runs. */
export function callBound(
  run: Run,
  name: string,
  callable: Callable,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  return callable.invoke(run, ...bind(name, callable.params, args, kwargs));
}
