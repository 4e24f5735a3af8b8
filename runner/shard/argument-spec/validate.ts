import { type Dict, isDict, type Value } from "../../model/value.ts";
import { equals } from "../../template/py-compare.ts";
import { pyStr } from "../../template/py-repr.ts";
import { typeName } from "../../template/py-types.ts";
import { isTrue, truth } from "../values.ts";
import { convert, pythonClass } from "./convert.ts";
import {
  mutuallyExclusive,
  requiredArguments,
  requiredBy,
  requiredIf,
  requiredOneOf,
  requiredTogether,
} from "./relations.ts";

/**
 * Checks parameters against an argument specification, and says what is wrong in the words of Ansible
 * (ArgumentSpecValidator of ansible/module_utils/common/arg_spec.py and parameters.py).
 *
 * @param given rendered values; left as they are.
 * @param isLiteral whether the text of a parameter stands in YAML as it is: messages name another Python type then.
 */
export function validateArguments(
  spec: Dict,
  given: Dict,
  isLiteral: (parameter: string) => boolean,
): readonly string[] {
  const parameters = copyOf(given) as Dict;
  const check: Check = { errors: [], unsupported: [], isLiteral };
  checkLevel(spec, parameters, new Map(), [], undefined, check);
  const last = check.unsupported.at(-1);
  if (last !== undefined) {
    const names = check.unsupported.map(({ path }) => path.join(".")).sort();
    const aliases = [...last.aliases].sort();
    const supported = `${[...last.supported].sort().join(", ")}${aliases.length > 0 ? ` (${aliases.join(", ")})` : ""}`;
    check.errors.push(`${names.join(", ")}. Supported parameters include: ${supported}.`);
  }
  return check.errors;
}

interface Unsupported {
  readonly path: readonly string[];
  readonly supported: readonly string[];
  readonly aliases: readonly string[];
}

interface Check {
  readonly errors: string[];
  readonly unsupported: Unsupported[];
  readonly isLiteral: (parameter: string) => boolean;
}

/** One level of a specification: `owner` is the option whose `options` it is. */
function checkLevel(
  spec: Dict,
  parameters: Dict,
  owner: Dict,
  context: readonly string[],
  root: string | undefined,
  check: Check,
): void {
  const { errors } = check;
  const attempt = (message: string | undefined): void => {
    if (message !== undefined)
      errors.push(context.length === 0 ? message : `${message} found in ${context.join(" -> ")}`);
  };
  const aliases = resolveAliases(spec, parameters, errors);
  const unreadable = unreadableBelow(spec, parameters);
  if (unreadable !== undefined) errors.push(unreadable);
  for (const key of parameters.keys()) {
    if (spec.has(key) || aliases.has(pyStr(key))) continue;
    check.unsupported.push({
      path: [...context, pyStr(key)],
      supported: [...spec.keys()].map(pyStr),
      aliases: [...aliases.keys()],
    });
  }
  attempt(mutuallyExclusive(owner.get("mutually_exclusive"), parameters));
  setDefaults(spec, parameters, false);
  attempt(requiredArguments(spec, parameters));
  checkTypes(spec, parameters, context, root, check);
  checkChoices(spec, parameters, attempt);
  attempt(requiredTogether(owner.get("required_together"), parameters));
  attempt(requiredOneOf(owner.get("required_one_of"), parameters));
  attempt(requiredIf(owner.get("required_if"), parameters));
  attempt(requiredBy(owner.get("required_by"), parameters));
  setDefaults(spec, parameters, true);
  checkBelow(spec, parameters, context, root, check);
}

/** Ansible looks for secrets before it checks: what it cannot look into is an error of its own (_list_no_log_values). */
function unreadableBelow(spec: Dict, parameters: Dict): string | undefined {
  for (const [key, option] of options(spec)) {
    const inner = option.get("options");
    const value = parameters.get(key) ?? null;
    const wanted = option.get("type");
    if (!isDict(inner) || value === null) continue;
    if (wanted !== "dict" && !(wanted === "list" && option.get("elements") === "dict")) continue;
    for (const element of Array.isArray(value) ? value : [value]) {
      try {
        const below = typeof element === "string" ? convert("dict", element, false) : element;
        if (!isDict(below))
          return `Value '${pyStr(below)}' in the sub parameter field '${key}' must by a ${wanted}, not '${typeName(below)}'`;
        const problem = unreadableBelow(inner, below);
        if (problem !== undefined) return problem;
      } catch (error) {
        return (error as Error).message;
      }
    }
  }
  return undefined;
}

