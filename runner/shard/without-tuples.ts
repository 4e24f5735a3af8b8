import { type Dict, isDict, PyTuple, type Value } from "../model/value.ts";
import { copyMarks } from "../template/kept-text.ts";

/**
 * A value with lists for tuples, at any depth: a variable that holds one is rendered when it is read, and
 * rendering makes lists (`AnsibleJ2Vars` of ansible/template/vars.py). The same value when it has none; what is
 * rendered only when it is read (a host's variables) is left as it is.
 */
export function withoutTuples(value: Value): Value {
  if (Array.isArray(value)) {
    const items = value.map(withoutTuples);
    if (!(value instanceof PyTuple) && items.every((item, index) => item === value[index]))
      return value;
    copyMarks(value, items);
    return items;
  }
  if (!isDict(value) || value.constructor !== Map) return value;
  let changed: Dict | undefined;
  for (const [key, item] of value) {
    const list = withoutTuples(item);
    if (list === item) continue;
    changed ??= new Map(value);
    changed.set(key, list);
  }
  if (changed === undefined) return value;
  copyMarks(value, changed);
  return changed;
}
