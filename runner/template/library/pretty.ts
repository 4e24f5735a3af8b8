import { PyTuple } from "../../model/value.ts";
import { order } from "../py-compare.ts";
import { pyRepr } from "../py-repr.ts";
import { tupleOf } from "../py-types.ts";

const WIDTH = 80;

/** Python's pprint.pformat: sorted keys, and one item per line where a line would get too long. */
export function prettyRepr(value: unknown, indent = 0): string {
  const flat = pyRepr(sorted(value));
  if (flat.length <= WIDTH - indent) return flat;
  if (value instanceof Map) {
    const lines = sortedPairs(value).map(([key, inner]) => {
      const name = `${pyRepr(key)}: `;
      return name + prettyRepr(inner, indent + 1 + name.length);
    });
    return `{${lines.join(`,\n${" ".repeat(indent + 1)}`)}}`;
  }
  if (!Array.isArray(value)) return flat;
  const [open, close] = value instanceof PyTuple ? ["(", ")"] : ["[", "]"];
  return (
    open +
    value.map((item) => prettyRepr(item, indent + 1)).join(`,\n${" ".repeat(indent + 1)}`) +
    close
  );
}

function sorted(value: unknown): unknown {
  if (value instanceof Map)
    return new Map(sortedPairs(value).map(([key, inner]) => [key, sorted(inner)]));
  if (value instanceof PyTuple) return tupleOf(value.map(sorted));
  return Array.isArray(value) ? value.map(sorted) : value;
}

function sortedPairs(dict: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
  try {
    return [...dict].sort(([a], [b]) => order(a, b, "<"));
  } catch {
    return [...dict];
  }
}
