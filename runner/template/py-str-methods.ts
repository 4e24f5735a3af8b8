import { PyTuple } from "../model/value.ts";
import { define } from "./define.ts";
import { TemplateError, typeError, valueError } from "./error.ts";
import { encodeText } from "./py-bytes.ts";
import { capitalize, caseFold, swapCase, title } from "./py-case.ts";
import { indexOf, truth } from "./py-compare.ts";
import { strFormat } from "./py-format.ts";
import { pyStr } from "./py-repr.ts";
import { chars, iterate, slice, subscript } from "./py-sequence.ts";
import { isSpace, lastWord, splitSpace, trimSpace } from "./py-space.ts";
import { formatAttribute } from "./py-str-reach.ts";
import { type Callable, tupleOf, typeName } from "./py-types.ts";

/** The methods of str. */
export const STRING_METHODS: ReadonlyMap<string, Callable> = new Map([
  ["upper", define("", (_run, self) => str(self).toUpperCase())],
  ["lower", define("", (_run, self) => str(self).toLowerCase())],
  ["casefold", define("", (_run, self) => caseFold(str(self)))],
  ["capitalize", define("", (_run, self) => capitalize(str(self)))],
  ["title", define("", (_run, self) => title(str(self)))],
  ["swapcase", define("", (_run, self) => swapCase(str(self)))],
  ["strip", define("chars?", (_run, self, cut = null) => strip(str(self), cut, true, true))],
  ["lstrip", define("chars?", (_run, self, cut = null) => strip(str(self), cut, true, false))],
  ["rstrip", define("chars?", (_run, self, cut = null) => strip(str(self), cut, false, true))],
  [
    "split",
    define("sep? maxsplit?", (_run, self, sep = null, most = -1) =>
      split(str(self), sep, int(most)),
    ),
  ],
  [
    "rsplit",
    define("sep? maxsplit?", (_run, self, sep = null, most = -1) =>
      rsplit(str(self), sep, int(most)),
    ),
  ],
  [
    "splitlines",
    define("keepends?", (_run, self, keep = false) => splitLines(str(self), truth(keep))),
  ],
  ["join", define("iterable", (_run, self, items) => join(str(self), items))],
  [
    "replace",
    define("old new count?", (_run, self, old, by, count = -1) =>
      replace(str(self), text(old), text(by), int(count)),
    ),
  ],
  [
    "startswith",
    define("prefix start? end?", (_run, self, prefix, start = null, end = null) =>
      affix("startswith", self, prefix, start, end, (all, part) => all.startsWith(part)),
    ),
  ],
  [
    "endswith",
    define("suffix start? end?", (_run, self, suffix, start = null, end = null) =>
      affix("endswith", self, suffix, start, end, (all, part) => all.endsWith(part)),
    ),
  ],
  [
    "removeprefix",
    define("prefix", (_run, self, prefix) =>
      str(self).startsWith(text(prefix)) ? str(self).slice(text(prefix).length) : self,
    ),
  ],
  [
    "removesuffix",
    define("suffix", (_run, self, suffix) =>
      text(suffix) !== "" && str(self).endsWith(text(suffix))
        ? str(self).slice(0, -text(suffix).length)
        : self,
    ),
  ],
  [
    "find",
    define("sub start? end?", (_run, self, sub, start = null, end = null) =>
      find(self, sub, start, end, false),
    ),
  ],
  [
    "rfind",
    define("sub start? end?", (_run, self, sub, start = null, end = null) =>
      find(self, sub, start, end, true),
    ),
  ],
  [
    "index",
    define("sub start? end?", (_run, self, sub, start = null, end = null) =>
      found(find(self, sub, start, end, false)),
    ),
  ],
  [
    "rindex",
    define("sub start? end?", (_run, self, sub, start = null, end = null) =>
      found(find(self, sub, start, end, true)),
    ),
  ],
  [
    "count",
    define("sub start? end?", (_run, self, sub, start = null, end = null) =>
      count(str(slice(self, start, end, null)), text(sub)),
    ),
  ],
  [
    "partition",
    define("sep", (_run, self, sep) =>
      partition(str(self), text(sep), str(self).indexOf(text(sep)), false),
    ),
  ],
  [
    "rpartition",
    define("sep", (_run, self, sep) =>
      partition(str(self), text(sep), str(self).lastIndexOf(text(sep)), true),
    ),
  ],
  [
    "center",
    define("width fillchar?", (_run, self, width, fill = " ") =>
      center(str(self), int(width), text(fill)),
    ),
  ],
  [
    "ljust",
    define(
      "width fillchar?",
      (_run, self, width, fill = " ") => str(self) + padding(self, width, fill),
    ),
  ],
  [
    "rjust",
    define(
      "width fillchar?",
      (_run, self, width, fill = " ") => padding(self, width, fill) + str(self),
    ),
  ],
  ["zfill", define("width", (_run, self, width) => zeroFill(str(self), int(width)))],
  ["expandtabs", define("tabsize?", (_run, self, size = 8) => expandTabs(str(self), int(size)))],
  ["isdigit", define("", (_run, self) => /^[\p{Nd}²³¹]+$/u.test(str(self)))],
  ["isdecimal", define("", (_run, self) => /^\p{Nd}+$/u.test(str(self)))],
  ["isnumeric", define("", (_run, self) => /^\p{N}+$/u.test(str(self)))],
  ["isalpha", define("", (_run, self) => /^\p{L}+$/u.test(str(self)))],
  ["isalnum", define("", (_run, self) => /^[\p{L}\p{N}]+$/u.test(str(self)))],
  ["isspace", define("", (_run, self) => isSpace(str(self)))],
  ["isupper", define("", (_run, self) => /\p{Lu}/u.test(str(self)) && !/\p{Ll}/u.test(str(self)))],
  ["islower", define("", (_run, self) => /\p{Ll}/u.test(str(self)) && !/\p{Lu}/u.test(str(self)))],
  [
    "istitle",
    define("", (_run, self) => /\p{Lu}|\p{Ll}/u.test(str(self)) && title(str(self)) === self),
  ],
  [
    "isidentifier",
    define("", (_run, self) =>
      /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(str(self)),
    ),
  ],
  ["isascii", define("", (_run, self) => /^[\x00-\x7f]*$/.test(str(self)))],
  ["isprintable", define("", (_run, self) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(str(self)))],
  [
    "encode",
    define("encoding? errors?", (_run, self, encoding = "utf-8") =>
      encodeText(str(self), text(encoding)),
    ),
  ],
  [
    "format",
    define("*args **kwargs", (_run, self, args, kwargs) =>
      strFormat(str(self), args as unknown[], kwargs as Map<unknown, unknown>, {
        attribute: formatAttribute,
        item: subscript,
      }),
    ),
  ],
  [
    "format_map",
    define("mapping", (_run, self, mapping) =>
      strFormat(str(self), [], mapping as Map<unknown, unknown>, {
        attribute: formatAttribute,
        item: subscript,
      }),
    ),
  ],
  ["maketrans", define("x y? z?", (_run, _self, from, to, gone) => makeTrans(from, to, gone))],
  ["translate", define("table", (_run, self, table) => translate(str(self), table))],
]);

