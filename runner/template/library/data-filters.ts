import { PyTuple } from "../../model/value.ts";
import { define } from "../define.ts";
import { filterError, LenientUndefined, TemplateError, typeError, Undefined } from "../error.ts";
import {
  assertHashable,
  contains,
  dictGet,
  dictSet,
  equals,
  looksHashable,
  truth,
} from "../py-compare.ts";
import { makeSet } from "../py-list-methods.ts";
import { add } from "../py-operators.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { hasKey, iterate, subscript } from "../py-sequence.ts";
import { type Callable, isSequence, PyRange, type PySet, tupleOf, typeName } from "../py-types.ts";
import { item as itemOf } from "../runtime.ts";
import { attributeGetter, sortKey } from "./attribute.ts";
import { int } from "./filters.ts";
import { mergeHash } from "./merge.ts";

/** Filters over lists and dicts (ansible/plugins/filter/core.py and mathstuff.py). */
export const DATA_FILTERS: Readonly<Record<string, Callable>> = {
  combine: define(
    "*terms recursive? list_merge? **kwargs",
    (_run, terms, recursive = false, listMerge = "replace", rest = new Map()) =>
      combine(
        terms as unknown[],
        truth(recursive),
        pyStr(listMerge),
        rest as ReadonlyMap<string, unknown>,
      ),
  ),
  dict2items: define("mydict key_name? value_name?", (_run, dict, key = "key", value = "value") =>
    dictToItems(dict, key, value),
  ),
  items2dict: define("mylist key_name? value_name?", (_run, list, key = "key", value = "value") =>
    itemsToDict(list, key, value),
  ),
  extract: define("item container morekeys?", (_run, item, container, more = null) =>
    extract(item, container, more),
  ),
  flatten: define("mylist levels? skip_nulls?", (_run, list, levels = null, skip = true) =>
    flatten(iterate(list), levels === null ? undefined : int(levels), truth(skip)),
  ),
  subelements: define("obj subelements skip_missing?", (_run, value, path, skip = false) =>
    subelements(value, path, truth(skip)),
  ),
  rekey_on_member: define("data key duplicates?", (_run, data, key, duplicates = "error") =>
    rekey(data, key, duplicates),
  ),
  unique: define("a case_sensitive? attribute?", (_run, a, sensitive = null, name = null) => {
    // Ansible's own filter, which takes over where Jinja's fails, knows neither of these options.
    const isLimited = sensitive === false || (name !== null && truth(name));
    try {
      const found = unique(a, sensitive === null ? null : truth(sensitive), name);
      const keyOf = name === null ? (item: unknown) => item : attributeGetter(name);
      if (isLimited) for (const item of found) assertHashable(keyOf(item));
      return found;
    } catch (thrown) {
      throw isLimited ? cannotFallBack(TemplateError.from(thrown)) : thrown;
    }
  }),
  intersect: define("a b", (_run, a, b) =>
    bothHashable(a, b)
      ? withSets(a, b, (left, right) => left.filter((item) => contains(right, item)))
      : unique(
          iterate(a).filter((item) => contains(b, item)),
          true,
          null,
        ),
  ),
  difference: define("a b", (_run, a, b) =>
    bothHashable(a, b)
      ? withSets(a, b, (left, right) => left.filter((item) => !contains(right, item)))
      : unique(
          iterate(a).filter((item) => !contains(b, item)),
          true,
          null,
        ),
  ),
  symmetric_difference: define("a b", (_run, a, b) => symmetricDifference(a, b)),
  union: define("a b", (_run, a, b) =>
    bothHashable(a, b)
      ? withSets(a, b, (left, right) => [...left, ...right])
      : unique(add(a, b), true, null),
  ),
  zip: define("*iterables", (_run, lists) => zip(lists as unknown[])),
  zip_longest: define("*iterables fillvalue?", (_run, lists, fill = null) =>
    zipLongest(lists as unknown[], fill),
  ),
  product: define("*iterables repeat?", (_run, lists, repeat = 1) =>
    product(lists as unknown[], int(repeat)),
  ),
  permutations: define("iterable r?", (_run, items, size = null) =>
    permutations(iterate(items), size === null ? undefined : int(size)),
  ),
  combinations: define("iterable r", (_run, items, size) =>
    combinations(iterate(items), int(size)),
  ),
  ternary: define("value true_val false_val none_val?", (_run, value, yes, no, none = null) =>
    value === null && none !== null ? none : truth(value) ? yes : no,
  ),
  bool: define("a", (_run, value) => toBool(value)),
  mandatory: define("a msg?", (_run, value, message = null) => mandatory(value, message)),
  type_debug: define("o", (_run, value) => typeName(value)),
};

