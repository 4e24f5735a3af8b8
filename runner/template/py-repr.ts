import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { LenientUndefined, Undefined } from "./error.ts";
import { PyFunction, PyIterator, PyObject, PyRange, PySet, typeName } from "./py-types.ts";

/** Python's `str(value)`. Throws TemplateError (undefined) for an undefined value. */
export function pyStr(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof UnsafeText) return value.text;
  if (value instanceof Undefined) return value.text();
  if (value instanceof PyObject) return value.pyStr();
  return pyRepr(value);
}

/** Python's `repr(value)`. */
export function pyRepr(value: unknown): string {
  switch (typeof value) {
    case "string":
      return reprString(value);
    case "number":
      return Number.isInteger(value) ? String(value) : reprFloat(value);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "True" : "False";
    case "undefined":
      return "None";
    default:
      return reprObject(value);
  }
}

function reprObject(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof PyTuple) return reprTuple(value);
  if (Array.isArray(value)) return `[${reprItems(value)}]`;
  if (value instanceof Map) return reprDict(value);
  if (value instanceof PyFloat) return reprFloat(value.value);
  if (value instanceof UnsafeText) return reprString(value.text);
  if (value instanceof PySet)
    return value.items.length === 0 ? "set()" : `{${reprItems(value.items)}}`;
  if (value instanceof PyRange) return reprRange(value);
  if (value instanceof PyIterator) return reprIterator(value);
  if (value instanceof Undefined)
    return value instanceof LenientUndefined ? "Undefined" : reprUndefined(value);
  if (value instanceof PyObject) return value.pyRepr();
  if (value instanceof PyFunction) {
    return value.pyType === "Macro"
      ? `<Macro ${value.name === "" ? "anonymous" : reprString(value.name)}>`
      : `<function ${value.name}>`;
  }
  if (value instanceof Uint8Array) return reprBytes(value);
  return `<${typeName(value)} object>`;
}

// AnsibleUndefined.__repr__ of ansible/template/native_helpers.py.
function reprUndefined(value: Undefined): string {
  const parts = [value.hint ?? null, value.owner, value.name ?? null] as const;
  const [hint, owner, name] = parts.map((part) => (part === undefined ? "missing" : pyRepr(part)));
  return `AnsibleUndefined(hint=${hint}, obj=${owner}, name=${name})`;
}

function reprItems(items: readonly unknown[]): string {
  let text = "";
  for (let index = 0; index < items.length; index++) {
    text += index === 0 ? pyRepr(items[index]) : `, ${pyRepr(items[index])}`;
  }
  return text;
}

function reprTuple(items: readonly unknown[]): string {
  return items.length === 1 ? `(${pyRepr(items[0])},)` : `(${reprItems(items)})`;
}

function reprDict(dict: ReadonlyMap<unknown, unknown>): string {
  const parts: string[] = [];
  for (const [key, value] of dict) parts.push(`${pyRepr(key)}: ${pyRepr(value)}`);
  return `{${parts.join(", ")}}`;
}

function reprRange(range: PyRange): string {
  const step = range.step === 1 ? "" : `, ${range.step}`;
  return `range(${range.start}, ${range.stop}${step})`;
}

function reprIterator(iterator: PyIterator): string {
  return iterator.pyType.startsWith("dict_")
    ? `${iterator.pyType}([${reprItems(iterator.items)}])`
    : `<${iterator.pyType} object>`;
}

// What needs care inside quotes: quotes, backslash, controls, and what Python does not print.
const PLAIN = /^[\x20-\x26\x28-\x5b\x5d-\x7e\u00a1-\u00ac\u00ae-\u02ff]*$/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** Python's repr of text: single quotes unless only they occur inside. */
export function reprString(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const char of text) out += escapeChar(char, quote);
  return out + quote;
}

function escapeChar(char: string, quote: string): string {
  if (char === quote || char === "\\") return `\\${char}`;
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return char;
  if (!UNPRINTABLE.test(char)) return char;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function reprBytes(bytes: Uint8Array): string {
  let out = "b'";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === "'" || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else if (byte >= 0x20 && byte < 0x7f) out += char;
    else out += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${out}'`;
}

/** Python's repr of a float: shortest digits, exponent from 1e16 up and below 1e-4, always a point or an e. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    const text = String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${digits}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}

/** What Jinja calls a value in "... has no attribute": object_type_repr of jinja2/utils.py. */
export function objectTypeRepr(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof PyObject) return `${value.pyQualifiedType} object`;
  if (value instanceof PyFunction) return "function object";
  return `${typeName(value)} object`;
}