function str(value: unknown): string {
  return value as string;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw typeError(`must be str, not ${typeName(value)}`);
  return value;
}

function int(value: unknown): number {
  const index = indexOf(value);
  if (index === undefined)
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  if (Math.abs(index) >= 2 ** 63)
    throw new TemplateError("overflow", "Python int too large to convert to C ssize_t");
  return index;
}

/** Python's `strip`, on the chosen sides; a null set of characters means whitespace. */
export function strip(value: string, cut: unknown, left: boolean, right: boolean): string {
  if (cut === null) return trimSpace(value, left, right);
  const gone = new Set(chars(text(cut)));
  const all = chars(value);
  let start = 0;
  let end = all.length;
  while (left && start < end && gone.has(all[start] ?? "")) start++;
  while (right && end > start && gone.has(all[end - 1] ?? "")) end--;
  return all.slice(start, end).join("");
}

/** Python's `str.split`. */
export function split(value: string, sep: unknown, most: number): string[] {
  if (sep === null) return splitSpace(value, most);
  if (typeof sep !== "string") throw typeError(`must be str or None, not ${typeName(sep)}`);
  const by = sep;
  if (by === "") throw valueError("empty separator");
  const parts = value.split(by);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(by)];
}

function rsplit(value: string, sep: unknown, most: number): string[] {
  if (most < 0) return split(value, sep, -1);
  if (sep === null) {
    const words: string[] = [];
    let rest = trimSpace(value, false);
    while (rest !== "" && words.length < most) {
      const word = lastWord(rest);
      words.unshift(word);
      rest = trimSpace(rest.slice(0, rest.length - word.length), false);
    }
    return rest === "" ? words : [rest, ...words];
  }
  if (typeof sep !== "string") throw typeError(`must be str or None, not ${typeName(sep)}`);
  const by = sep;
  if (by === "") throw valueError("empty separator");
  const parts = value.split(by);
  if (parts.length <= most + 1) return parts;
  const kept = parts.length - most;
  return [parts.slice(0, kept).join(by), ...parts.slice(kept)];
}

/** Python's `str.splitlines`. */
export function splitLines(value: string, keep = false): string[] {
  const lines: string[] = [];
  for (const [line] of value.matchAll(
    /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g,
  )) {
    if (line !== "")
      lines.push(keep ? line : line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ""));
  }
  return lines;
}

