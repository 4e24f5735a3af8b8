import type { Value } from "../model/value.ts";

/** A dict whose values are made when they are read: `hostvars`, `vars`. */
export class LazyDict extends Map<Value, Value> {
  readonly #keeps: (name: string) => boolean;
  readonly #names: () => Iterable<string>;
  readonly #read: (name: string) => Value | undefined;

  constructor(
    names: () => Iterable<string>,
    read: (name: string) => Value | undefined,
    keeps: (name: string) => boolean = () => false,
  ) {
    super();
    this.#keeps = keeps;
    this.#names = names;
    this.#read = read;
  }

  override get(key: Value): Value | undefined {
    return typeof key === "string" ? this.#read(key) : undefined;
  }

  override has(key: Value): boolean {
    if (typeof key !== "string") return false;
    const names = this.#names();
    if (names instanceof Set) return names.has(key);
    for (const name of names) if (name === key) return true;
    return false;
  }

  /** Whether a variable is text that stays text although it reads as a literal. */
  keeps(key: unknown): boolean {
    return typeof key === "string" && this.#keeps(key);
  }

  override get size(): number {
    const names = this.#names();
    if (names instanceof Set) return names.size;
    let count = 0;
    for (const _ of names) count++;
    return count;
  }

  override *keys(): MapIterator<Value> {
    yield* this.#names();
  }

  override *values(): MapIterator<Value> {
    for (const name of this.#names()) yield this.#read(name) as Value;
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#names()) yield [name, this.#read(name) as Value];
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }

  override forEach(visit: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