function combine(
  terms: readonly unknown[],
  recursive: boolean,
  listMerge: string,
  rest: ReadonlyMap<string, unknown>,
): unknown {
  if (rest.size > 0)
    throw filterError("'recursive' and 'list_merge' are the only valid keyword arguments");
  const dicts = flatten(terms, 1, true);
  dicts.forEach(failIfUndefined);
  if (dicts.length === 0) return new Map();
  return dicts.reduceRight((high, low) => mergeHash(low, high, recursive, listMerge));
}

function failIfUndefined(value: unknown): void {
  if (value instanceof LenientUndefined) throw filterError(" is undefined");
  if (value instanceof Undefined) value.fail();
  if (value instanceof Map) for (const inner of value.values()) failIfUndefined(inner);
  // Nobody looks into tuples.
  else if (isSequence(value) && !(value instanceof PyTuple)) value.forEach(failIfUndefined);
}

function dictToItems(dict: unknown, key: unknown, value: unknown): unknown[] {
  if (!(dict instanceof Map))
    throw typeError(`dict2items requires a dictionary, got ${pyClass(dict)} instead.`);
  if (dict.size > 0) [key, value].forEach(assertHashable);
  return [...dict].map(
    ([name, inner]) =>
      new Map([
        [key, name],
        [value, inner],
      ]),
  );
}

function itemsToDict(list: unknown, key: unknown, value: unknown): unknown {
  if (list instanceof Undefined && !(list instanceof LenientUndefined)) list.fail();
  if (list instanceof PyRange) return itemsToDict(iterate(list), key, value);
  if (!isSequence(list))
    throw typeError(`items2dict requires a list, got ${pyClass(list)} instead.`);
  const dict = new Map<unknown, unknown>();
  for (const item of list) {
    if (item instanceof Undefined) item.fail();
    if (!(item instanceof Map))
      throw typeError(`items2dict requires a list of dictionaries, got ${pyRepr(list)} instead.`);
    if (!hasKey(item, key) || !hasKey(item, value)) {
      throw typeError(
        `items2dict requires each dictionary in the list to contain the keys '${pyStr(key)}' and '${pyStr(value)}', got ${pyRepr(list)} instead.`,
      );
    }
    dictSet(dict, dictGet(item, key), dictGet(item, value));
  }
  return dict;
}

function pyClass(value: unknown): string {
  const home =
    value instanceof LenientUndefined
      ? "jinja2.runtime."
      : value instanceof Undefined
        ? "ansible.template.native_helpers."
        : "";
  return `<class '${home}${typeName(value)}'>`;
}

function extract(item: unknown, container: unknown, more: unknown): unknown {
  const keys = more === null ? [item] : isSequence(more) ? [item, ...more] : [item, more];
  return keys.reduce((value, key) => itemOf(value, key), container);
}

