import { bind } from "./bind.ts";
import { LenientUndefined, TemplateError, Undefined } from "./error.ts";
import { truth } from "./py-compare.ts";
import { pyStr } from "./py-repr.ts";
import { isSequence, PyRange } from "./py-types.ts";
import type { Run, Scope } from "./run.ts";

export interface LookupTools {
  renderText(source: string, scope: Scope): unknown;
}

/**
 * `lookup(...)` and `query(...)`: texts among the terms are templated, and a lookup's list becomes
 * one value unless a list is wanted (Templar._lookup of ansible/template/__init__.py).
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
  for (const own of ["wantlist", "errors", "allow_unsafe"]) kwargs.delete(own);
  const plugin = pyStr(name);
  if (run.engine.lookup(plugin) === undefined) throw notFound(plugin);
  let found: unknown[];
  try {
    found = lookupValues(plugin, terms, kwargs, run, run.engine);
  } catch (thrown) {
    const error = TemplateError.from(thrown);
    const tolerated = errors === "ignore" || errors === "warn";
    if (!tolerated || error.kind === "undefined" || error.kind === "options") throw error;
    return wantList ? [] : null;
  }
  if (wantList || found.length === 0) return found;
  if (found.every((item) => typeof item === "string")) return found.join(",");
  return found.length === 1 ? found[0] : found;
}

/**
 * The list that a lookup gives for a loop: what it throws is shown as it is (TaskExecutor._get_loop_items of
 * ansible/executor/task_executor.py).
 */
export function loopLookup(
  name: string,
  terms: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
  run: Run,
  tools: LookupTools,
): unknown[] {
  const plugin = run.engine.lookup(name);
  if (plugin === undefined) throw notFound(name);
  const rendered = terms.map((term) => renderTerm(term, run.scope, tools));
  const found = plugin.invoke(run, ...bind(name, plugin.params, [rendered], kwargs));
  return isSequence(found) ? found : [found];
}

/** The list that a lookup gives. Throws TemplateError (lookup) in Ansible's words. */
export function lookupValues(
  name: string,
  terms: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
  run: Run,
  tools: LookupTools,
): unknown[] {
  try {
    return loopLookup(name, terms, kwargs, run, tools);
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

function isLookupError(error: TemplateError): boolean {
  return error instanceof LookupFailure;
}

function notFound(name: string): TemplateError {
  return new LookupFailure("lookup", `lookup plugin (${name}) not found`);
}

function renderTerm(term: unknown, scope: Scope, tools: LookupTools): unknown {
  if (typeof term === "string") return term.includes("{") ? tools.renderText(term, scope) : term;
  if (term instanceof PyRange) return [...term];
  if (term instanceof Undefined && !(term instanceof LenientUndefined)) return term.fail();
  if (Array.isArray(term)) return term.map((item) => renderTerm(item, scope, tools));
  if (term instanceof Map) {
    return new Map([...term].map(([key, value]) => [key, renderTerm(value, scope, tools)]));
  }
  return term;
}
