import { UnsafeText } from "../model/value.ts";
import { opened, VaultText } from "../model/vault-text.ts";
import { bind } from "./bind.ts";
import { deepCopy } from "./deep-copy.ts";
import {
  LenientUndefined,
  TemplateError,
  typeError,
  Undefined,
  UnsetName,
  valueError,
} from "./error.ts";
import type { KeepsText } from "./keeps-text.ts";
import { holdsKept } from "./kept-text.ts";
import { lookupTerm } from "./lookup-call.ts";
import { decodeText } from "./py-bytes.ts";
import { boundMethod, callBound, callFunction, callKept, callMethod } from "./py-call.ts";
import {
  assertHashable,
  contains,
  dictSet,
  equals,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  truth,
} from "./py-compare.ts";
import { DICT_METHODS } from "./py-dict-methods.ts";
import { parseLiteral } from "./py-literal.ts";
import {
  add,
  divide,
  floorDivide,
  modulo,
  multiply,
  negate,
  positive,
  power,
  powerOfConstant,
  subtract,
} from "./py-operators.ts";
import { objectTypeRepr, pyRepr, pyStr } from "./py-repr.ts";
import { isIterable, item as itemOf, iterate, Slice, slice } from "./py-sequence.ts";
import {
  NamedTuple,
  PyFunction,
  PyIterator,
  PyObject,
  PyRange,
  tupleOf,
  typeName,
} from "./py-types.ts";
import { MISSING, type Run } from "./run.ts";
import { Loop, Namespace } from "./runtime-objects.ts";
import type { TextClass } from "./text-class.ts";

/** The same for templates that change lists in place: what is printed must not change later. */
export function finalizeCopy(run: Run, value: unknown): unknown {
  return deepCopy(finalize(run, value));
}

/** A variable by name: the scope first, then the functions that every template knows. */
export function name(run: Run, name: string): unknown {
  let value: unknown;
  try {
    value = run.scope.get(name);
  } catch (error) {
    // A variable that cannot be templated fails where it is used, not where it is named (template/vars.py).
    if (!(error instanceof TemplateError) || error.kind !== "undefined") throw error;
    const raw = run.scope.raw?.(name);
    const hint =
      raw === undefined || raw === MISSING
        ? error.message
        : `${describeRaw(raw)}: ${error.message}`;
    return new Undefined(name, hint);
  }
  if (value === MISSING || value === undefined) {
    const known = run.engine.global(name);
    return known === undefined ? new Undefined(name) : known;
  }
  return plain(value);
}

/** `name is vault_encrypted`. */
export function isVaulted(run: Run, name: string): boolean {
  return run.scope.raw?.(name) instanceof VaultText;
}

/** `value | type_debug`, with the class that the expression's text has. */
export function classOf(run: Run, find: TextClass, value: unknown): string {
  return typeof value === "string" ? find(run, value) : typeName(value);
}

/** Text without its box. */
function plain(value: unknown): unknown {
  if (value instanceof VaultText) return opened(value);
  return value instanceof UnsafeText ? value.text : value;
}

function describeRaw(raw: unknown): string {
  try {
    return pyStr(raw);
  } catch {
    return typeName(raw);
  }
}

/** `value.name`: an attribute or method first, then the item (getattr of jinja2/environment.py). */
export function attribute(value: unknown, name: string): unknown {
  if (value instanceof Undefined) return value.reach();
  if (value instanceof Map && !DICT_METHODS.has(name) && !name.startsWith("__")) {
    const found: unknown = value.get(name);
    return found === undefined ? missing(value, name) : plain(found);
  }
  const method = boundMethod(value, name);
  if (method !== undefined) return method;
  if (value instanceof PyObject) {
    const found = value.pyGet(name);
    if (found !== undefined) return found;
  }
  if (value instanceof NamedTuple && value.fields.includes(name))
    return value[value.fields.indexOf(name)];
  const found = itemOf(value, name);
  return found === undefined ? missing(value, name) : plain(found);
}

/** `value[key]`: the item first, then the attribute (getitem of jinja2/environment.py). */
export function item(value: unknown, key: unknown): unknown {
  if (value instanceof Undefined) return value.reach();
  if (key instanceof Undefined && value instanceof Map) assertHashable(key);
  const found = itemOf(value, key);
  if (found !== undefined) return plain(found);
  if (typeof key === "string") {
    const method = boundMethod(value, key);
    if (method !== undefined) return method;
    if (value instanceof PyObject) {
      const inner = value.pyGet(key);
      if (inner !== undefined) return inner;
    }
  }
  return missing(value, key);
}

function missing(value: unknown, key: unknown): Undefined {
  const describe = (): string =>
    typeof key === "string"
      ? `'${objectTypeRepr(value)}' has no attribute ${pyRepr(key)}`
      : `${objectTypeRepr(value)} has no element ${pyRepr(key)}`;
  return new Undefined(key, undefined, describe, value);
}

