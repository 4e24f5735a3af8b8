import { type Dict, isDict, toFloat, type Value } from "../model/value.ts";
import type { CustomStats } from "../pool/messages.ts";

/**
 * Adds what a set_stats task gave: numbers, texts and lists are added up, mappings merged, what does not fit together is
 * left as it is (update_custom_stats of ansible/executor/stats.py).
 */
export function addCustomStats(
  all: Map<string, Dict>,
  hosts: readonly string[],
  { data, perHost, aggregate }: CustomStats,
): void {
  for (const owner of perHost ? hosts : [""]) {
    let known = all.get(owner);
    if (known === undefined) {
      known = new Map();
      all.set(owner, known);
    }
    for (const [key, value] of data) {
      const before = known.get(key);
      const sum = !aggregate || before === undefined ? value : sumOf(before, value);
      if (sum !== undefined) known.set(key, sum);
    }
  }
}

function sumOf(a: Value, b: Value): Value | undefined {
  if (isDict(a) && isDict(b)) return merged(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) + Number(b);
  if (typeof a === "number" && typeof b === "number") {
    const isFloat = [a, b].map((each) => !Number.isInteger(each));
    if (isFloat[0] !== isFloat[1]) return undefined;
    return isFloat[0] === true ? toFloat(a + b) : a + b;
  }
  return undefined;
}

function merged(a: Dict, b: Dict): Dict {
  const result: Dict = new Map(a);
  for (const [key, value] of b) {
    const before = result.get(key);
    result.set(key, isDict(before) && isDict(value) ? merged(before, value) : value);
  }
  return result;
}
