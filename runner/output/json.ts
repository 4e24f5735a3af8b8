import { type Dict, isDict, PyFloat, UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";

export interface JsonOptions {
  /** Blanks per level, or undefined for everything on one line. */
  readonly indent: number | undefined;
  /** Leaves out keys that start with `_ansible_`, at every level. */
  readonly hideInternal: boolean;
  /** Writes characters beyond ASCII as escapes. */
  readonly ascii: boolean;
  /** Sorts keys; true by default. */
  readonly sort?: boolean;
}

/**
 * JSON as Python's `json.dumps(sort_keys=True)` writes it: blanks behind commas and colons, floats as Python prints them,
 * keys of any scalar type. When keys cannot be compared, the outermost mapping alone is sorted, by text, as
 * `_dump_results` of ansible/plugins/callback/__init__.py falls back to.
 */
export function toJson(value: Value, options: JsonOptions): string {
  try {
    return write(value, options, options.sort ?? true, 0);
  } catch (error) {
    if (!(error instanceof IncomparableKeys) || !isDict(value)) throw error;
    const keys = [...value.keys()].sort((a, b) => compareText(keyText(a), keyText(b)));
    const sorted = new Map(keys.map((key) => [key, value.get(key)!]));
    return write(sorted, options, false, 0);
  }
}

/** Whether the keys of every mapping in a value have an order in Python. */
export function sortsKeys(value: Value): boolean {
  try {
    write(value, { indent: undefined, hideInternal: false, ascii: false }, true, 0);
    return true;
  } catch (error) {
    if (error instanceof IncomparableKeys) return false;
    throw error;
  }
}

/** Orders texts by code point, as Python does; JavaScript orders them by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y)
      return x >= 0xd800 && y >= 0xd800 ? aboveSurrogates(x) - aboveSurrogates(y) : x - y;
  }
  return a.length - b.length;
}

/** A float as Python's `repr` writes it, and `NaN`, `Infinity` as its JSON does. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, power] = value.toExponential().split("e") as [string, string];
    const exponent = power.slice(1).padStart(2, "0");
    return `${digits}e${power[0]}${exponent}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** Thrown inside, when keys of one mapping are of types without a common order. */
class IncomparableKeys extends Error {}

function write(value: Value, options: JsonOptions, sort: boolean, depth: number): string {
  switch (typeof value) {
    case "string":
      return quote(value, options.ascii);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return Number.isInteger(value) ? String(value) : floatText(value);
    case "bigint":
      return value.toString();
  }
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const items = Array.from(value, (item) => write(item, options, sort, depth + 1));
    return enclose("[", items, "]", options.indent, depth);
  }
  if (isDict(value)) return writeDict(value, options, sort, depth);
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof VaultText)
    return writeDict(new Map([["__ansible_vault", value.ciphertext]]), options, sort, depth);
  if (value instanceof UnsafeText) return quote(value.text, options.ascii);
  return quote(new TextDecoder().decode(value), options.ascii);
}

function writeDict(dict: Dict, options: JsonOptions, sort: boolean, depth: number): string {
  const keys = sort ? sortedKeys(dict) : [...dict.keys()];
  const items: string[] = [];
  for (const key of keys) {
    if (options.hideInternal && typeof key === "string" && key.startsWith("_ansible_")) continue;
    const text = write(dict.get(key)!, options, sort, depth + 1);
    items.push(`${quote(keyText(key), options.ascii)}: ${text}`);
  }
  return enclose("{", items, "}", options.indent, depth);
}

function enclose(
  open: string,
  items: readonly string[],
  close: string,
  indent: number | undefined,
  depth: number,
): string {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(", ") + close;
  const outer = `\n${" ".repeat(indent * depth)}`;
  const inner = outer + " ".repeat(indent);
  return open + inner + items.join(`,${inner}`) + outer + close;
}

/** @throws IncomparableKeys when the keys have no common order in Python. */
function sortedKeys(dict: Dict): Value[] {
  const keys = [...dict.keys()];
  if (keys.length < 2) return keys;
  if (keys.every(isTextKey)) return keys.sort((a, b) => compareText(keyText(a), keyText(b)));
  if (!keys.every(isNumberKey)) throw new IncomparableKeys();
  return keys.sort((a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

function isTextKey(key: Value): boolean {
  return typeof key === "string" || key instanceof UnsafeText;
}

function isNumberKey(key: Value): boolean {
  return ["number", "bigint", "boolean"].includes(typeof key) || key instanceof PyFloat;
}

function numberOf(key: Value): number | bigint {
  if (key instanceof PyFloat) return key.value;
  return typeof key === "bigint" ? key : Number(key);
}

/** A key as JSON's text: what is no text is written as a value would be. */
function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (key instanceof UnsafeText) return key.text;
  return write(key, { indent: undefined, hideInternal: false, ascii: false }, false, 0);
}

/** Half of a pair or not: seldom there at all, and quickly seen. */
const SURROGATE = /[\ud800-\udfff]/;

function quote(text: string, ascii: boolean): string {
  // Bytes that were no text are lone surrogates here. Escaped they stay; on a screen Python shows "?" for each.
  const isWhole = ascii || !SURROGATE.test(text);
  const quoted = JSON.stringify(isWhole ? text : text.replace(/\p{Surrogate}/gu, "?"));
  if (!ascii) return quoted;
  return quoted.replace(/[\x7f-\uffff]/g, (unit) =>
    unit === "\x7f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Moves surrogates above the rest of the plane, so that comparing units compares code points. */
function aboveSurrogates(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
