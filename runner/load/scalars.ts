import { toFloat, type Value } from "../model/value.ts";

/** A scalar whose form promises something that it does not keep, e.g. the date 2024-13-01. */
export class ScalarError extends Error {}

/**
 * The value of a plain (unquoted) scalar by YAML 1.1 as PyYAML's SafeLoader resolves it
 * (`yaml/resolver.py`, `yaml/constructor.py`). Dates become the text that Python prints for them,
 * since that is all a template can see of them.
 *
 * @throws ScalarError
 */
export function resolvePlain(text: string): Value {
  if (text === "") return null;
  // The first character decides which patterns are worth a look; most scalars are words.
  switch (KIND_BY_FIRST[text.charCodeAt(0)]) {
    case WORD:
      return WORDS.has(text) ? (WORDS.get(text) as Value) : text;
    case NUMERIC:
      return resolveNumeric(text);
    case SPECIAL:
      // Both have a meaning of their own in YAML 1.1, and no value.
      if (text === "=")
        throw new ScalarError(
          "could not determine a constructor for the tag 'tag:yaml.org,2002:value'",
        );
      if (text === "<<")
        throw new ScalarError(
          "could not determine a constructor for the tag 'tag:yaml.org,2002:merge'",
        );
      return text;
    default:
      return text;
  }
}

/** The value of `!!int text`. */
export function constructInt(text: string): Value {
  let digits = text.replaceAll("_", "");
  let sign = 1n;
  if (digits.startsWith("-")) sign = -1n;
  if (/^[-+]/.test(digits)) digits = digits.slice(1);
  return normalInt(sign * magnitude(digits, text));
}

/** The value of `!!float text`. */
export function constructFloat(text: string): Value {
  let digits = text.replaceAll("_", "").toLowerCase();
  let sign = 1;
  if (digits.startsWith("-")) sign = -1;
  if (/^[-+]/.test(digits)) digits = digits.slice(1);
  if (digits === ".inf") return toFloat(sign * Infinity);
  if (digits === ".nan") return toFloat(Number.NaN);
  if (digits.includes(":")) {
    return toFloat(sign * digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0));
  }
  const value = Number(digits);
  if (digits === "" || Number.isNaN(value))
    throw new ScalarError(`could not convert string to float: '${text}'`);
  return toFloat(sign * value);
}

/** The value of `!!bool text`. */
export function constructBool(text: string): Value {
  const value = WORDS.get(text.toLowerCase());
  if (typeof value !== "boolean") throw new ScalarError(`'${text}' is not a boolean`);
  return value;
}

/** The text that Python prints for a YAML timestamp. */
export function constructTimestamp(text: string): Value {
  const match = TIMESTAMP_PARTS.exec(text);
  if (match === null) throw new ScalarError(`'${text}' is not a timestamp`);
  const [
    ,
    year = "",
    month = "",
    day = "",
    hour,
    minute = "0",
    second = "0",
    fraction = "",
    zone,
    zoneHour = "0",
    zoneMinute = "0",
  ] = match;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12) throw new ScalarError("month must be in 1..12");
  if (Number(day) < 1 || Number(day) > days) throw new ScalarError("day is out of range for month");
  if (hour === undefined) return date;
  if (Number(hour) > 23) throw new ScalarError("hour must be in 0..23");
  if (Number(minute) > 59) throw new ScalarError("minute must be in 0..59");
  if (Number(second) > 59) throw new ScalarError("second must be in 0..59");
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const parts = [hour, minute, second].map((part) => part.padStart(2, "0")).join(":");
  let printed = `${date} ${parts}${Number(micros) === 0 ? "" : `.${micros}`}`;
  if (zone !== undefined) {
    printed +=
      zone === "Z"
        ? "+00:00"
        : `${zone[0]}${zoneHour.padStart(2, "0")}:${zoneMinute.padStart(2, "0")}`;
  }
  return printed;
}

const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const TIMESTAMP =
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/;
const TIMESTAMP_PARTS =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(Z|[-+]([0-9]{1,2})(?::([0-9]{2}))?))?)?$/;

const WORDS: ReadonlyMap<string, Value> = wordTable();
const WORD = 1;
const NUMERIC = 2;
const SPECIAL = 3;
const KIND_BY_FIRST: Uint8Array = firstTable();

function resolveNumeric(text: string): Value {
  if (INT.test(text)) return constructInt(text);
  if (FLOAT.test(text)) return constructFloat(text);
  if (TIMESTAMP.test(text)) return constructTimestamp(text);
  return text;
}

function magnitude(digits: string, text: string): bigint {
  try {
    if (digits === "0") return 0n;
    if (digits.startsWith("0b") || digits.startsWith("0x")) return BigInt(digits);
    if (digits.includes(":")) {
      return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    }
    if (digits.startsWith("0")) return BigInt(`0o${digits.slice(1)}`);
    if (digits === "") throw new ScalarError("");
    return BigInt(digits);
  } catch {
    throw new ScalarError(`invalid literal for int(): '${text}'`);
  }
}

function normalInt(value: bigint): number | bigint {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}

function wordTable(): Map<string, Value> {
  const table = new Map<string, Value>([["~", null]]);
  const add = (word: string, value: Value) => {
    for (const form of [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()])
      table.set(form, value);
  };
  add("null", null);
  for (const word of ["yes", "true", "on"]) add(word, true);
  for (const word of ["no", "false", "off"]) add(word, false);
  return table;
}

function firstTable(): Uint8Array {
  const table = new Uint8Array(128);
  for (const word of WORDS.keys()) table[word.charCodeAt(0)] = WORD;
  for (const char of "-+0123456789.") table[char.charCodeAt(0)] = NUMERIC;
  for (const char of "=<") table[char.charCodeAt(0)] = SPECIAL;
  return table;
}