/**
 * What a printed value becomes: iterators are lists, None is nothing, and an undefined value anywhere
 * in a list or dict fails here, though not in what an iterator gives (_ansible_finalize of ansible/template/__init__.py).
 */
export function finalize(run: Run, value: unknown): unknown {
  if (typeof value === "string" || typeof value === "number") return value;
  if (value === null) return run.mode === "native" ? null : "";
  failOnUndefined(value);
  return value instanceof PyIterator || value instanceof PyRange ? [...iterate(value)] : value;
}

function failOnUndefined(value: unknown): void {
  if (value instanceof Undefined) value.text();
  else if (Array.isArray(value))
    for (const inner of value) {
      if (typeof inner === "object") failOnUndefined(inner);
    }
  else if (value instanceof Map)
    for (const inner of value.values()) {
      if (typeof inner === "object") failOnUndefined(inner);
    }
}

/** Boxes printed text that stays text, should it be all that the template prints. */
export function keepText(run: Run, keeps: KeepsText, value: unknown): unknown {
  return keepIf(keepsText(run, keeps, value), value);
}

/** Whether text that would be read as a literal stays text. */
export function keepsText(run: Run, keeps: KeepsText, value: unknown): boolean {
  return typeof value === "string" && looksLiteral(run, value) && keeps(run, value);
}

/** Boxes printed text that is known to stay text. */
export function keepIf(isKept: boolean, value: unknown): unknown {
  return isKept && typeof value === "string" ? new UnsafeText(value) : value;
}

/** Whether all that was printed is one piece of text that stays text. */
export function isKeptPiece(pieces: readonly unknown[]): boolean {
  return pieces.length === 1 && pieces[0] instanceof UnsafeText;
}

/** What a macro printed; text that stays text is boxed for the one who prints the call. */
export function concatKept(run: Run, pieces: readonly unknown[]): unknown {
  return isKeptPiece(pieces) ? pieces[0] : concat(run, pieces);
}

/** The printed pieces as one result, in the way of this run: text, Ansible's guess, or native values. */
export function concat(run: Run, pieces: readonly unknown[]): unknown {
  const [only] = pieces;
  if (pieces.length === 1 && only instanceof UnsafeText) return only.text;
  switch (run.mode) {
    case "text":
      return printedText(pieces);
    case "eval":
      return pieces.length === 1 ? evalSingle(pieces[0]) : evalText(printedText(pieces));
    case "native":
      return pieces.length === 0
        ? null
        : pieces.length === 1
          ? nativeSingle(pieces[0])
          : nativeText(printedText(pieces));
    default:
      return run.mode satisfies never;
  }
}

/** What is printed as text: Ansible decodes bytes there (to_text). */
export function printedText(pieces: readonly unknown[]): string {
  let text = "";
  for (const piece of pieces) {
    if (typeof piece === "string") text += piece;
    else text += piece instanceof Uint8Array ? decodeText(piece, "utf-8") : pyStr(piece);
  }
  return text;
}

/** Text of all values, one behind the other: the operator `~`. */
export function joinText(pieces: readonly unknown[]): string {
  let text = "";
  for (const piece of pieces) text += typeof piece === "string" ? piece : pyStr(piece);
  return text;
}

/** Whether text may be read as a literal when it is the value of a template. */
export function looksLiteral(run: Run, text: string): boolean {
  if (run.mode === "native") return true;
  const first = text.charCodeAt(0);
  return first === 0x7b || first === 0x5b || text === "True" || text === "False";
}

/** Text that looks like a dict, a list or a bool becomes one (ansible_eval_concat of native_helpers.py). */
export function evalText(text: string): unknown {
  const first = text.charCodeAt(0);
  if (first !== 0x7b && first !== 0x5b && text !== "True" && text !== "False") return text;
  const parsed = parseLiteral(text, true);
  return parsed === undefined ? text : parsed;
}

/** The same for a single value, without the detour over text where the detour would lead back. */
export function evalSingle(value: unknown): unknown {
  if (typeof value === "string") return evalText(value);
  if (typeof value === "boolean") return value;
  if ((Array.isArray(value) || value instanceof Map) && survivesText(value)) return value;
  return evalText(printedText([value]));
}

/** Whether `literal_eval(repr(value))` gives the value again; a tuple at the top stays text. */
function survivesText(value: unknown): boolean {
  if (Array.isArray(value)) return typeName(value) === "list" && isPlainList(value);
  return value instanceof Map && isPlainDict(value);
}

function isLiteral(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
    case "number":
      return true;
    default:
      if (value === null) return true;
      if (Array.isArray(value)) return isPlainList(value);
      if (value instanceof Map) return isPlainDict(value);
      return false;
  }
}

// Over text, text that stays text becomes any text: then the very same container must not come back.
function isPlainList(list: readonly unknown[]): boolean {
  return !holdsKept(list) && list.every(isLiteral);
}

function isPlainDict(dict: Map<unknown, unknown>): boolean {
  if (dict.constructor !== Map || holdsKept(dict)) return false;
  for (const [key, value] of dict) if (!isLiteral(key) || !isLiteral(value)) return false;
  return true;
}

