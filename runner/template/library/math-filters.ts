import { toFloat } from "../../model/value.ts";
import { define } from "../define.ts";
import { filterError, TemplateError, typeError, Undefined } from "../error.ts";
import { numberOf, truth } from "../py-compare.ts";
import { floatText, percentFormat } from "../py-format.ts";
import { exactPower } from "../py-operators.ts";
import { pyStr } from "../py-repr.ts";
import { type Callable, typeName } from "../py-types.ts";
import { parseFloatText } from "./filters.ts";
import { toDigits } from "./round.ts";

/** Filters over numbers (ansible/plugins/filter/mathstuff.py). */
export const MATH_FILTERS: Readonly<Record<string, Callable>> = {
  log: define("x base?", (_run, x, base = null) => logarithm(x, base)),
  pow: define("x y", (_run, x, y) => raise(real(x, "pow()"), real(y, "pow()"))),
  root: define("x base?", (_run, x, base = 2) => root(real(x, "root()"), real(base, "root()"))),
  human_readable: define("size isbits? unit?", (_run, size, bits = false, unit = null) =>
    humanReadable(size, truth(bits), unit),
  ),
  human_to_bytes: define("size default_unit? isbits?", (_run, size, unit = null, bits = false) =>
    humanToBytes(size, unit, truth(bits)),
  ),
};

function real(value: unknown, name: string): number {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined)
    throw typeError(
      `${name} can only be used on numbers: must be real number, not ${typeName(value)}`,
    );
  return Number(number);
}

function raise(x: number, y: number): unknown {
  const found = exactPower(x, y);
  const isDefined = !Number.isNaN(found) && !(x === 0 && y < 0 && Number.isFinite(y));
  if (!isDefined && !Number.isNaN(x) && !Number.isNaN(y))
    throw new TemplateError("value", "math domain error");
  if (!Number.isFinite(found) && Number.isFinite(x) && Number.isFinite(y))
    throw new TemplateError("overflow", "math range error");
  return toFloat(found);
}

function logarithm(x: unknown, base: unknown): unknown {
  const value = real(x, "log()");
  if (value <= 0) throw new TemplateError("value", "math domain error");
  if (base === null) return toFloat(Math.log(value));
  const by = real(base, "log()");
  if (by === 10) return toFloat(Math.log10(value));
  return toFloat(Math.log(value) / Math.log(by));
}

function root(value: number, base: number): unknown {
  if (base === 2) {
    if (value < 0) throw typeError("root() can only be used on numbers: math domain error");
    return toFloat(Math.sqrt(value));
  }
  const found = value ** (1 / base);
  if (Number.isNaN(found)) throw typeError("root() can only be used on numbers: math domain error");
  return toFloat(found);
}

const RANGES: readonly (readonly [string, number])[] = [
  ["Y", 2 ** 80],
  ["Z", 2 ** 70],
  ["E", 2 ** 60],
  ["P", 2 ** 50],
  ["T", 2 ** 40],
  ["G", 2 ** 30],
  ["M", 2 ** 20],
  ["K", 2 ** 10],
  ["B", 1],
];

// bytes_to_human of ansible/module_utils/common/text/formatters.py.
function humanReadable(value: unknown, bits: boolean, unit: unknown): string {
  if (value instanceof Undefined)
    throw filterError(`human_readable() can't interpret following string: ${pyStr(value)}`);
  const number = numberOf(typeof value === "string" ? (parseFloatText(value) ?? value) : value);
  if (typeof value === "string" || number === undefined) {
    if (typeof value === "string")
      throw typeError(
        `human_readable() failed on bad input: '>=' not supported between instances of 'str' and 'int'`,
      );
    throw typeError(
      `human_readable() failed on bad input: '>=' not supported between instances of '${typeName(value)}' and 'int'`,
    );
  }
  const size = Number(number);
  const base = bits ? "bits" : "Bytes";
  let suffix = "";
  let limit = 1;
  for (const [letter, range] of RANGES) {
    suffix = letter;
    limit = range;
    const wanted = unit === null ? size >= range : pyStr(unit).toUpperCase()[0] === letter;
    if (wanted) break;
  }
  const tail = limit === 1 ? base : suffix + (bits ? "b" : "B");
  return `${floatText(toDigits(size / limit, 10), "f", 2)} ${tail}`;
}

// human_to_bytes of the same file.
function humanToBytes(value: unknown, defaultUnit: unknown, bits: boolean): unknown {
  const text = pyStr(value);
  const [, digits = "", written] = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text) ?? [];
  if (digits === "" || digits === ".") throw unreadable(value);
  const unit = written ?? (defaultUnit === null ? undefined : pyStr(defaultUnit));
  if (unit === undefined) return roundedInt(Number(digits));
  const letter = (unit[0] ?? "").toUpperCase();
  const limit = RANGES.find(([name]) => name === letter)?.[1];
  if (limit === undefined) throw unreadable(value);
  const [word, short] = bits ? ["bit", "b"] : ["byte", "B"];
  if (unit.length > 1 && !unit.toLowerCase().includes(word) && unit[1] !== short)
    throw unreadable(text);
  return roundedInt(Number(digits) * limit);
}

function roundedInt(value: number): number | bigint {
  const rounded = toDigits(value, 0);
  return Number.isSafeInteger(rounded) ? rounded : BigInt(rounded);
}

function unreadable(value: unknown): TemplateError {
  return filterError(percentFormat("human_to_bytes() can't interpret following string: %s", value));
}
