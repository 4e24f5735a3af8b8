import { filterError, TemplateError } from "../error.ts";
import { truth } from "../py-compare.ts";
import { pyStr, reprString } from "../py-repr.ts";

type Comparison = (left: string, right: string) => number;
type VersionPart = number | string;

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "=": (order) => order === 0,
  eq: (order) => order === 0,
  "<": (order) => order < 0,
  lt: (order) => order < 0,
  "<=": (order) => order <= 0,
  le: (order) => order <= 0,
  ">": (order) => order > 0,
  gt: (order) => order > 0,
  ">=": (order) => order >= 0,
  ge: (order) => order >= 0,
  "!=": (order) => order !== 0,
  "<>": (order) => order !== 0,
  ne: (order) => order !== 0,
};

/** The `version` test. Throws TemplateError (filter) in Ansible's words (ansible/plugins/test/core.py). */
export function versionCompare(
  value: unknown,
  version: unknown,
  operator: unknown,
  strict: unknown,
  type: unknown,
): boolean {
  if (strict !== null && type !== null)
    throw filterError("Cannot specify both 'strict' and 'version_type'");
  if (!truth(value)) throw filterError("Input version value cannot be empty");
  if (!truth(version)) throw filterError("Version parameter to compare against cannot be empty");
  let compare: Comparison = loose;
  if (strict !== null && truth(strict)) compare = strictly;
  else if (type !== null && truth(type)) compare = comparisonOf(pyStr(type));
  const decide = OPERATORS[pyStr(operator)];
  if (decide === undefined) {
    throw filterError(
      `Invalid operator type (${pyStr(operator)}). Must be one of ${Object.keys(OPERATORS).map(reprString).join(", ")}`,
    );
  }
  try {
    return decide(compare(pyStr(value), pyStr(version)));
  } catch (error) {
    throw filterError(`Version comparison failed: ${TemplateError.from(error).message}`);
  }
}

const TYPES: Readonly<Record<string, Comparison>> = {
  loose,
  strict: strictly,
  semver: semantic,
  semantic,
  pep440,
};

function comparisonOf(type: string): Comparison {
  const found = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (found === undefined) {
    throw filterError(
      `Invalid version type (${type}). Must be one of ${Object.keys(TYPES).map(reprString).join(", ")}`,
    );
  }
  return found;
}

// distutils' LooseVersion: numbers and letters, compared as lists; an int against text is an error.
function loose(left: string, right: string): number {
  return compareParts(looseParts(left), looseParts(right));
}

function looseParts(text: string): VersionPart[] {
  return text
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== "" && part !== ".")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareParts(left: readonly VersionPart[], right: readonly VersionPart[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const a = left[index] as VersionPart;
    const b = right[index] as VersionPart;
    if (a === b) continue;
    if (typeof a !== typeof b) {
      const kind = (part: VersionPart): string => (typeof part === "number" ? "int" : "str");
      throw filterError(`'<' not supported between instances of '${kind(a)}' and '${kind(b)}'`);
    }
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

function strictly(left: string, right: string): number {
  const [a, b] = [strictParts(left), strictParts(right)];
  const numbers = compareParts(a.numbers, b.numbers);
  if (numbers !== 0) return numbers;
  if (a.pre === undefined || b.pre === undefined)
    return a.pre === b.pre ? 0 : a.pre === undefined ? 1 : -1;
  return compareParts(a.pre, b.pre);
}

function strictParts(text: string): { numbers: number[]; pre: VersionPart[] | undefined } {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text);
  if (found === null) throw filterError(`invalid version number '${text}'`);
  const pre = found[4] === undefined ? undefined : [found[4], Number(found[5])];
  return { numbers: [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)], pre };
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

function semantic(left: string, right: string): number {
  const [a, b] = [semanticParts(left), semanticParts(right)];
  const core = compareParts(a.core, b.core);
  if (core !== 0) return core;
  if (a.pre === undefined || b.pre === undefined)
    return a.pre === b.pre ? 0 : a.pre === undefined ? 1 : -1;
  for (let index = 0; index < Math.min(a.pre.length, b.pre.length); index++) {
    const order = comparePrerelease(a.pre[index] ?? "", b.pre[index] ?? "");
    if (order !== 0) return order;
  }
  return a.pre.length - b.pre.length;
}

function semanticParts(text: string): { core: number[]; pre: string[] | undefined } {
  const found = SEMVER.exec(text);
  if (found === null) throw filterError(`invalid semantic version '${text}'`);
  return {
    core: [Number(found[1]), Number(found[2]), Number(found[3])],
    pre: found[4]?.split("."),
  };
}

// Numbers come before words.
function comparePrerelease(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (a && b) return Number(left) - Number(right);
  if (a !== b) return a ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

const PEP440 =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;

function pep440(left: string, right: string): number {
  return compareParts(pepKey(left), pepKey(right));
}

const PRE_NAMES: Readonly<Record<string, number>> = {
  a: 0,
  alpha: 0,
  b: 1,
  beta: 1,
  c: 2,
  rc: 2,
  pre: 2,
  preview: 2,
};

// One list of numbers that orders as PEP 440 says: release padded, then pre, post, dev and local.
function pepKey(text: string): number[] {
  const found = PEP440.exec(text);
  if (found === null) throw filterError(`Invalid version: '${text}'`);
  const [, epoch = "0", release = "", pre, preNumber, postDash, postNumber, dev, devNumber, local] =
    found;
  const numbers = release.split(".").map(Number);
  while (numbers.length < 12) numbers.push(0);
  const hasPost = postDash !== undefined || postNumber !== undefined;
  const preKey =
    pre === undefined
      ? dev !== undefined && !hasPost
        ? [-1, 0]
        : [9, 0]
      : [PRE_NAMES[pre.toLowerCase()] ?? 0, Number(preNumber === "" ? 0 : preNumber)];
  const postKey = hasPost ? Number(postDash ?? (postNumber === "" ? 0 : postNumber)) : -1;
  const devKey =
    dev === undefined ? Number.MAX_SAFE_INTEGER : Number(devNumber === "" ? 0 : devNumber);
  const localKey = (local ?? "")
    .split(/[-_.]/)
    .filter((part) => part !== "")
    .flatMap((part) =>
      /^\d+$/.test(part)
        ? [1, Number(part)]
        : [0, ...Array.from(part.toLowerCase(), (char) => char.charCodeAt(0))],
    );
  return [Number(epoch), ...numbers, ...preKey, postKey, devKey, ...localKey];
}
