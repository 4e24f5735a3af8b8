import { PyTuple } from "../model/value.ts";
import { copyMarks, isKept } from "./kept-text.ts";
import { tupleOf } from "./py-types.ts";

/** A copy that shares no list or dict with the original. */
export function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(deepCopy);
    const copy = value instanceof PyTuple ? tupleOf(items) : items;
    copyMarks(value, copy);
    return copy;
  }
  if (value instanceof Map) {
    if (value.constructor !== Map) return new CopyingDict(value);
    const copy = new Map<unknown, unknown>();
    for (const [key, inner] of value) copy.set(key, deepCopy(inner));
    copyMarks(value, copy);
    return copy;
  }
  return value;
}

/** A dict that makes its values when they are read (`hostvars`), as one that hands out copies. */
class CopyingDict extends Map<unknown, unknown> {
  readonly #dict: ReadonlyMap<unknown, unknown>;

  constructor(dict: ReadonlyMap<unknown, unknown>) {
    super();
    this.#dict = dict;
  }

  override get(key: unknown): unknown {
    return deepCopy(this.#dict.get(key));
  }

  override has(key: unknown): boolean {
    return this.#dict.has(key);
  }

  /** See isKept(). */
  keeps(key: unknown): boolean {
    return isKept(this.#dict, key);
  }

  override get size(): number {
    return this.#dict.size;
  }

  override keys(): MapIterator<unknown> {
    return this.#dict.keys();
  }

  override *values(): MapIterator<unknown> {
    for (const value of this.#dict.values()) yield deepCopy(value);
  }

  override *entries(): MapIterator<[unknown, unknown]> {
    for (const [key, value] of this.#dict.entries()) yield [key, deepCopy(value)];
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return this.entries();
  }

  override forEach(
    visit: (value: unknown, key: unknown, map: Map<unknown, unknown>) => void,
  ): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