/** Gives options under an alias their own name. @returns alias -> option. */
function resolveAliases(spec: Dict, parameters: Dict, errors: string[]): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const [key, option] of options(spec)) {
    const written = option.get("aliases") ?? null;
    if ((option.get("default") ?? null) !== null && truth(option.get("required"))) {
      errors.push(`internal error: required and default are mutually exclusive for ${key}`);
      return aliases;
    }
    if (written === null) continue;
    if (!Array.isArray(written)) {
      errors.push("internal error: aliases must be a list or tuple");
      return aliases;
    }
    for (const alias of written) {
      aliases.set(pyStr(alias), key);
      const value = parameters.get(alias);
      if (value !== undefined) parameters.set(key, value);
    }
  }
  return aliases;
}

function setDefaults(spec: Dict, parameters: Dict, all: boolean): void {
  for (const [key, option] of options(spec)) {
    const value = option.get("default") ?? null;
    if (!parameters.has(key) && (value !== null || all)) parameters.set(key, copyOf(value));
  }
}

function checkTypes(
  spec: Dict,
  parameters: Dict,
  context: readonly string[],
  root: string | undefined,
  check: Check,
): void {
  const { errors } = check;
  const found = context.length === 0 ? "" : ` found in '${context.join(" -> ")}'`;
  for (const [key, option] of options(spec)) {
    const value = parameters.get(key);
    if (value === undefined || value === null) continue;
    const literal = check.isLiteral(root ?? key);
    const wanted = pyStr(option.get("type") ?? "str");
    try {
      parameters.set(key, convert(wanted, value, literal));
      const elements = option.get("elements") ?? null;
      if (elements === null) continue;
      const list = parameters.get(key)!;
      if (wanted !== "list" || !Array.isArray(list)) {
        errors.push(
          `Invalid type ${wanted} for option '${pyStr(list)}'${found === "" ? "" : `${found}.`}, elements value check is supported only with 'list' type`,
        );
      }
      if (!Array.isArray(list)) continue;
      const kind = pyStr(elements);
      const converted: Value[] = [];
      for (const element of list) {
        try {
          converted.push(convert(kind, element, literal));
        } catch (error) {
          errors.push(
            `Elements value for option '${key}'${found} is of type ${pythonClass(element, literal)} and we were unable to convert to ${kind}: ${(error as Error).message}`,
          );
        }
      }
      parameters.set(key, converted);
    } catch (error) {
      errors.push(
        `argument '${key}' is of type ${pythonClass(value, literal)}${found === "" ? "" : `${found}.`} and we were unable to convert to ${wanted}: ${(error as Error).message}`,
      );
    }
  }
}

const FALSE: readonly Value[] = ["n", "no", "off", "0", "f", "false", 0];
const TRUE: readonly Value[] = ["y", "yes", "on", "1", "t", "true", 1];

function checkChoices(spec: Dict, parameters: Dict, attempt: (message: string) => void): void {
  for (const [key, option] of options(spec)) {
    const choices = option.get("choices") ?? null;
    if (choices === null) continue;
    if (!Array.isArray(choices)) {
      attempt(`internal error: choices for argument ${key} are not iterable: ${pyStr(choices)}`);
      continue;
    }
    const value = parameters.get(key);
    if (value === undefined) continue;
    const isChoice = (one: Value): boolean => choices.some((choice) => equals(choice, one));
    const text = choices.map(pyStr).join(", ");
    if (Array.isArray(value)) {
      const strange = value.filter((one) => !isChoice(one));
      if (strange.length > 0) {
        attempt(
          `value of ${key} must be one or more of: ${text}. Got no match for: ${strange.map(pyStr).join(", ")}`,
        );
      }
      continue;
    }
    if (isChoice(value)) continue;
    // YAML makes booleans of some words; the choice that was meant is taken when there is only one.
    const words = value === "False" ? FALSE : value === "True" ? TRUE : [];
    const meant = words.filter(isChoice);
    if (meant.length === 1) parameters.set(key, meant[0]!);
    else attempt(`value of ${key} must be one of: ${text}, got: ${pyStr(value)}`);
  }
}

function checkBelow(
  spec: Dict,
  parameters: Dict,
  context: readonly string[],
  root: string | undefined,
  check: Check,
): void {
  for (const [key, option] of options(spec)) {
    const wanted = option.get("type");
    if (wanted !== "dict" && !(wanted === "list" && option.get("elements") === "dict")) continue;
    const inner = option.get("options");
    if (!isDict(inner)) continue;
    if (isTrue(option.get("apply_defaults")) && (parameters.get(key) ?? null) === null)
      parameters.set(key, new Map());
    const value = parameters.get(key) ?? null;
    if (value === null) continue;
    for (const element of Array.isArray(value) ? value : [value]) {
      if (!isDict(element)) {
        check.errors.push(`value of '${key}' must be of type dict or list of dicts`);
        continue;
      }
      checkLevel(inner, element, option, [...context, key], root ?? key, check);
    }
  }
}

function* options(spec: Dict): Generator<readonly [string, Dict]> {
  for (const [key, option] of spec) if (isDict(option)) yield [pyStr(key), option];
}

function copyOf(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyOf);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, copyOf(item)]));
  return value;
}