function join(by: string, items: unknown): string {
  return iterate(items)
    .map((item, index) => {
      if (typeof item === "string") return item;
      if (typeName(item) === "AnsibleUndefined") return pyStr(item);
      throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
    })
    .join(by);
}

/** Python's `str.replace`; a negative count means all. */
export function replace(value: string, old: string, by: string, most: number): string {
  if (most < 0) return value.replaceAll(old, () => by);
  if (most === 0) return value;
  let out = "";
  let at = 0;
  for (let done = 0; done < most; done++) {
    const next = value.indexOf(old, at);
    if (next === -1) break;
    if (old === "") {
      if (at >= value.length) return `${out}${by}`;
      out += by + value.slice(at, at + 1);
      at += 1;
    } else {
      out += value.slice(at, next) + by;
      at = next + old.length;
    }
  }
  return out + value.slice(at);
}

function affix(
  name: string,
  self: unknown,
  wanted: unknown,
  start: unknown,
  end: unknown,
  test: (all: string, part: string) => boolean,
): boolean {
  const all = str(slice(self, start, end, null));
  const candidates = wanted instanceof PyTuple ? wanted : [wanted];
  return candidates.some((part) => {
    if (typeof part === "string") return test(all, part);
    if (wanted instanceof PyTuple)
      throw typeError(`tuple for ${name} must only contain str, not ${typeName(part)}`);
    throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(part)}`);
  });
}

function find(self: unknown, sub: unknown, start: unknown, end: unknown, last: boolean): number {
  const all = chars(str(self));
  const from = clampIndex(start, 0, all.length);
  const part = str(slice(self, start, end, null));
  const at = last ? part.lastIndexOf(text(sub)) : part.indexOf(text(sub));
  return at === -1 ? -1 : from + chars(part.slice(0, at)).length;
}

function clampIndex(value: unknown, otherwise: number, size: number): number {
  if (value === null) return otherwise;
  const index = int(value);
  return index < 0 ? Math.max(0, index + size) : Math.min(index, size);
}

function found(index: number): number {
  if (index === -1) throw valueError("substring not found");
  return index;
}

function count(value: string, sub: string): number {
  return sub === "" ? chars(value).length + 1 : value.split(sub).length - 1;
}

function partition(value: string, sep: string, at: number, last: boolean): unknown {
  if (sep === "") throw valueError("empty separator");
  if (at === -1) return tupleOf(last ? ["", "", value] : [value, "", ""]);
  return tupleOf([value.slice(0, at), sep, value.slice(at + sep.length)]);
}

/** Python's `str.center`, which puts the odd blank where CPython does. */
export function center(value: string, width: number, fill = " "): string {
  const missing = width - chars(value).length;
  if (missing <= 0) return value;
  const left = (missing >> 1) + (missing & width & 1);
  return fill.repeat(left) + value + fill.repeat(missing - left);
}

function padding(self: unknown, width: unknown, fill: unknown): string {
  if (chars(text(fill)).length !== 1)
    throw typeError("The fill character must be exactly one character long");
  return text(fill).repeat(Math.max(0, int(width) - chars(str(self)).length));
}

function zeroFill(value: string, width: number): string {
  const sign = /^[+-]/.exec(value)?.[0] ?? "";
  return sign + "0".repeat(Math.max(0, width - chars(value).length)) + value.slice(sign.length);
}

function expandTabs(value: string, size: number): string {
  let column = 0;
  let out = "";
  for (const char of value) {
    if (char === "\t") {
      const blanks = size > 0 ? size - (column % size) : 0;
      out += " ".repeat(blanks);
      column += blanks;
    } else {
      out += char;
      column = char === "\n" || char === "\r" ? 0 : column + 1;
    }
  }
  return out;
}

function makeTrans(from: unknown, to: unknown, gone: unknown): Map<unknown, unknown> {
  const table = new Map<unknown, unknown>();
  if (from instanceof Map) {
    for (const [key, value] of from)
      table.set(typeof key === "string" ? key.codePointAt(0) : key, value);
    return table;
  }
  const targets = chars(text(to));
  for (const [index, char] of chars(text(from)).entries()) {
    table.set(char.codePointAt(0), targets[index]?.codePointAt(0));
  }
  if (gone !== undefined)
    for (const char of chars(text(gone))) table.set(char.codePointAt(0), null);
  return table;
}

function translate(value: string, table: unknown): string {
  if (!(table instanceof Map)) throw typeError(`'${typeName(table)}' object is not subscriptable`);
  return chars(value)
    .map((char) => {
      const to = table.get(char.codePointAt(0) ?? 0) as unknown;
      return to === undefined
        ? char
        : to === null
          ? ""
          : typeof to === "number"
            ? String.fromCodePoint(to)
            : pyStr(to);
    })
    .join("");
}
