import { define } from "./define.ts";
import { TemplateError, typeError, valueError } from "./error.ts";
import { assertHashable, equals, includes, indexOf, order, truth } from "./py-compare.ts";
import { pyRepr } from "./py-repr.ts";
import { iterate } from "./py-sequence.ts";
import { type Callable, PyFunction, PySet, typeName } from "./py-types.ts";
import type { Run } from "./run.ts";

/** What tuples and ranges can do, and lists too. */
export const TUPLE_METHODS: ReadonlyMap<string, Callable> = new Map([
  [
    "count",
    define(
      "value",
      (_run, self, value) => iterate(self).filter((item) => equals(item, value)).length,
    ),
  ],
  [
    "index",
    define("value start? stop?", (_run, self, value, start = 0, stop = null) =>
      find(iterate(self), value, start, stop, typeName(self)),
    ),
  ],
]);

/** The methods of list. */
export const LIST_METHODS: ReadonlyMap<string, Callable> = new Map([
  ...TUPLE_METHODS,
  ["append", define("object", (_run, self, item) => nothing(list(self).push(item)))],
  ["extend", define("iterable", (_run, self, items) => extend(list(self), iterate(items)))],
  [
    "insert",
    define("index object", (_run, self, index, item) =>
      nothing(list(self).splice(intOf(index), 0, item)),
    ),
  ],
  ["remove", define("value", (_run, self, value) => remove(list(self), value))],
  ["pop", define("index?", (_run, self, index = -1) => pop(list(self), intOf(index)))],
  ["clear", define("", (_run, self) => nothing(list(self).splice(0)))],
  ["reverse", define("", (_run, self) => nothing(list(self).reverse()))],
  ["copy", define("", (_run, self) => [...list(self)])],
  [
    "sort",
    define("* key? reverse?", (run, self, _star, key = null, reverse = false) =>
      sort(run, list(self), key, truth(reverse)),
    ),
  ],
]);

/** The methods of set that answer something. */
export const SET_METHODS: ReadonlyMap<string, Callable> = new Map([
  ["union", define("*others", (_run, self, others) => makeSet([...set(self), ...flat(others)]))],
  [
    "intersection",
    define("*others", (_run, self, others) =>
      makeSet(
        set(self).filter((item) =>
          (others as unknown[]).every((other) => includes(iterate(other), item)),
        ),
      ),
    ),
  ],
  [
    "difference",
    define("*others", (_run, self, others) =>
      makeSet(set(self).filter((item) => !includes(flat(others), item))),
    ),
  ],
  [
    "issubset",
    define("other", (_run, self, other) =>
      set(self).every((item) => includes(iterate(other), item)),
    ),
  ],
  [
    "issuperset",
    define("other", (_run, self, other) =>
      iterate(other).every((item) => includes(set(self), item)),
    ),
  ],
  ["copy", define("", (_run, self) => new PySet([...set(self)]))],
  [
    "add",
    define("item", (_run, self, item) =>
      nothing(includes(set(self), item) ? 0 : set(self).push(item)),
    ),
  ],
]);

function list(value: unknown): unknown[] {
  return value as unknown[];
}

function set(value: unknown): unknown[] {
  return (value as PySet).items;
}

function flat(others: unknown): unknown[] {
  return (others as unknown[]).flatMap((other) => iterate(other));
}

/** A set of these items. Throws TypeError for items that cannot be in one. */
export function makeSet(items: readonly unknown[]): PySet {
  const distinct: unknown[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    if (typeof item === "string") {
      if (seen.has(item)) continue;
      seen.add(item);
    } else {
      assertHashable(item);
      if (includes(distinct, item)) continue;
    }
    distinct.push(item);
  }
  return new PySet(distinct);
}

function nothing(_done: unknown): null {
  return null;
}

function intOf(value: unknown): number {
  const index = indexOf(value);
  if (index === undefined)
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return index;
}

function extend(items: unknown[], more: readonly unknown[]): null {
  for (const item of [...more]) items.push(item);
  return null;
}

function find(
  items: readonly unknown[],
  value: unknown,
  start: unknown,
  stop: unknown,
  kind: string,
): number {
  const clamp = (index: number): number => (index < 0 ? Math.max(0, index + items.length) : index);
  const end = stop === null ? items.length : clamp(intOf(stop));
  for (let index = clamp(intOf(start)); index < Math.min(end, items.length); index++) {
    if (equals(items[index], value)) return index;
  }
  throw valueError(
    kind === "tuple" ? "tuple.index(x): x not in tuple" : `${pyRepr(value)} is not in list`,
  );
}

function remove(items: unknown[], value: unknown): null {
  const index = items.findIndex((item) => equals(item, value));
  if (index === -1) throw valueError("list.remove(x): x not in list");
  items.splice(index, 1);
  return null;
}

function pop(items: unknown[], index: number): unknown {
  if (items.length === 0) throw new TemplateError("index", "pop from empty list");
  const place = index < 0 ? index + items.length : index;
  if (place < 0 || place >= items.length)
    throw new TemplateError("index", "pop index out of range");
  return items.splice(place, 1)[0];
}

function sort(run: Run, items: unknown[], key: unknown, reverse: boolean): null {
  const keyOf =
    key instanceof PyFunction ? (item: unknown) => key.invoke(run, item) : (item: unknown) => item;
  const decorated = items.map((item) => ({ item, key: keyOf(item) }));
  if (reverse) decorated.reverse();
  decorated.sort((a, b) => order(a.key, b.key, "<"));
  if (reverse) decorated.reverse();
  items.splice(0, items.length, ...decorated.map(({ item }) => item));
  return null;
}
