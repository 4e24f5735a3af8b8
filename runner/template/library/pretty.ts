import { PyTuple, UnsafeText } from "../../model/value.ts";
import { TemplateError } from "../error.ts";
import { order } from "../py-compare.ts";
import { pyRepr } from "../py-repr.ts";
import { length } from "../py-sequence.ts";
import { splitLines } from "../py-str-methods.ts";
import { NamedTuple, PySet, typeName } from "../py-types.ts";

const WIDTH = 80;

/** Where a value is written: the columns in front of it, those that must stay free behind it, and how deep it is. */
interface Place {
  readonly indent: number;
  readonly allowance: number;
  readonly depth: number;
}

/** Python's pprint.pformat: sorted keys, and one item per line where a line would get too long. */
export function prettyRepr(value: unknown): string {
  return format(value, { indent: 0, allowance: 0, depth: 0 });
}

function format(value: unknown, place: Place): string {
  const flat = sortedRepr(value);
  if (length(flat) <= WIDTH - place.indent - place.allowance) return flat;
  const inner = { ...place, depth: place.depth + 1 };
  // A named tuple is a class of its own, which pprint does not know how to break.
  if (value instanceof NamedTuple) return flat;
  if (typeof value === "string") return formatText(value, inner);
  if (value instanceof UnsafeText) return formatText(value.text, inner);
  if (value instanceof Map) return formatDict(value, inner);
  if (value instanceof PyTuple)
    return formatItems("(", value, value.length === 1 ? ",)" : ")", inner);
  if (Array.isArray(value)) return formatItems("[", value, "]", inner);
  if (value instanceof PySet)
    return formatItems("{", [...value.items].sort(orderSafely), "}", inner);
  return flat;
}

/** One line, with the keys of dicts in order. */
function sortedRepr(value: unknown): string {
  if (value instanceof NamedTuple) return pyRepr(value);
  if (value instanceof Map) {
    const parts = sortedPairs(value).map(
      ([key, inner]) => `${sortedRepr(key)}: ${sortedRepr(inner)}`,
    );
    return `{${parts.join(", ")}}`;
  }
  if (!Array.isArray(value)) return pyRepr(value);
  const text = value.map(sortedRepr).join(", ");
  if (!(value instanceof PyTuple)) return `[${text}]`;
  return value.length === 1 ? `(${text},)` : `(${text})`;
}

function formatDict(
  dict: ReadonlyMap<unknown, unknown>,
  { indent, allowance, depth }: Place,
): string {
  const lines = sortedPairs(dict).map(([key, inner], index) => {
    const name = `${sortedRepr(key)}: `;
    const isLast = index === dict.size - 1;
    return (
      name +
      format(inner, {
        indent: indent + 1 + length(name),
        allowance: isLast ? allowance + 1 : 1,
        depth,
      })
    );
  });
  return `{${lines.join(newLine(indent + 1))}}`;
}

function formatItems(
  open: string,
  items: readonly unknown[],
  close: string,
  { indent, allowance, depth }: Place,
): string {
  const lines = items.map((item, index) =>
    format(item, {
      indent: indent + 1,
      allowance: index === items.length - 1 ? allowance + close.length : 1,
      depth,
    }),
  );
  return open + lines.join(newLine(indent + 1)) + close;
}

function newLine(indent: number): string {
  return `,\n${" ".repeat(indent)}`;
}

/** Text as several literals, broken behind newlines and blanks; on its own it stands in parentheses. */
function formatText(text: string, place: Place): string {
  const isAlone = place.depth === 1;
  const indent = place.indent + (isAlone ? 1 : 0);
  const allowance = place.allowance + (isAlone ? 1 : 0);
  const room = WIDTH - indent;
  const lines = splitLines(text, true);
  const chunks = lines.flatMap((line, index) => {
    const isLast = index === lines.length - 1;
    const whole = pyRepr(line);
    return length(whole) <= (isLast ? room - allowance : room)
      ? [whole]
      : brokenLine(line, room, isLast ? room - allowance : room);
  });
  if (chunks.length === 1) return pyRepr(lines.at(-1));
  const joined = chunks.join(`\n${" ".repeat(indent)}`);
  return isAlone ? `(${joined})` : joined;
}

/** A line in pieces of whole words; the last word may have less room. */
function brokenLine(line: string, room: number, lastRoom: number): string[] {
  const words = line.match(/\S+\s*|\s+/g) ?? [];
  const chunks: string[] = [];
  let current = "";
  words.forEach((word, index) => {
    const candidate = current + word;
    if (length(pyRepr(candidate)) <= (index === words.length - 1 ? lastRoom : room)) {
      current = candidate;
      return;
    }
    if (current !== "") chunks.push(pyRepr(current));
    current = word;
  });
  if (current !== "") chunks.push(pyRepr(current));
  return chunks;
}

function sortedPairs(dict: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
  return [...dict].sort(([a], [b]) => orderSafely(a, b));
}

/** What cannot be compared stands in the order of its classes' names. */
function orderSafely(a: unknown, b: unknown): number {
  try {
    return order(a, b, "<");
  } catch (thrown) {
    if (!(thrown instanceof TemplateError) || thrown.kind !== "type") throw thrown;
    const [one, other] = [typeName(a), typeName(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  }
}
