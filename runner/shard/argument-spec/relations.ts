import { type Dict, isDict, type Value } from "../../model/value.ts";
import { equals } from "../../template/py-compare.ts";
import { pyStr } from "../../template/py-repr.ts";
import { truth } from "../values.ts";

/*
 * What options say about each other (check_* of ansible/module_utils/common/validation.py). Each gives the message of the first
 * thing that is wrong, or undefined.
 */

/** Required options that are not there. */
export function requiredArguments(spec: Dict, parameters: Dict): string | undefined {
  const missing = [...spec]
    .filter(
      ([key, option]) => isDict(option) && truth(option.get("required")) && !parameters.has(key),
    )
    .map(([key]) => pyStr(key));
  return missing.length === 0
    ? undefined
    : `missing required arguments: ${missing.sort().join(", ")}`;
}

export function mutuallyExclusive(rule: Value | undefined, parameters: Dict): string | undefined {
  const broken = groupsOf(rule).filter((group) => countOf(group, parameters) > 1);
  if (broken.length === 0) return undefined;
  return `parameters are mutually exclusive: ${broken.map((group) => group.join("|")).join(", ")}`;
}

export function requiredOneOf(rule: Value | undefined, parameters: Dict): string | undefined {
  const broken = groupsOf(rule).find((group) => countOf(group, parameters) === 0);
  return broken && `one of the following is required: ${broken.join(", ")}`;
}

export function requiredTogether(rule: Value | undefined, parameters: Dict): string | undefined {
  const broken = groupsOf(rule).find((group) => {
    const count = countOf(group, parameters);
    return count > 0 && count < group.length;
  });
  return broken && `parameters are required together: ${broken.join(", ")}`;
}

/** `[option, value, [options], any?]` */
export function requiredIf(rule: Value | undefined, parameters: Dict): string | undefined {
  for (const one of Array.isArray(rule) ? rule : []) {
    if (!Array.isArray(one) || one.length < 3) continue;
    const [key, value, list, any] = one as [Value, Value, Value, Value | undefined];
    const wanted = Array.isArray(list) ? list.map(pyStr) : [pyStr(list)];
    const current = parameters.get(key);
    if (current === undefined || !equals(current, value)) continue;
    const missing = wanted.filter((name) => !parameters.has(name));
    if (missing.length === 0 || (truth(any) && missing.length < wanted.length)) continue;
    return `${pyStr(key)} is ${pyStr(value)} but ${truth(any) ? "any" : "all"} of the following are missing: ${missing.join(", ")}`;
  }
  return undefined;
}

export function requiredBy(rule: Value | undefined, parameters: Dict): string | undefined {
  if (!isDict(rule)) return undefined;
  const isSet = (key: Value): boolean => (parameters.get(key) ?? null) !== null;
  for (const [key, list] of rule) {
    if (!isSet(key)) continue;
    const missing = (Array.isArray(list) ? list : [list]).filter((name) => !isSet(name));
    if (missing.length > 0)
      return `missing parameter(s) required by '${pyStr(key)}': ${missing.map(pyStr).join(", ")}`;
  }
  return undefined;
}

function groupsOf(rule: Value | undefined): readonly (readonly string[])[] {
  if (!Array.isArray(rule)) return [];
  return rule.map((group) => (Array.isArray(group) ? group.map(pyStr) : [pyStr(group)]));
}

function countOf(group: readonly string[], parameters: Dict): number {
  return group.filter((name) => parameters.has(name)).length;
}
