import { type PyTuple, toFloat } from "../../model/value.ts";
import { define } from "../define.ts";
import { filterError, typeError, Undefined, valueError } from "../error.ts";
import { capitalize } from "../py-case.ts";
import { dictGet, greater, less, numberOf, order, truth } from "../py-compare.ts";
import { PyTimeDelta } from "../py-datetime.ts";
import { percentFormat } from "../py-format.ts";
import { add, toInt } from "../py-operators.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { chars, isIterable, iterate, length } from "../py-sequence.ts";
import { SPACES, trimNumber } from "../py-space.ts";
import { center, replace, strip } from "../py-str-methods.ts";
import {
  type Callable,
  NamedTuple,
  PyFunction,
  PyObject,
  PySet,
  tupleOf,
  typeName,
} from "../py-types.ts";
import { attribute } from "../runtime.ts";
import { attributeGetter, sortKey } from "./attribute.ts";
import { prettyRepr } from "./pretty.ts";
import { roundNumber } from "./round.ts";
import { mapItems, selectItems } from "./select.ts";
import { textWith } from "./strict-text.ts";
import {
  escapeHtml,
  fileSize,
  indent,
  jsonForHtml,
  stripTags,
  truncate,
  urlEncode,
  wordWrap,
  xmlAttributes,
} from "./text.ts";
import { urlize } from "./urlize.ts";

