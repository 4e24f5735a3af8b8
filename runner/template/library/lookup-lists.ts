import { define } from "../define.ts";
import { Undefined } from "../error.ts";
import { ansibleError } from "../lookup-call.ts";
import { dictGet, truth } from "../py-compare.ts";
import { percentFormat } from "../py-format.ts";
import { pyStr } from "../py-repr.ts";
import { iterate } from "../py-sequence.ts";
import { trimSpace } from "../py-space.ts";
import { strip } from "../py-str-methods.ts";
import { type Callable, isSequence, PyIterator, tupleOf } from "../py-types.ts";
import type { Run } from "../run.ts";
import { parseKeyValues } from "./key-values.ts";

/** Lookups that make lists of lists. */
export const LIST_LOOKUPS: Readonly<Record<string, Callable>> = {
  items: define("terms", (_run, terms) => flattenOnce(terms as Iterable<unknown>)),
  list: define("terms", (_run, terms) => listed("list", terms)),
  flattened: define("terms", (_run, terms) => flattenedTerms(terms as unknown[])),
  "community.general.flattened": define("terms", (_run, terms) =>
    flattenedTerms(terms as unknown[]),
  ),
  indexed_items: define("terms", (_run, terms) =>
    flattenOnce(listed("indexed_items", terms)).map((item, index) => tupleOf([index, item])),
  ),
  nested: define("terms", (_run, terms) => nested(terms as unknown[])),
  cartesian: define("terms", (_run, terms) => nested(terms as unknown[])),
  "community.general.cartesian": define("terms", (_run, terms) => nested(terms as unknown[])),
  together: define("terms", (_run, terms) => together(terms as unknown[])),
  dict: define("terms", (_run, terms) => (isSequence(terms) ? terms : [terms]).flatMap(dictItems)),
  subelements: define("terms", (run, terms) => subelements(run, terms as unknown[])),
  random_choice: define("terms", (run, terms) => randomChoice(run, terms as unknown[])),
  sequence: define("terms **kwargs", (_run, terms) => sequence(terms as unknown[])),
};

/** A dict as the terms of a loop is a dict here. */
function listed(name: string, terms: unknown): readonly unknown[] {
  if (isSequence(terms)) return terms;
  throw ansibleError(`with_${name} expects a list`);
}

/** LookupBase._flatten: one level of lists and tuples goes. */
function flattenOnce(terms: Iterable<unknown>): unknown[] {
  return [...(terms instanceof Map ? terms.keys() : terms)].flatMap((term) =>
    isSequence(term) ? [...term] : [term],
  );
}

function asList(term: unknown): unknown[] {
  if (term instanceof Undefined) return term.items();
  if (term instanceof Map) return [...term.keys()];
  if (term instanceof PyIterator) return term.items;
  return isSequence(term) ? term : [typeof term === "string" ? trimSpace(term) : term];
}

/** The plugin stops at the text None, unpacks lists of one, and strips every text. */
function flattenedTerms(terms: readonly unknown[]): unknown[] {
  const found: unknown[] = [];
  for (const given of terms) {
    const term = soleItem(given);
    if (term === "None" || term === "null") break;
    const stripped = typeof term === "string" ? strip(term, null, true, true) : term;
    if (isSequence(stripped)) found.push(...flattenedTerms(stripped));
    else if (typeof term === "string" && stripped !== term)
      found.push(...flattenedTerms([stripped]));
    else found.push(stripped);
  }
  return found;
}

function soleItem(term: unknown): unknown {
  let sole = term;
  while (isSequence(sole) && sole.length === 1) sole = sole[0];
  return sole;
}

function nested(terms: readonly unknown[]): unknown[] {
  if (terms.length === 0)
    throw ansibleError("with_nested requires at least one element in the nested list");
  const [first = [], ...others] = terms.map((term) => asList(term));
  let rows: readonly unknown[] = first;
  for (const column of others)
    rows = rows.flatMap((row) => column.map((item) => flattenOnce([row, item])));
  return rows.map((row) => flattenOnce(iterate(row)));
}

function together(terms: readonly unknown[]): unknown[] {
  if (terms.length === 0)
    throw ansibleError("with_together requires at least one element in each list");
  const columns = terms.map((term) => asList(term));
  const size = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: size }, (_, row) =>
    flattenOnce(columns.map((column) => (row < column.length ? column[row] : null))),
  );
}

function dictItems(term: unknown): unknown[] {
  if (term instanceof Undefined) term.items();
  if (!(term instanceof Map)) throw ansibleError("with_dict expects a dict");
  return [...term].map(
    ([key, value]) =>
      new Map([
        ["key", key],
        ["value", value],
      ]),
  );
}

function randomChoice(run: Run, terms: readonly unknown[]): unknown[] {
  return terms.length === 0 ? [] : [terms[Math.floor(run.engine.outside.random() * terms.length)]];
}

