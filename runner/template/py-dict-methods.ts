import { define } from "./define.ts";
import { TemplateError, typeError, Undefined, valueError } from "./error.ts";
import { dictGet, dictSet, findKey } from "./py-compare.ts";
import { pyRepr } from "./py-repr.ts";
import { isIterable, iterate } from "./py-sequence.ts";
import { type Callable, PyIterator, tupleOf } from "./py-types.ts";

/** The methods of dict. */
export const DICT_METHODS: ReadonlyMap<string, Callable> = new Map([
  [
    "get",
    define(
      "key default?",
      (_run, self, key, otherwise = null) => dictGet(dict(self), key) ?? otherwise,
    ),
  ],
  ["keys", define("", (_run, self) => new PyIterator([...dict(self).keys()], "dict_keys"))],
  ["values", define("", (_run, self) => new PyIterator([...dict(self).values()], "dict_values"))],
  [
    "items",
    define(
      "",
      (_run, self) =>
        new PyIterator(
          [...dict(self)].map((pair) => tupleOf(pair)),
          "dict_items",
        ),
    ),
  ],
  ["copy", define("", (_run, self) => new Map(dict(self)))],
  [
    "update",
    define("*others **kwargs", (_run, self, others, kwargs) =>
      update(dict(self), others as unknown[], kwargs as Map<unknown, unknown>),
    ),
  ],
  ["pop", define("key default?", (_run, self, key, otherwise) => pop(dict(self), key, otherwise))],
  ["popitem", define("", (_run, self) => popItem(dict(self)))],
  [
    "setdefault",
    define("key default?", (_run, self, key, otherwise = null) =>
      setDefault(dict(self), key, otherwise),
    ),
  ],
  [
    "clear",
    define("", (_run, self) => {
      dict(self).clear();
      return null;
    }),
  ],
  [
    "fromkeys",
    define("keys value?", (_run, _self, keys, value = null) => {
      const made = new Map<unknown, unknown>();
      for (const key of iterate(keys)) dictSet(made, key, value);
      return made;
    }),
  ],
]);

function dict(value: unknown): Map<unknown, unknown> {
  return value as Map<unknown, unknown>;
}

/** Adds pairs as Python's dict.update does, and as `dict(...)` starts. */
export function update(
  target: Map<unknown, unknown>,
  others: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown>,
): null {
  if (others.length > 1)
    throw typeError(`update expected at most 1 argument, got ${others.length}`);
  for (const other of others) {
    if (other instanceof Map) for (const [key, value] of other) dictSet(target, key, value);
    else {
      if (other instanceof Undefined) other.fail();
      iterate(other).forEach((pair, index) => {
        const items = pairOf(pair, index);
        dictSet(target, items[0], items[1]);
      });
    }
  }
  for (const [key, value] of kwargs) dictSet(target, key, value);
  return null;
}

function pairOf(pair: unknown, index: number): readonly unknown[] {
  if (pair instanceof Undefined) pair.fail();
  if (!isIterable(pair)) {
    throw typeError(`cannot convert dictionary update sequence element #${index} to a sequence`);
  }
  const items = iterate(pair);
  if (items.length !== 2) {
    throw valueError(
      `dictionary update sequence element #${index} has length ${items.length}; 2 is required`,
    );
  }
  return items;
}

function pop(target: Map<unknown, unknown>, key: unknown, otherwise: unknown): unknown {
  const found = target.has(key) ? key : findKey(target, key);
  if (found === undefined) {
    if (otherwise !== undefined) return otherwise;
    throw new TemplateError("key", pyRepr(key));
  }
  const value = target.get(found);
  target.delete(found);
  return value;
}

function popItem(target: Map<unknown, unknown>): unknown {
  const last = [...target].at(-1);
  if (last === undefined) throw new TemplateError("key", "'popitem(): dictionary is empty'");
  target.delete(last[0]);
  return tupleOf(last);
}

function setDefault(target: Map<unknown, unknown>, key: unknown, otherwise: unknown): unknown {
  const found = dictGet(target, key);
  if (found !== undefined) return found;
  dictSet(target, key, otherwise);
  return otherwise;
}