function nativeSingle(value: unknown): unknown {
  return typeof value === "string" ? nativeText(value) : value;
}

/** Text that reads as a Python literal becomes its value (ansible_native_concat of native_helpers.py). */
export function nativeText(text: string): unknown {
  const parsed = parseLiteral(text, false);
  if (parsed === undefined) return text;
  return typeof parsed === "string" ? `${text[0]}${parsed}${text[0]}` : parsed;
}

/** `item in container`; the undefined container fails. */
export function isIn(item: unknown, container: unknown): boolean {
  return contains(container, item);
}

export function isDefined(value: unknown): boolean {
  return !(value instanceof Undefined);
}

/** Calls a value. Throws TypeError when it cannot be called. */
export function call(
  run: Run,
  callee: unknown,
  args: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown> | undefined,
): unknown {
  return callFunction(run, callee, args, kwargs);
}

/** The same where the result is printed: what a macro gives may stay text. */
export function printedCall(
  run: Run,
  callee: unknown,
  args: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown> | undefined,
): unknown {
  return callKept(run, callee, args, kwargs);
}

export function makeDict(pairs: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>();
  for (const [key, value] of pairs) dictSet(dict, key, value);
  return dict;
}

export function makeSlice(start: unknown, stop: unknown, step: unknown): Slice {
  return new Slice(start, stop, step);
}

/** The pairs of `**value`. */
export function keywords(value: unknown): Iterable<[unknown, unknown]> {
  if (value instanceof Undefined) value.fail();
  if (!(value instanceof Map)) {
    throw typeError(`argument after ** must be a mapping, not ${typeName(value)}`);
  }
  return value;
}

export function noElse(line: number): Undefined {
  return new LenientUndefined(
    null,
    `the inline if-expression on line ${line} evaluated to false and no else section was defined.`,
  );
}

/** The items of a value that is assigned to that many names. Throws Python's errors for a mismatch. */
export function unpack(value: unknown, count: number): readonly unknown[] {
  if (
    !isIterable(value) &&
    !(value instanceof Undefined) &&
    !(value instanceof PyIterator) &&
    !(value instanceof PyObject)
  ) {
    throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  }
  const items = iterate(value);
  if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
  if (items.length < count) {
    throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  }
  return items;
}

export function setAttribute(target: unknown, name: string, value: unknown): void {
  if (!(target instanceof Namespace)) {
    throw new TemplateError("runtime", "cannot assign attribute on non-namespace object");
  }
  target.set(name, value);
}

export function loop(
  items: readonly unknown[],
  depth?: number,
  recurse?: (items: unknown, depth: number) => unknown,
): Loop {
  return new Loop(items, depth ?? 0, recurse);
}

interface Takes {
  readonly caller: boolean;
  readonly kwargs: boolean;
  readonly varargs: boolean;
}

/** A macro as a value. Its arguments are matched as Macro.__call__ of jinja2/runtime.py does. */
export function macro(
  run: Run,
  name: string,
  params: readonly string[],
  takes: Takes,
  body: (...args: readonly unknown[]) => unknown,
): PyFunction {
  const invoke = (_run: Run, positional: unknown, keywords: unknown): unknown => {
    const args = positional as readonly unknown[];
    const kwargs = new Map(keywords as ReadonlyMap<unknown, unknown>);
    const bound: unknown[] = args.slice(0, params.length);
    for (const param of params.slice(bound.length)) {
      bound.push(kwargs.get(param));
      kwargs.delete(param);
    }
    if (takes.caller) {
      bound.push(kwargs.get("caller") ?? new Undefined("caller", "No caller defined"));
      kwargs.delete("caller");
    }
    if (takes.kwargs) bound.push(kwargs);
    else if (kwargs.size > 0) {
      const [first] = kwargs.keys();
      throw typeError(
        kwargs.has("caller")
          ? `macro '${name}' was invoked with two values for the special caller argument. This is most likely a bug.`
          : `macro '${name}' takes no keyword argument ${pyRepr(first)}`,
      );
    }
    if (takes.varargs) bound.push(tupleOf(args.slice(params.length)));
    else if (args.length > params.length) {
      throw typeError(`macro '${name}' takes not more than ${params.length} argument(s)`);
    }
    return body(...bound);
  };
  void run;
  return new PyFunction(name, ["*args", "**kwargs"], invoke, "Macro");
}

/** A name that has no value yet where it is read: a macro's parameter in its own default. */
export function unset(name: string): Undefined {
  return new UnsetName(name);
}

export function missingParameter(name: string): Undefined {
  return new Undefined(name, `parameter '${name}' was not provided`);
}

export {
  add,
  bind,
  callBound,
  callMethod,
  divide,
  equals,
  floorDivide,
  greater,
  greaterOrEqual,
  iterate,
  less,
  lessOrEqual,
  lookupTerm,
  modulo,
  multiply,
  negate,
  positive,
  power,
  powerOfConstant,
  slice,
  subtract,
  truth,
  tupleOf as tuple,
};
