import { JsonError, parseJson as readJson } from "../../model/json-reader.ts";
import { PyFloat, UnsafeText } from "../../model/value.ts";
import { LenientUndefined, TemplateError, typeError, Undefined, valueError } from "../error.ts";
import { order } from "../py-compare.ts";
import { PyDate, PyDateTime } from "../py-datetime.ts";
import { reprFloat } from "../py-repr.ts";
import { isInt, PyIterator, PyRange, typeName } from "../py-types.ts";

export interface JsonOptions {
  readonly indent?: number | string;
  readonly sortKeys?: boolean;
  readonly ensureAscii?: boolean;
  readonly separators?: readonly [string, string];
  readonly allowNan?: boolean;
  /** Without Ansible's encoder: undefined values and dates are objects that have no JSON form. */
  readonly plain?: boolean;
}

/** Python's json.dumps with Ansible's encoder. Throws TypeError for what has no JSON form. */
export function dumpJson(value: unknown, options: JsonOptions = {}): string {
  const pretty = options.indent !== undefined;
  const [itemSeparator, keySeparator] = options.separators ?? [pretty ? "," : ", ", ": "];
  const step =
    typeof options.indent === "number"
      ? " ".repeat(Math.max(0, options.indent))
      : (options.indent ?? "");

  const text = (value: string): string => {
    const quoted = JSON.stringify(value);
    return options.ensureAscii === false || !NOT_ASCII.test(quoted)
      ? quoted
      : quoted.replace(
          /[\u0080-\uffff]/g,
          (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
  };
  const float = (value: number): string => {
    if (Number.isFinite(value)) return reprFloat(value);
    if (options.allowNan === false)
      throw valueError("Out of range float values are not JSON compliant");
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  };
  const around = (
    open: string,
    parts: readonly string[],
    close: string,
    margin: string,
  ): string => {
    if (parts.length === 0) return open + close;
    if (!pretty) return open + parts.join(itemSeparator) + close;
    const inner = `\n${margin}${step}`;
    return `${open}${inner}${parts.join(itemSeparator + inner)}\n${margin}${close}`;
  };
  const dump = (value: unknown, margin: string): string => {
    if (typeof value === "string") return text(value);
    if (value === null) return "null";
    if (typeof value === "boolean") return value ? "true" : "false";
    if (isInt(value)) return String(value);
    if (typeof value === "number") return float(value);
    if (value instanceof PyFloat) return float(value.value);
    if (value instanceof UnsafeText) return text(value.text);
    if (Array.isArray(value))
      return around(
        "[",
        value.map((item) => dump(item, margin + step)),
        "]",
        margin,
      );
    if (value instanceof Map) return around("{", pairs(value, margin + step), "}", margin);
    if (options.plain !== true) {
      if (value instanceof PyDateTime || value instanceof PyDate) return text(value.isoformat());
      if (value instanceof Undefined && !(value instanceof LenientUndefined)) return value.fail();
    }
    if (value instanceof PyIterator || value instanceof PyRange)
      throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
    throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  };
  const pairs = (dict: ReadonlyMap<unknown, unknown>, margin: string): string[] => {
    const entries = [...dict];
    if (options.sortKeys === true) entries.sort(([a], [b]) => order(a, b, "<"));
    return entries.map(
      ([key, value]) => `${text(jsonKey(key, float))}${keySeparator}${dump(value, margin)}`,
    );
  };
  return dump(value, "");
}

const NOT_ASCII = /[\u0080-\uffff]/;

function jsonKey(key: unknown, float: (value: number) => string): string {
  if (typeof key === "string") return key;
  if (typeof key === "boolean") return key ? "true" : "false";
  if (key === null) return "null";
  if (isInt(key)) return String(key);
  if (typeof key === "number") return float(key);
  if (key instanceof PyFloat) return float(key.value);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** Python's json.loads. Throws ValueError with the place of the mistake. */
export function parseJson(text: string): unknown {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw error.isTooDeep
      ? new TemplateError("recursion", error.message)
      : valueError(error.message);
  }
}
