import { PyTuple } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { define } from "../define.ts";
import {
  filterError,
  LenientUndefined,
  TemplateError,
  Undefined,
  unknownPlugin,
} from "../error.ts";
import {
  assertHashable,
  contains,
  dictGet,
  equals,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  numberOf,
  truth,
} from "../py-compare.ts";
import { PyComplex } from "../py-complex.ts";
import { makeSet } from "../py-list-methods.ts";
import { modulo } from "../py-operators.ts";
import { compileRegex } from "../py-regex.ts";
import { pyStr } from "../py-repr.ts";
import { isIterable, iterate } from "../py-sequence.ts";
import { trimSpace } from "../py-space.ts";
import {
  type Callable,
  isFloat,
  isInt,
  PyFunction,
  PyIterator,
  PyObject,
  PyRange,
} from "../py-types.ts";
import { PATH_TESTS } from "./path-tests.ts";
import { isUri, isUrl } from "./urls.ts";
import { versionCompare } from "./versions.ts";

const isIn = define("value seq", (_run, value, seq) => contains(seq, value));
const eq = define("a b", (_run, a, b) => equals(a, b));
const ne = define("a b", (_run, a, b) => !equals(a, b));
const lt = define("a b", (_run, a, b) => less(a, b));
const le = define("a b", (_run, a, b) => lessOrEqual(a, b));
const gt = define("a b", (_run, a, b) => greater(a, b));
const ge = define("a b", (_run, a, b) => greaterOrEqual(a, b));
const failed = define("result", (_run, result) => field(result, "failed"));
const succeeded = define("result", (_run, result) => !truth(field(result, "failed")));
const changed = define("result", (_run, result) => isChanged(result));
const skipped = define("result", (_run, result) => field(result, "skipped"));
const subset = define("a b", (_run, a, b) => isSubset(a, b));
const superset = define("a b", (_run, a, b) => isSuperset(a, b));
const version = define(
  "value version operator? strict? version_type?",
  (_run, value, other, operator = "eq", strict = null, type = null) =>
    versionCompare(value, other, operator, strict, type),
);
const nan = define("x", (_run, value) =>
  value instanceof Undefined ? value.fail() : Number.isNaN(Number(numberOf(value) ?? 0)),
);
const regexTest = (kind: "search" | "match") =>
  define(
    "value pattern? ignorecase? multiline?",
    (_run, value, pattern = "", ignoreCase = false, multiline = false) =>
      matches(value, pattern, ignoreCase, multiline, kind),
  );

/** Tests: Jinja's (jinja2/tests.py) and Ansible's (ansible/plugins/test/core.py, mathstuff.py, files.py, uri.py). */
export const TESTS: Readonly<Record<string, Callable>> = {
  ...PATH_TESTS,
  defined: define("value", (_run, value) => !(value instanceof Undefined)),
  undefined: define("value", (_run, value) => value instanceof Undefined),
  none: define("value", (_run, value) => value === null),
  boolean: define("value", (_run, value) => typeof value === "boolean"),
  true: define("value", (_run, value) => value === true),
  false: define("value", (_run, value) => value === false),
  integer: define("value", (_run, value) => isInt(value)),
  float: define("value", (_run, value) => isFloat(value)),
  number: define(
    "value",
    (_run, value) => numberOf(value) !== undefined || value instanceof PyComplex,
  ),
  string: define("value", (_run, value) => typeof value === "string"),
  mapping: define("value", (_run, value) => value instanceof Map),
  sequence: define("value", (_run, value) => isSequenceLike(value)),
  iterable: define("value", (_run, value) => isIterableOrFails(value)),
  callable: define(
    "value",
    (_run, value) =>
      value instanceof PyFunction ||
      value instanceof Undefined ||
      (value instanceof PyObject && "pyCall" in value),
  ),
  escaped: define("value", () => false),
  sameas: define("value other", (_run, value, other) => isSame(value, other)),
  lower: define(
    "value",
    (_run, value) => /\p{Ll}/u.test(pyStr(value)) && !/\p{Lu}/u.test(pyStr(value)),
  ),
  upper: define(
    "value",
    (_run, value) => /\p{Lu}/u.test(pyStr(value)) && !/\p{Ll}/u.test(pyStr(value)),
  ),
  odd: define("value", (_run, value) => equals(modulo(value, 2), 1)),
  even: define("value", (_run, value) => equals(modulo(value, 2), 0)),
  divisibleby: define("value num", (_run, value, by) => equals(modulo(value, by), 0)),
  filter: define("value", (run, value) => isKnown(run.engine.filter(pyStr(value)), value)),
  test: define("value", (run, value) => isKnown(run.engine.test(pyStr(value)), value)),
  in: isIn,
  eq,
  "==": eq,
  equalto: eq,
  ne,
  "!=": ne,
  lt,
  "<": lt,
  lessthan: lt,
  le,
  "<=": le,
  gt,
  ">": gt,
  greaterthan: gt,
  ge,
  ">=": ge,
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  unreachable: define("result", (_run, result) => field(result, "unreachable")),
  reachable: define("result", (_run, result) => !truth(field(result, "unreachable"))),
  changed,
  change: changed,
  skipped,
  skip: skipped,
  started: define("result", (_run, result) => asyncState(result, "started")),
  finished: define("result", (_run, result) => asyncState(result, "finished")),
  match: regexTest("match"),
  search: regexTest("search"),
  regex: define(
    "value pattern? ignorecase? multiline? match_type?",
    (_run, value, pattern = "", ignoreCase = false, multiline = false, kind = "search") =>
      matches(value, pattern, ignoreCase, multiline, kind),
  ),
  version,
  version_compare: version,
  any: define("iterable", (_run, items) => iterate(items).some(truth)),
  all: define("iterable", (_run, items) => iterate(items).every(truth)),
  truthy: define("value convert_bool?", (_run, value, convert = false) =>
    truth(truth(convert) ? asBool(value) : value),
  ),
  falsy: define(
    "value convert_bool?",
    (_run, value, convert = false) => !truth(truth(convert) ? asBool(value) : value),
  ),
  vault_encrypted: define("value", (_run, value) => value instanceof VaultText),
  subset,
  issubset: subset,
  superset,
  issuperset: superset,
  contains: define("seq value", (_run, seq, value) => contains(seq, value)),
  nan,
  isnan: nan,
  uri: define("value schemes?", (_run, value, schemes = null) => isUri(value, schemes)),
  url: define("value schemes?", (_run, value, schemes = null) => isUrl(value, schemes)),
  urn: define("value", (_run, value) => isUri(value, ["urn"])),
};

