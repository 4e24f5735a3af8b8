import type { Origin } from "../model/origin.ts";
import type { Dict, Value } from "../model/value.ts";

/**
 * Where containers that came from YAML stand, and where their keys and items stand.
 *
 * Values stay plain Maps and Arrays; the places live beside them, keyed by identity, as offsets into
 * the text, and become line and column only when somebody asks.
 */
const marks = new WeakMap<object, Marks>();

/** Turns offsets of one file into lines and columns. */
export interface LineTable {
  readonly file: string;
  originAt(offset: number): Origin;
}

interface Marks {
  readonly table: LineTable;
  readonly at: number;
  readonly keys: ReadonlyMap<Value | number, number> | undefined;
  readonly values: ReadonlyMap<Value | number, number>;
}

/** Remembers the places of a container: its own offset, those of its keys (dicts) and of its values. */
export function markContainer(
  container: Dict | Value[],
  table: LineTable,
  at: number,
  values: ReadonlyMap<Value | number, number>,
  keys?: ReadonlyMap<Value | number, number>,
): void {
  marks.set(container, { table, at, keys, values });
}

/** The place of a container, or undefined when it did not come from YAML. */
export function originOf(container: unknown): Origin | undefined {
  const found =
    typeof container === "object" && container !== null ? marks.get(container) : undefined;
  return found?.table.originAt(found.at);
}

/** The place of a key of a dict; that of the dict when the key is not known. */
export function originOfKey(container: Dict, key: Value): Origin | undefined {
  const found = marks.get(container);
  return found?.table.originAt(found.keys?.get(key) ?? found.at);
}

/** The place of a value under a key, or of an item at an index; that of the container when unknown. */
export function originOfValue(container: Dict | Value[], key: Value): Origin | undefined {
  const found = marks.get(container);
  return found?.table.originAt(found.values.get(key) ?? found.at);
}

/** Line table of a text; line starts are found on first use. */
export function createLineTable(file: string, text: string): LineTable {
  let starts: number[] | undefined;
  return {
    file,
    originAt(offset) {
      starts ??= lineStarts(text);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
