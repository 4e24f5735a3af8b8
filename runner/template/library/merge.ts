import { PyTuple } from "../../model/value.ts";
import { filterError } from "../error.ts";
import { contains, dictGet, dictSet, equals } from "../py-compare.ts";
import { pyStr } from "../py-repr.ts";
import { typeName } from "../py-types.ts";
import { dumpJson } from "./json.ts";

const LIST_MERGES = ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp"];

/** Two dicts as one, the second winning: merge_hash of ansible/utils/vars.py. Throws TemplateError (filter). */
export function mergeHash(
  low: unknown,
  high: unknown,
  recursive: boolean,
  listMerge: string,
): unknown {
  if (!LIST_MERGES.includes(listMerge)) {
    throw filterError(
      `merge_hash: 'list_merge' argument can only be equal to ${LIST_MERGES.map(
        (name) => `'${name}'`,
      )
        .join(", ")
        .replace(/, ('prepend_rp')$/, " or $1")}`,
    );
  }
  if (!(low instanceof Map) || !(high instanceof Map)) throw notDicts(low, high);
  return merge(low, high, recursive, listMerge);
}

function notDicts(low: unknown, high: unknown): Error {
  const [a, b] = [low, high].map((value) => {
    try {
      return dumpJson(value);
    } catch {
      return pyStr(value);
    }
  });
  return filterError(
    `failed to combine variables, expected dicts but got a '${typeName(low)}' and a '${typeName(high)}': \n${a}\n${b}`,
  );
}

function merge(
  low: ReadonlyMap<unknown, unknown>,
  high: ReadonlyMap<unknown, unknown>,
  recursive: boolean,
  listMerge: string,
): Map<unknown, unknown> {
  if (low.size === 0 || equals(low, high)) return new Map(high);
  const merged = new Map(low);
  for (const [key, ours] of high) {
    const theirs = dictGet(merged, key);
    if (theirs === undefined) merged.set(key, ours);
    else if (recursive && theirs instanceof Map && ours instanceof Map)
      dictSet(merged, key, merge(theirs, ours, recursive, listMerge));
    else if (isList(theirs) && isList(ours) && listMerge !== "replace")
      dictSet(merged, key, mergeLists(theirs, ours, listMerge));
    else dictSet(merged, key, ours);
  }
  return merged;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && !(value instanceof PyTuple);
}

function mergeLists(low: readonly unknown[], high: readonly unknown[], how: string): unknown {
  switch (how) {
    case "keep":
      return low;
    case "append":
      return [...low, ...high];
    case "prepend":
      return [...high, ...low];
    case "append_rp":
      return [...low.filter((item) => !contains([...high], item)), ...high];
    default:
      return [...high, ...low.filter((item) => !contains([...high], item))];
  }
}