function subelements(_run: Run, terms: readonly unknown[]): unknown[] {
  const complain = (message = ""): Error =>
    ansibleError(`subelements lookup expects a list of two or three items, ${message}`);
  if (terms.length < 2 || terms.length > 3) throw complain();
  const [given, path, flags] = terms;
  const first = isSequence(given) || given instanceof Map ? given : [given];
  if (typeof path !== "string") {
    throw complain("first a dict or a list, second a string pointing to the subkey");
  }
  if (flags !== undefined && !(flags instanceof Map)) {
    throw complain("the optional third item must be a dict with flags ('skip_missing',)");
  }
  const isSkipped = (value: ReadonlyMap<unknown, unknown>): boolean =>
    (dictGet(value, "skipped") ?? false) !== false;
  if (first instanceof Map && isSkipped(first)) return [];
  const skipMissing = flags instanceof Map && truth(dictGet(flags, "skip_missing") ?? false);
  const found: unknown[] = [];
  for (const item of first instanceof Map ? first.values() : first) {
    if (!(item instanceof Map))
      throw ansibleError(`subelements lookup expects a dictionary, got '${pyStr(item)}'`);
    if (isSkipped(item)) continue;
    const { rest, list } = takeList(item, path.split("."), skipMissing);
    for (const inner of list) found.push(tupleOf([rest, inner]));
  }
  return found;
}

/** The list at a path, and the item without it, as Ansible hands them on. */
function takeList(
  item: ReadonlyMap<unknown, unknown>,
  path: readonly string[],
  skipMissing: boolean,
): { rest: unknown; list: readonly unknown[] } {
  const [key = "", ...more] = path;
  const value = dictGet(item, key);
  if (value === undefined) {
    if (skipMissing) return { rest: item, list: [] };
    throw ansibleError(`could not find '${key}' key in iterated item '${pyStr(item)}'`);
  }
  if (more.length > 0) {
    if (!(value instanceof Map)) {
      if (skipMissing) return { rest: item, list: [] };
      throw ansibleError(`the key ${key} should point to a dictionary, got '${pyStr(value)}'`);
    }
    const inner = takeList(value, more, skipMissing);
    return {
      rest: new Map([...item].map(([name, own]) => [name, name === key ? inner.rest : own])),
      list: inner.list,
    };
  }
  if (!isSequence(value))
    throw ansibleError(`the key ${key} should point to a list, got '${pyStr(value)}'`);
  return { rest: new Map([...item].filter(([name]) => name !== key)), list: value };
}

const NUMBER = "(0?x?[0-9a-f]+)";
const SHORTCUT = new RegExp(`^(${NUMBER}-)?${NUMBER}(/${NUMBER})?(:(.+))?$`, "i");

// Keywords beside the terms say nothing: only the terms are read.
function sequence(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => {
    const text = pyStr(term);
    const short = SHORTCUT.exec(text);
    if (short !== null) {
      const [, , start, end, , stride, , format] = short;
      const options = new Map<string, unknown>(
        Object.entries({ start, end, stride, format }).filter(([, value]) => value !== undefined),
      );
      return sequenceOf(options);
    }
    const { options, rest } = parseKeyValues(text);
    if (rest !== "") throw ansibleError(`unrecognized arguments to with_sequence: ['${rest}']`);
    return sequenceOf(options);
  });
}

function sequenceOf(options: ReadonlyMap<string, unknown>): string[] {
  const number = (name: string): number | undefined => {
    const value = options.get(name);
    if (value === undefined) return undefined;
    const text = pyStr(value);
    const parsed = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    if (!Number.isInteger(parsed)) throw ansibleError(`can't parse ${name}=${text} as integer`);
    return parsed;
  };
  const unknown = [...options.keys()].filter(
    (name) => !["start", "end", "count", "stride", "format"].includes(name),
  );
  if (unknown.length > 0)
    throw ansibleError(
      `unrecognized arguments to with_sequence: [${unknown.map((name) => `'${name}'`).join(", ")}]`,
    );
  const [start = 1, count, end] = [number("start"), number("count"), number("end")];
  let stride = number("stride") ?? 1;
  if (count === undefined && end === undefined)
    throw ansibleError("must specify count or end in with_sequence");
  if (count !== undefined && end !== undefined)
    throw ansibleError("can't specify both count and end in with_sequence");
  let last = end ?? 0;
  if (count !== undefined) {
    if (count === 0) return [];
    last = start + count * stride - 1;
  }
  if (stride > 0 && last < start) throw ansibleError("to count backwards make stride negative");
  if (stride < 0 && last > start) throw ansibleError("to count forward don't make stride negative");
  const format = options.has("format") ? pyStr(options.get("format")) : "%d";
  if (format.split("%").length !== 2) throw ansibleError(`bad formatting string: ${format}`);
  if (stride === 0) return [];
  const found: string[] = [];
  stride = Math.trunc(stride);
  for (let value = start; stride > 0 ? value <= last : value >= last; value += stride)
    found.push(percentFormat(format, value));
  return found;
}
