import { PyTuple } from "../model/value.ts";
import { bind } from "./bind.ts";
import { deepCopy } from "./deep-copy.ts";
import { LenientUndefined, TemplateError, Undefined } from "./error.ts";
import { assertHashable, truth } from "./py-compare.ts";
import { pyStr } from "./py-repr.ts";
import { isSequence, PyIterator, PyRange, PySet, tupleOf } from "./py-types.ts";
import type { Run } from "./run.ts";
import { touchUnsafe } from "./unsafe.ts";

/**
 * `lookup(...)` and `query(...)`: a lookup's list becomes one value unless a list is wanted
 * (Templar._lookup of ansible/template/__init__.py).
 */
export function callLookup(
  run: Run,
  name: unknown,
  terms: readonly unknown[],
  keywords: ReadonlyMap<unknown, unknown>,
  forceList: boolean,
): unknown {
  const kwargs = new Map(keywords as ReadonlyMap<string, unknown>);
  const wantList = forceList || truth(kwargs.get("wantlist") ?? false);
  const errors = kwargs.get("errors") ?? "strict";
  const isUnsafe = !truth(kwargs.get("allow_unsafe") ?? false);
  for (const own of ["wantlist", "errors", "allow_unsafe"]) kwargs.delete(own);
  const plugin = pyStr(name);
  if (run.engine.lookup(plugin) === undefined) throw notFound(plugin);
  let found: unknown[];
  try {
    found = lookupValues(plugin, terms, kwargs, run);
    // What a lookup gives shares nothing with its terms: Ansible wraps it anew (wrap_var of ansible/utils/unsafe_proxy.py).
    if (run.askedAgain !== undefined) found = deepCopy(found) as unknown[];
  } catch (thrown) {
    const error = TemplateError.from(thrown);
    const tolerated = errors === "ignore" || errors === "warn";
    if (!tolerated || error.kind === "undefined" || error.kind === "options") throw error;
    return wantList ? [] : null;
  }
  if (found.length > 0 && isUnsafe) {
    touchUnsafe();
    found = withSets(found) as unknown[];
  }
  if (wantList || found.length === 0) return found;
  if (found.every((item) => typeof item === "string")) return found.join(",");
  return found.length === 1 ? found[0] : found;
}

/** The list that a lookup gives. Throws TemplateError (lookup) in Ansible's words. */
function lookupValues(
  name: string,
  terms: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
  run: Run,
): unknown[] {
  try {
    return plainLookup(name, terms.map(withLists), kwargs, run);
  } catch (thrown) {
    const error = TemplateError.from(thrown);
    if (
      error.kind === "undefined" ||
      error.kind === "options" ||
      error.message.startsWith(UNHANDLED) ||
      isLookupError(error)
    )
      throw error;
    const known = PYTHON_CLASSES[error.kind] ?? "ansible.errors.AnsibleError";
    const className = error.python?.className ?? `<class '${known}'>`;
    throw new TemplateError(
      "lookup",
      `${UNHANDLED} '${name}'. Error was a ${className}, original message: ${error.message}. ${error.message}`,
      { cause: error },
    );
  }
}

/** Tuples and ranges become lists on their way into a lookup (listify_lookup_plugin_terms of ansible/utils/listify.py). */
function withLists(term: unknown): unknown {
  if (term instanceof PyRange) return [...term];
  if (term instanceof Undefined && !(term instanceof LenientUndefined)) return term.fail();
  if (Array.isArray(term)) return Array.from(term, withLists);
  if (term instanceof Map) return new Map([...term].map(([key, value]) => [key, withLists(value)]));
  return term;
}

/** Views of a dict become sets when what they hold is marked (wrap_var of ansible/utils/unsafe_proxy.py). */
function withSets(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withSets);
    if (items.every((item, index) => item === value[index])) return value;
    return value instanceof PyTuple ? tupleOf(items) : items;
  }
  if (!(value instanceof PyIterator) || !/^dict_(keys|items)$/.test(value.pyType)) return value;
  for (const item of value.items) assertHashable(item);
  return new PySet(value.items);
}

/** The list that a lookup gives to a loop, whose errors are shown as they are. Throws TemplateError (lookup). */
export function plainLookup(
  name: string,
  terms: readonly unknown[] | ReadonlyMap<unknown, unknown>,
  kwargs: ReadonlyMap<string, unknown>,
  run: Run,
): unknown[] {
  const plugin = run.engine.lookup(name);
  if (plugin === undefined) throw notFound(name);
  const found = plugin.invoke(run, ...bind(name, plugin.params, [terms], kwargs));
  return isSequence(found) ? found : [found];
}

/**
 * A term that the author of the template wrote, with the templates among its texts rendered. Terms that are mere values are
 * never rendered again: they may have come from a target.
 */
export function lookupTerm(run: Run, term: unknown): unknown {
  if (typeof term === "string")
    return term.includes("{") ? run.engine.renderText(term, run.scope) : term;
  if (Array.isArray(term)) return term.map((item) => lookupTerm(run, item));
  if (term instanceof Map)
    return new Map([...term].map(([key, value]) => [key, lookupTerm(run, value)]));
  return term;
}

const UNHANDLED = "An unhandled exception occurred while running the lookup plugin";
const PYTHON_CLASSES: Readonly<Record<string, string>> = {
  type: "TypeError",
  value: "ValueError",
  key: "KeyError",
  index: "IndexError",
  attribute: "AttributeError",
  overflow: "OverflowError",
  "zero-division": "ZeroDivisionError",
};

/** AnsibleLookupError passes as it is; AnsibleError is wrapped. */
class LookupFailure extends TemplateError {
  readonly isPlain = true;
}

/** An error that is shown without the frame of an unhandled exception. */
export function lookupError(message: string): TemplateError {
  return new LookupFailure("lookup", message);
}

/** An error that Ansible wraps as unhandled: its lookups raise plain AnsibleErrors for it. */
export function ansibleError(message: string): TemplateError {
  return new TemplateError("lookup", message);
}

/** AnsibleOptionsError, which passes as it is and cannot be ignored. */
export function optionsError(message: string): TemplateError {
  return new TemplateError("options", message);
}

function isLookupError(error: TemplateError): boolean {
  return error instanceof LookupFailure;
}

function notFound(name: string): TemplateError {
  return new LookupFailure("lookup", `lookup plugin (${name}) not found`);
}
