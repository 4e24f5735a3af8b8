import type { Callable } from "../py-types.ts";

/**
 * A lookup as Ansible calls it: its keywords are options, whose text loses the quotes around it, and those that it does not know
 * are not looked at (set_options of ansible/plugins/__init__.py, ensure_type of ansible/config/manager.py).
 */
export function withOptions({ params, invoke }: Callable): Callable {
  const takesAll = params.at(-1)?.startsWith("**") === true;
  return {
    params: takesAll ? params : [...params, "**others"],
    invoke: takesAll
      ? (run, terms, others) => invoke(run, terms, namedOptions(others))
      : (run, terms, ...options) => invoke(run, terms, ...options.map(optionValue)),
  };
}

function namedOptions(given: unknown): Map<unknown, unknown> {
  const options = given as ReadonlyMap<unknown, unknown>;
  return new Map([...options].map(([name, value]) => [name, optionValue(value)]));
}

function optionValue(given: unknown): unknown {
  return typeof given === "string" && QUOTED.test(given) ? given.slice(1, -1) : given;
}

/** Quotes around a text, of which the last is not escaped (is_quoted of ansible/parsing/quoting.py). */
const QUOTED = /^(["'])(?:.*[^\\])?\1$/s;
