import type { Statement } from "./ast.ts";
import { MISSING, type Run } from "./run.ts";
import { countNames, readNames, storedNames } from "./scopes.ts";

/*
 * PyYAML writes an object that it meets again as an alias. Ansible templates a variable anew whenever Jinja asks for it, so that two
 * variables never share a list or a dict there; here they do wherever nothing had to be templated. A template that writes YAML
 * is therefore given copies of its variables. What then is met twice is one object, unless Jinja would have asked again between.
 */

/**
 * The names for which Jinja asks again in every turn of a loop and every call of a macro, where what it got before may still be
 * there: in a list that the template appends to, or in a namespace.
 */
export function namesAskedAgain(body: readonly Statement[], mutates: boolean): ReadonlySet<string> {
  const names = new Set(countNames(body).keys());
  if (!mutates && !names.has("namespace")) return new Set();
  for (const known of [readNames(body), storedNames(body)])
    for (const name of known) names.delete(name);
  return names;
}

/** Which of these objects, each of which was met twice, are one object to Ansible as well. */
export function sharedObjects(run: Run, met: ReadonlySet<object>): ReadonlySet<object> {
  if (run.askedAgain === undefined) return new Set();
  const shared = new Set(met);
  const visit = (value: unknown): void => {
    if (!Array.isArray(value) && !(value instanceof Map && value.constructor === Map)) return;
    shared.delete(value);
    for (const inner of value.values()) visit(inner);
  };
  for (const name of run.askedAgain) visit(variable(run, name));
  return shared;
}

function variable({ scope }: Run, name: string): unknown {
  try {
    const value = scope.get(name);
    return value === MISSING ? undefined : value;
  } catch {
    // Whoever needs it has failed already.
    return undefined;
  }
}