/** Jinja's own filters (jinja2/filters.py). */
export const FILTERS: Readonly<Record<string, Callable>> = {
  abs: define("value", (_run, value) => absolute(value)),
  attr: define("obj name", (_run, value, name) => attr(value, pyStr(name))),
  batch: define("value linecount fill_with?", (_run, value, size, fill = null) =>
    batch(iterate(value), int(size), fill),
  ),
  capitalize: define("s", (_run, value) => capitalize(pyStr(value))),
  center: define("value width?", (_run, value, width = 80) => center(pyStr(value), int(width))),
  default: define("value default_value? boolean?", (_run, value, otherwise = "", boolean = false) =>
    fallback(value, otherwise, boolean),
  ),
  d: define("value default_value? boolean?", (_run, value, otherwise = "", boolean = false) =>
    fallback(value, otherwise, boolean),
  ),
  dictsort: define(
    "value case_sensitive? by? reverse?",
    (_run, value, sensitive = false, by = "key", reverse = false) =>
      dictSort(value, truth(sensitive), by, truth(reverse)),
  ),
  escape: define("s", (_run, value) => escapeHtml(pyStr(value))),
  e: define("s", (_run, value) => escapeHtml(pyStr(value))),
  forceescape: define("value", (_run, value) => escapeHtml(pyStr(value))),
  filesizeformat: define("value binary?", (_run, value, binary = false) =>
    fileSize(floatOf(value), truth(binary)),
  ),
  first: define("seq", (_run, value) => {
    const items = iterate(value);
    return items.length > 0 ? items[0] : new Undefined(null, "No first item, sequence was empty.");
  }),
  last: define("seq", (_run, value) => last(value)),
  float: define("value default?", (_run, value, otherwise = toFloat(0)) =>
    toPyFloat(value, otherwise),
  ),
  format: define("value *args **kwargs", (_run, value, args, kwargs) =>
    format(pyStr(value), args as unknown[], kwargs as Map<unknown, unknown>),
  ),
  groupby: define(
    "value attribute default? case_sensitive?",
    (_run, value, name, otherwise, sensitive = false) =>
      groupBy(iterate(value), name, otherwise, truth(sensitive)),
  ),
  indent: define("s width? first? blank?", (_run, value, width = 4, first = false, blank = false) =>
    indent(indentable(value), width, truth(first), truth(blank)),
  ),
  int: define("value default? base?", (_run, value, otherwise = 0, base = 10) =>
    toPyInt(value, otherwise, int(base)),
  ),
  items: define("value", (_run, value) => itemsOf(value)),
  join: define("value d? attribute?", (_run, value, separator = "", name = null) => {
    const get = name === null ? undefined : attributeGetter(name);
    const between = pyStr(separator);
    return iterate(value)
      .map((item) => pyStr(get === undefined ? item : get(item)))
      .join(between);
  }),
  length: define("value", (_run, value) => length(value)),
  count: define("value", (_run, value) => length(value)),
  list: define("value", (_run, value) => [...iterate(value)]),
  lower: define("s", (_run, value) => pyStr(value).toLowerCase()),
  upper: define("s", (_run, value) => pyStr(value).toUpperCase()),
  map: define("value *args **kwargs", (run, value, args, kwargs) =>
    mapItems(run, value, args as unknown[], kwargs as Map<string, unknown>),
  ),
  select: define("value *args **kwargs", (run, value, args, kwargs) =>
    selectItems(run, value, args as unknown[], kwargs as Map<string, unknown>, {
      attribute: false,
      keep: true,
    }),
  ),
  reject: define("value *args **kwargs", (run, value, args, kwargs) =>
    selectItems(run, value, args as unknown[], kwargs as Map<string, unknown>, {
      attribute: false,
      keep: false,
    }),
  ),
  selectattr: define("value *args **kwargs", (run, value, args, kwargs) =>
    selectItems(run, value, args as unknown[], kwargs as Map<string, unknown>, {
      attribute: true,
      keep: true,
    }),
  ),
  rejectattr: define("value *args **kwargs", (run, value, args, kwargs) =>
    selectItems(run, value, args as unknown[], kwargs as Map<string, unknown>, {
      attribute: true,
      keep: false,
    }),
  ),
  max: define("value case_sensitive? attribute?", (_run, value, sensitive = false, name = null) =>
    extreme(value, truth(sensitive), name, greater),
  ),
  min: define("value case_sensitive? attribute?", (_run, value, sensitive = false, name = null) =>
    extreme(value, truth(sensitive), name, less),
  ),
  pprint: define("value", (_run, value) => prettyRepr(value)),
  replace: define("s old new count?", (_run, value, old, by, count = null) =>
    replace(pyStr(value), pyStr(old), pyStr(by), count === null ? -1 : int(count)),
  ),
  reverse: define("value", (_run, value) =>
    typeof value === "string"
      ? chars(value).reverse().join("")
      : [...reversedItems(value)].reverse(),
  ),
  round: define("value precision? method?", (_run, value, precision = 0, method = "common") =>
    roundNumber(value, int(precision), method),
  ),
  safe: define("value", (_run, value) => pyStr(value)),
  slice: define("value slices fill_with?", (_run, value, slices, fill = null) =>
    slices_(iterate(value), int(slices), fill),
  ),
  sort: define(
    "value reverse? case_sensitive? attribute?",
    (_run, value, reverse = false, sensitive = false, name = null) =>
      sort(iterate(value), truth(reverse), truth(sensitive), name),
  ),
  string: define("object", (_run, value) => pyStr(value)),
  striptags: define("value", (_run, value) => stripTags(pyStr(value))),
  sum: define("iterable attribute? start?", (_run, value, name = null, start = 0) => {
    const get = name === null ? undefined : attributeGetter(name);
    return iterate(value).reduce(
      (total, item) => add(total, get === undefined ? item : get(item)),
      start,
    );
  }),
  title: define("s", (_run, value) => titleCase(pyStr(value))),
  tojson: define("value indent?", (_run, value, width = null) => jsonForHtml(value, width)),
  trim: define("value chars?", (_run, value, cut = null) => strip(pyStr(value), cut, true, true)),
  truncate: define(
    "s length? killwords? end? leeway?",
    (_run, value, size = 255, kill = false, end = "...", leeway = null) =>
      truncateValue(value, int(size), truth(kill), pyStr(end), leeway === null ? 5 : int(leeway)),
  ),
  urlencode: define("value", (_run, value) => urlEncode(value)),
  urlize: define(
    "value trim_url_limit? nofollow? target? rel? extra_schemes?",
    (_run, value, limit = null, nofollow = false, target = null, rel = null, schemes = null) =>
      urlize(pyStr(value), {
        limit: limit === null ? undefined : int(limit),
        nofollow: truth(nofollow),
        target,
        rel,
        schemes,
      }),
  ),
  wordcount: define("s", (_run, value) => pyStr(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: define(
    "s width? break_long_words? wrapstring? break_on_hyphens?",
    (_run, value, width = 79, breakWords = true, wrapWith = null, hyphens = true) =>
      wordWrap(
        textWith("splitlines", value),
        int(width),
        truth(breakWords),
        wrapWith === null ? "\n" : pyStr(wrapWith),
        truth(hyphens),
      ),
  ),
  xmlattr: define("d autospace?", (_run, value, space = true) =>
    xmlAttributes(value, truth(space)),
  ),
};

/** A value as an int argument. Throws TypeError. */
export function int(value: unknown): number {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(Number(number))) {
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  return Number(number);
}

/** What Jinja can add a newline to. Throws TypeError. */
function indentable(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) return value.fail();
  const kind = typeName(value);
  // A list takes the newline in, and then is no text all the same.
  if (kind === "list") return textWith("splitlines", value);
  throw typeError(
    kind === "tuple"
      ? `can only concatenate ${kind} (not "str") to ${kind}`
      : `unsupported operand type(s) for +=: '${kind}' and 'str'`,
  );
}

/** Whatever is short enough stays what it is. */
function truncateValue(
  value: unknown,
  size: number,
  kill: boolean,
  end: string,
  leeway: number,
): unknown {
  const endSize = length(end);
  if (size < endSize) throw filterError(`expected length >= ${endSize}, got ${size}`);
  if (length(value) <= size + leeway) return value;
  return truncate(textWith("rsplit", value), size, kill, end, leeway);
}

function absolute(value: unknown): unknown {
  if (value instanceof PyTimeDelta) return value.pyAbsolute();
  const number = numberOf(value);
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  if (typeof number === "bigint") return number < 0n ? -number : number;
  return typeName(value) === "float" ? toFloat(Math.abs(number)) : Math.abs(number);
}

function attr(value: unknown, name: string): unknown {
  if (value instanceof Map || Array.isArray(value)) {
    const found =
      value instanceof Map && dictGet(value, name) !== undefined
        ? undefined
        : attribute(value, name);
    return found instanceof PyFunction
      ? found
      : new Undefined(name, `'${typeName(value)} object' has no attribute '${name}'`);
  }
  return attribute(value, name);
}

function fallback(value: unknown, otherwise: unknown, boolean: unknown): unknown {
  if (value instanceof Undefined) return otherwise;
  return truth(boolean) && !truth(value) ? otherwise : value;
}

function batch(items: readonly unknown[], size: number, fill: unknown): unknown[] {
  const rows: unknown[][] = [];
  for (let start = 0; start < items.length; start += Math.max(1, size))
    rows.push(items.slice(start, start + Math.max(1, size)));
  const lastRow = rows.at(-1);
  if (fill !== null && lastRow !== undefined) while (lastRow.length < size) lastRow.push(fill);
  return rows;
}

// The trailing underscore: `slice` of py-sequence.ts is Python's, this is Jinja's filter of that name.
function slices_(items: readonly unknown[], count: number, fill: unknown): unknown[] {
  const [whole, extra] = [Math.floor(items.length / count), items.length % count];
  const columns: unknown[][] = [];
  let at = 0;
  for (let column = 0; column < count; column++) {
    const size = whole + (column < extra ? 1 : 0);
    const part = items.slice(at, at + size);
    if (fill !== null && column >= extra && extra > 0) part.push(fill);
    else if (fill !== null && extra === 0) part.push(fill);
    columns.push(part);
    at += size;
  }
  return columns;
}

function last(value: unknown): unknown {
  const items = reversible(value);
  return items.length > 0 ? items.at(-1) : new Undefined(null, "No last item, sequence was empty.");
}

/** The items that `reverse` turns round. Throws its FilterArgumentError. */
function reversedItems(value: unknown): readonly unknown[] {
  if (value instanceof Undefined) return value.items();
  if (!isIterable(value) && !(value instanceof PyObject))
    throw filterError("argument must be iterable");
  return iterate(value);
}

function reversible(value: unknown): readonly unknown[] {
  if (value instanceof Undefined) return value.items();
  if (value instanceof PySet || !isIterable(value))
    throw typeError(`'${typeName(value)}' object is not reversible`);
  return iterate(value);
}

function dictSort(value: unknown, sensitive: boolean, by: unknown, reverse: boolean): unknown[] {
  if (value instanceof Undefined) value.fail();
  if (!(value instanceof Map))
    throw filterError(`'${typeName(value)}' object has no attribute 'items'`);
  if (by !== "key" && by !== "value")
    throw filterError('You can only sort by either "key" or "value"');
  const key = sortKey(sensitive);
  const index = by === "key" ? 0 : 1;
  return stableSort(
    [...value].map((pair) => tupleOf(pair)),
    (pair) => key((pair as PyTuple)[index]),
    reverse,
  );
}

/** Sorts by keys as Python does: stable, also when reversed. Throws TypeError for keys without order. */
export function stableSort(
  items: readonly unknown[],
  key: (item: unknown) => unknown,
  reverse: boolean,
): unknown[] {
  const decorated = items.map((item) => ({ item, key: key(item) }));
  if (reverse) decorated.reverse();
  decorated.sort((a, b) => order(a.key, b.key, "<"));
  if (reverse) decorated.reverse();
  return decorated.map(({ item }) => item);
}

function sort(
  items: readonly unknown[],
  reverse: boolean,
  sensitive: boolean,
  name: unknown,
): unknown[] {
  const fold = sortKey(sensitive);
  // Jinja compares lists of keys, in which what is equal need have no order.
  if (name === null) return stableSort(items, (item) => [fold(item)], reverse);
  const getters = (typeof name === "string" ? name.split(",") : [name]).map((part) =>
    attributeGetter(part),
  );
  const key = (item: unknown): unknown => getters.map((get) => fold(get(item)));
  return stableSort(items, key, reverse);
}

function extreme(
  value: unknown,
  sensitive: boolean,
  name: unknown,
  wins: (candidate: unknown, best: unknown) => boolean,
): unknown {
  const items = iterate(value);
  if (items.length === 0) return new Undefined(null, "No aggregated item, sequence was empty.");
  const fold = sortKey(sensitive);
  const get = name === null ? (item: unknown) => item : attributeGetter(name);
  return items.reduce((best, item) => (wins(fold(get(item)), fold(get(best))) ? item : best));
}

function groupBy(
  items: readonly unknown[],
  name: unknown,
  otherwise: unknown,
  sensitive: boolean,
): unknown[] {
  const get = attributeGetter(name, otherwise);
  const fold = sortKey(sensitive);
  const groups: { key: unknown; folded: unknown; items: unknown[] }[] = [];
  for (const item of stableSort(items, (inner) => fold(get(inner)), false)) {
    const folded = fold(get(item));
    const current = groups.at(-1);
    if (current !== undefined && order(current.folded, folded, "<") === 0) current.items.push(item);
    else groups.push({ key: get(item), folded, items: [item] });
  }
  return groups.map(({ key, items: grouped }) =>
    NamedTuple.named(["grouper", "list"], [key, grouped]),
  );
}

function itemsOf(value: unknown): unknown[] {
  if (value instanceof Undefined) return [];
  if (!(value instanceof Map)) throw typeError("Can only get item pairs from a mapping.");
  return [...value].map((pair) => tupleOf(pair));
}

function format(
  text: string,
  args: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown>,
): string {
  if (args.length > 0 && kwargs.size > 0)
    throw filterError("can't handle positional and keyword arguments at the same time");
  return percentFormat(text, kwargs.size > 0 ? kwargs : tupleOf(args));
}

function floatOf(value: unknown): number {
  if (value instanceof Undefined) value.fail();
  const number = numberOf(typeof value === "string" ? parseFloatText(value) : value);
  if (number === undefined && typeof value === "string")
    throw valueError(`could not convert string to float: ${pyRepr(value)}`);
  if (number === undefined)
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  return Number(number);
}

/** Python's `float(text)`, or undefined when it is no number. */
export function parseFloatText(text: string): number | undefined {
  const plain = trimNumber(text).replace(/(?<=\d)_(?=\d)/g, "");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return Number(plain);
  const word = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(plain);
  if (word === null) return undefined;
  const value = word[2]?.toLowerCase() === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
  return word[1] === "-" ? -value : value;
}

function toPyFloat(value: unknown, otherwise: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  const number = typeof value === "string" ? parseFloatText(value) : numberOf(value);
  return number === undefined ? otherwise : toFloat(Number(number));
}

function toPyInt(value: unknown, otherwise: unknown, base: number): unknown {
  if (value instanceof Undefined) return value.fail();
  if (typeof value === "string") {
    const whole = parseIntText(value, base);
    if (whole !== undefined) return whole;
    const float = parseFloatText(value);
    return float === undefined || !Number.isFinite(float)
      ? otherwise
      : toInt(BigInt(Math.trunc(float)));
  }
  const number = numberOf(value);
  if (number === undefined || !Number.isFinite(Number(number))) return otherwise;
  return typeof number === "bigint" ? number : toInt(BigInt(Math.trunc(number)));
}

/** Python's `int(text, base)`, or undefined when it is no number. */
export function parseIntText(text: string, base: number): number | bigint | undefined {
  const found = /^([+-]?)(0[xX]|0[oO]|0[bB])?_?([\da-zA-Z]+(?:_[\da-zA-Z]+)*)$/.exec(
    trimNumber(text),
  );
  if (found === null) return undefined;
  const [, sign, prefix, digits = ""] = found;
  const radix =
    prefix === undefined ? undefined : { x: 16, o: 8, b: 2 }[prefix[1]?.toLowerCase() ?? ""];
  let source = digits.replaceAll("_", "").toLowerCase();
  let by = base;
  if (base === 0) by = radix ?? 10;
  else if (radix !== undefined && radix !== base)
    source =
      prefix?.[1] === "b" || prefix?.[1] === "B"
        ? `0b${source}`
        : `${prefix}${source}`.toLowerCase();
  let total = 0n;
  for (const char of source) {
    const digit = Number.parseInt(char, 36);
    if (Number.isNaN(digit) || digit >= by) return undefined;
    total = total * BigInt(by) + BigInt(digit);
  }
  return toInt(sign === "-" ? -total : total);
}

function titleCase(text: string): string {
  return text
    .split(TITLE_BREAKS)
    .filter((part) => part !== "")
    .map(capitalizeFirst)
    .join("");
}

const TITLE_BREAKS = new RegExp(`([-({[<${SPACES}]+)`, "u");

function capitalizeFirst(part: string): string {
  const [first = "", ...rest] = chars(part);
  return first.toUpperCase() + rest.join("").toLowerCase();
}
