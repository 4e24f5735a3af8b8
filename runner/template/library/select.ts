import { bind } from "../bind.ts";
import { filterError, unknownPlugin } from "../error.ts";
import { truth } from "../py-compare.ts";
import { pyStr } from "../py-repr.ts";
import { iterate } from "../py-sequence.ts";
import type { Callable } from "../py-types.ts";
import type { Run } from "../run.ts";
import { attributeGetter } from "./attribute.ts";

type Keywords = ReadonlyMap<string, unknown>;

/** The `map` filter: by attribute, or by the name of another filter (prepare_map of jinja2/filters.py). */
export function mapItems(
  run: Run,
  value: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown[] {
  const items = iterateUnlessNothing(value);
  if (args.length === 0 && kwargs.has("attribute")) {
    const rest = [...kwargs.keys()].filter((key) => key !== "attribute" && key !== "default");
    if (rest[0] !== undefined) throw filterError(`Unexpected keyword argument '${rest[0]}'`);
    return items.map(attributeGetter(kwargs.get("attribute"), kwargs.get("default")));
  }
  const [name, ...rest] = args;
  if (name === undefined) throw filterError("map requires a filter argument");
  const call = named(run, "filter", name, rest, kwargs);
  return items.map(call);
}

/** select, reject and their attr forms. */
export function selectItems(
  run: Run,
  value: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
  how: { readonly attribute: boolean; readonly keep: boolean },
): unknown[] {
  const items = iterateUnlessNothing(value);
  let rest = args;
  let reach = (item: unknown): unknown => item;
  if (how.attribute) {
    const [path, ...others] = args;
    if (path === undefined) throw filterError("Missing parameter for attribute name");
    reach = attributeGetter(path);
    rest = others;
  }
  const [name, ...more] = rest;
  const test =
    name === undefined ? (item: unknown) => item : named(run, "test", name, more, kwargs);
  return items.filter((item) => truth(test(reach(item))) === how.keep);
}

// Jinja asks `if seq:` first, so that None and other empty things give nothing.
function iterateUnlessNothing(value: unknown): readonly unknown[] {
  return truth(value) ? iterate(value) : [];
}

function named(
  run: Run,
  kind: "filter" | "test",
  name: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): (item: unknown) => unknown {
  const word = pyStr(name);
  const callable: Callable | undefined =
    kind === "filter" ? run.engine.filter(word) : run.engine.test(word);
  if (callable === undefined) throw unknownPlugin(word, "plugin");
  if (callable.params[0]?.startsWith("*") === true) {
    return (item) => callable.invoke(run, ...bind(word, callable.params, [item, ...args], kwargs));
  }
  // The arguments are the same for all items: matched once.
  const [, ...rest] = bind(word, callable.params, [null, ...args], kwargs);
  return (item) => callable.invoke(run, item, ...rest);
}