function field(result: unknown, name: string): unknown {
  if (!(result instanceof Map)) {
    throw filterError(`The '${name}' test expects a dictionary`);
  }
  return dictGet(result, name) ?? false;
}

function isChanged(result: unknown): unknown {
  const own = field(result, "changed");
  const dict = result as ReadonlyMap<unknown, unknown>;
  if (dict.has("changed")) return own;
  const results = dict.get("results");
  if (!Array.isArray(results) || !(results[0] instanceof Map)) return false;
  return results.some((item) => item instanceof Map && truth(item.get("changed") ?? false));
}

function asyncState(result: unknown, name: string): boolean {
  field(result, name);
  const state = (result as ReadonlyMap<unknown, unknown>).get(name);
  return state === undefined ? true : equals(state, 1);
}

function isSequenceLike(value: unknown): boolean {
  return (
    value instanceof LenientUndefined ||
    typeof value === "string" ||
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof PyRange
  );
}

function isIterableOrFails(value: unknown): boolean {
  return value instanceof Undefined
    ? value.items().length === 0
    : isIterable(value) || value instanceof PyIterator;
}

// Ansible's tables of plugins fail for an unknown name where Jinja's would say no.
function isKnown(found: Callable | undefined, name: unknown): boolean {
  if (found === undefined) throw unknownPlugin(pyStr(name), "plugin");
  return true;
}

function isSame(value: unknown, other: unknown): boolean {
  if (value instanceof PyTuple && value.length === 0)
    return other instanceof PyTuple && other.length === 0;
  return value === other;
}

function matches(
  value: unknown,
  pattern: unknown,
  ignoreCase: unknown,
  multiline: unknown,
  kind: unknown,
): boolean {
  const text = pyStr(value);
  const regex = compileRegex(pattern, {
    ignoreCase: truth(ignoreCase),
    multiline: truth(multiline),
  });
  if (kind === "fullmatch")
    return new RegExp(`^(?:${regex.source})$`, regex.flags.replace("g", "")).test(text);
  const found = regex.exec(text);
  // The leftmost match decides: when it is not at the start, nothing matches there.
  return found !== null && (kind !== "match" || found.index === 0);
}

function isSuperset(left: unknown, right: unknown): boolean {
  const own = makeSet(iterate(left)).items;
  return makeSet(iterate(right)).items.every((item) => contains(own, item));
}

function isSubset(left: unknown, right: unknown): boolean {
  const own = makeSet(iterate(left)).items;
  const all = makeSet(iterate(right)).items;
  return own.every((item) => contains(all, item));
}

const TRUE_WORDS = new Set(["y", "yes", "on", "1", "true", "t"]);
const FALSE_WORDS = new Set(["n", "no", "off", "0", "false", "f"]);

// boolean() of ansible/module_utils/parsing/convert_bool.py; what is neither stays itself.
function asBool(value: unknown): unknown {
  if (typeof value === "boolean") return value;
  const word =
    typeof value === "string"
      ? trimSpace(value.toLowerCase())
      : numberOf(value) !== undefined
        ? pyStr(numberOf(value))
        : undefined;
  if (word === undefined) {
    // It is looked up in a set, and what cannot be is left alone: lists and dicts, but not undefined values.
    try {
      assertHashable(value);
    } catch (thrown) {
      if (TemplateError.from(thrown).kind !== "type") throw thrown;
    }
    return value;
  }
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : value;
}
