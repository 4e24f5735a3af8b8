import { UnsafeText, type Value } from "../model/value.ts";

/*
 * Text that a filter such as to_json made stays text when it is printed again (NativeJinjaText in
 * ansible/template/native_helpers.py). Ansible gives such text a class of its own. Here it is a plain
 * string, so that nobody needs to know of it, and its container remembers under which key it stands.
 * Only text that would otherwise be read as a literal is remembered.
 */
const marks = new WeakMap<object, Set<unknown>>();
let isAnyMarked = false;

/** Remembers that the text under this key (of a dict) or index (of a list) stays text. */
export function markKept(container: object, key: unknown): void {
  isAnyMarked = true;
  const keys = marks.get(container);
  if (keys === undefined) marks.set(container, new Set([key]));
  else keys.add(key);
}

/** Whether the text in a container, under this key or index, stays text. */
export function isKept(container: unknown, key: unknown): boolean {
  if (container === null || typeof container !== "object") return false;
  if (marks.get(container)?.has(key) === true) return true;
  if (!(container instanceof Map)) return false;
  // The variables of a host, each rendered when it is read, know themselves.
  const lazy = container as Map<unknown, unknown> & { keeps?(key: unknown): boolean };
  return lazy.keeps === undefined ? container.get(key) instanceof UnsafeText : lazy.keeps(key);
}

/** Whether a container holds, itself, text that stays text. */
export function holdsKept(container: object): boolean {
  return isAnyMarked && marks.has(container);
}

/** Gives a changed copy of a container the marks of its source. */
export function copyMarks(from: object, to: object): void {
  const keys = isAnyMarked ? marks.get(from) : undefined;
  if (keys !== undefined) for (const key of keys) markKept(to, key);
}

/**
 * Marks, in what a lookup made of its terms, the texts that stay text among the terms. Lookups put
 * their terms into lists and dicts of their own, so that the text itself is what is recognised.
 */
export function carryMarks(terms: readonly unknown[], found: readonly unknown[]): void {
  if (!isAnyMarked) return;
  const texts = new Set<string>();
  const visit = (value: unknown, see: (container: object, key: unknown, text: string) => void) => {
    if (!Array.isArray(value) && !(value instanceof Map)) return;
    for (const [key, item] of value.entries() as Iterable<[unknown, unknown]>) {
      if (typeof item === "string") see(value, key, item);
      else visit(item, see);
    }
  };
  visit(terms, (container, key, text) => {
    if (isKept(container, key)) texts.add(text);
  });
  if (texts.size === 0) return;
  visit(found, (container, key, text) => {
    if (texts.has(text)) markKept(container, key);
  });
}

/** A value without the box around text that stays text. */
export function unboxed(value: Value): Value {
  return value instanceof UnsafeText ? value.text : value;
}
