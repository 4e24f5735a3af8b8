import { type Dict, isDict, type Value } from "../model/value.ts";

/**
 * Adds variables to others of lower rank: with `hash_behaviour = merge`, dicts of the same name become one, level by
 * level (`combine_vars` and `merge_hash` of `utils/vars.py`). Dicts are never changed, only replaced.
 */
export function combineInto(target: Dict, vars: ReadonlyMap<Value, Value>, merge: boolean): void {
  for (const [name, value] of vars) setCombined(target, name, value, merge);
}

/** The same for one variable. */
export function setCombined(target: Dict, name: Value, value: Value, merge: boolean): void {
  const before = merge ? target.get(name) : undefined;
  target.set(name, isDict(before) && isDict(value) ? merged(before, value) : value);
}

/** Two dicts as one; the higher one wins where one of two values is no dict. */
export function merged(low: Dict, high: Dict): Dict {
  const result: Dict = new Map(low);
  for (const [key, value] of high) setCombined(result, key, value, true);
  return result;
}