/** Ansible's flatten: nulls go, and so do the texts "None" and "null". */
export function flatten(
  items: readonly unknown[],
  levels: number | undefined,
  skipNulls: boolean,
): unknown[] {
  const flat: unknown[] = [];
  for (const item of items) {
    if (skipNulls && (item === null || item === "None" || item === "null")) continue;
    const inner = item instanceof PyRange ? [...item] : item;
    if (!isSequence(inner)) {
      if (item instanceof Undefined && !(item instanceof LenientUndefined)) item.fail();
      flat.push(item);
    } else if (levels === undefined) flat.push(...flatten(inner, undefined, skipNulls));
    else if (levels >= 1) flat.push(...flatten(inner, levels - 1, skipNulls));
    else flat.push(item);
  }
  return flat;
}

function subelements(value: unknown, path: unknown, skipMissing: boolean): unknown[] {
  if (!(value instanceof Map) && typeName(value) !== "list") {
    throw filterError("obj must be a list of dicts or a nested dict");
  }
  const elements: readonly unknown[] =
    value instanceof Map ? [...value.values()] : (value as unknown[]);
  if (typeof path !== "string" && typeName(path) !== "list")
    throw typeError("subelements must be a list or a string");
  const keys: readonly unknown[] = typeof path === "string" ? path.split(".") : (path as unknown[]);
  return elements.flatMap((element) => {
    const values = subelement(element, keys, skipMissing);
    if (typeName(values) !== "list")
      throw typeError(
        `the key ${pyRepr(keys.at(-1))} should point to a list, got ${pyRepr(values)}`,
      );
    return (values as unknown[]).map((inner) => tupleOf([element, inner]));
  });
}

/** What stands at a path; an empty list where a key is missing that may be. */
function subelement(element: unknown, keys: readonly unknown[], skipMissing: boolean): unknown {
  let values = element;
  for (const key of keys) {
    if (values instanceof Undefined) return values;
    try {
      values = subscript(values, key);
    } catch (thrown) {
      const error = TemplateError.from(thrown);
      if (error.kind === "type")
        throw typeError(
          `the key ${pyStr(key)} should point to a dictionary, got '${pyStr(values)}'`,
        );
      if (error.kind !== "key") throw error;
      if (skipMissing) return [];
      throw filterError(`could not find ${pyRepr(key)} key in iterated item ${pyRepr(values)}`);
    }
  }
  return values;
}

function rekey(data: unknown, key: unknown, duplicates: unknown): unknown {
  if (duplicates !== "error" && duplicates !== "overwrite") {
    throw filterError(
      `duplicates parameter to rekey_on_member has unknown value: ${pyStr(duplicates)}`,
    );
  }
  truth(data);
  truth(key);
  if (!(data instanceof Map) && !isSequence(data))
    throw typeError("Type is not a valid list, set, or dict");
  const made = new Map<unknown, unknown>();
  for (const item of data.values()) {
    if (!(item instanceof Map)) throw typeError("List item is not a valid dict");
    const name = dictGet(item, key);
    if (name === undefined) throw filterError(`Key ${pyStr(key)} was not found`);
    if (dictGet(made, name) !== undefined && duplicates === "error") {
      throw filterError(`Key ${pyStr(name)} is not unique, cannot correctly turn into dict`);
    }
    dictSet(made, name, item);
  }
  return made;
}

function unique(value: unknown, sensitive: boolean | null, name: unknown): unknown[] {
  const get = name === null ? (item: unknown) => item : attributeGetter(name);
  const fold = sortKey(sensitive === true);
  const kept: unknown[] = [];
  const keys: unknown[] = [];
  const seen = new Set<string>();
  for (const item of iterate(value)) {
    const key = fold(get(item));
    if (typeof key === "string") {
      if (seen.has(key)) continue;
      seen.add(key);
    } else {
      if (key instanceof Undefined && !(key instanceof LenientUndefined)) key.fail();
      if (keys.some((other) => equals(other, key))) continue;
      keys.push(key);
    }
    kept.push(item);
  }
  return kept;
}

function cannotFallBack({ message }: TemplateError): TemplateError {
  return filterError(
    `Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not support the parameters supplied. ${message}`,
  );
}

function bothHashable(a: unknown, b: unknown): boolean {
  return looksHashable(a) && looksHashable(b);
}

/** Makes a set of the items of two, each of which has to be hashable. */
function withSets(
  a: unknown,
  b: unknown,
  join: (left: readonly unknown[], right: readonly unknown[]) => readonly unknown[],
): PySet {
  return makeSet(join(makeSet(iterate(a)).items, makeSet(iterate(b)).items));
}

function symmetricDifference(a: unknown, b: unknown): unknown {
  if (bothHashable(a, b)) {
    return withSets(a, b, (left, right) => [
      ...left.filter((item) => !contains(right, item)),
      ...right.filter((item) => !contains(left, item)),
    ]);
  }
  const common = unique(
    iterate(a).filter((item) => contains(b, item)),
    true,
    null,
  );
  return unique(add(a, b), true, null).filter((item) => !contains(common, item));
}

function zip(lists: readonly unknown[]): unknown[] {
  const columns = lists.map(iterate);
  const size = columns.length === 0 ? 0 : Math.min(...columns.map((column) => column.length));
  return Array.from({ length: size }, (_, row) => tupleOf(columns.map((column) => column[row])));
}

function zipLongest(lists: readonly unknown[], fill: unknown): unknown[] {
  const columns = lists.map(iterate);
  const size = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length: size }, (_, row) =>
    tupleOf(columns.map((column) => (row < column.length ? column[row] : fill))),
  );
}

const MOST_COMBINATIONS = 5_000_000;

function product(lists: readonly unknown[], repeat: number): unknown[] {
  const columns = Array.from({ length: repeat }, () => lists.map(iterate)).flat();
  if (columns.reduce((total, column) => total * column.length, 1) > MOST_COMBINATIONS)
    throw tooMany();
  let rows: unknown[][] = [[]];
  for (const column of columns) rows = rows.flatMap((row) => column.map((item) => [...row, item]));
  return rows.map((row) => tupleOf(row));
}

function permutations(items: readonly unknown[], size = items.length): unknown[] {
  const found: unknown[] = [];
  const used = items.map(() => false);
  const row: unknown[] = [];
  const visit = (): void => {
    if (row.length === size) {
      if (found.push(tupleOf(row)) > MOST_COMBINATIONS) throw tooMany();
      return;
    }
    items.forEach((item, index) => {
      if (used[index] === true) return;
      used[index] = true;
      row.push(item);
      visit();
      row.pop();
      used[index] = false;
    });
  };
  if (size <= items.length) visit();
  return found;
}

function combinations(items: readonly unknown[], size: number): unknown[] {
  const found: unknown[] = [];
  const row: unknown[] = [];
  const visit = (start: number): void => {
    if (row.length === size) {
      if (found.push(tupleOf(row)) > MOST_COMBINATIONS) throw tooMany();
      return;
    }
    for (let index = start; index < items.length; index++) {
      row.push(items[index]);
      visit(index + 1);
      row.pop();
    }
  };
  visit(0);
  return found;
}

function tooMany(): TemplateError {
  return new TemplateError(
    "limit",
    `more than ${MOST_COMBINATIONS} combinations would be made; use smaller lists`,
  );
}

function toBool(value: unknown): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (value instanceof Undefined) return value.equals(1);
  if (typeof value === "string") return /^(?:yes|on|1|true)$/i.test(value);
  return typeof value !== "object"
    ? equals(value, 1)
    : !looksHashable(value)
      ? false
      : equals(value, 1);
}

function mandatory(value: unknown, message: unknown): unknown {
  if (!(value instanceof Undefined)) return value;
  if (message !== null) throw filterError(pyStr(message));
  const name = value.name === null || value.name === undefined ? "" : `'${String(value.name)}' `;
  throw filterError(`Mandatory variable ${name} not defined.`);
}
