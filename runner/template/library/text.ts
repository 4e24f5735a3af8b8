import { typeError, Undefined, valueError } from "../error.ts";
import { truth } from "../py-compare.ts";
import { floatText } from "../py-format.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { chars, isIterable, iterate } from "../py-sequence.ts";
import { SPACES } from "../py-space.ts";
import { splitLines } from "../py-str-methods.ts";
import { typeName } from "../py-types.ts";
import { unpack } from "../runtime.ts";
import { dumpJson } from "./json.ts";

/** Text filters of Jinja that are more than a line. */

export function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, (char) => ENTITIES[char] ?? char);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

export function stripTags(text: string): string {
  return text
    .replace(/<!--.*?-->|<[^>]*>/gs, "")
    .split(SPACE_RUN)
    .filter((word) => word !== "")
    .join(" ")
    .replace(/&(amp|lt|gt|quot|#39|#34);/g, (_all, name: string) => NAMED[name] ?? "");
}

const SPACE_RUN = new RegExp(`[${SPACES}]+`);

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#34": '"',
};

export function fileSize(bytes: number, binary: boolean): string {
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${Number.isFinite(bytes) ? BigInt(Math.trunc(bytes)) : bytes} Bytes`;
  const units = binary
    ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
  let size = bytes;
  let unit = "";
  for (const candidate of units) {
    size /= base;
    unit = candidate;
    if (size < base) break;
  }
  return `${floatText(size, "f", 1)} ${unit}`;
}

export function indent(text: string, width: unknown, first: boolean, blank: boolean): string {
  const by = typeof width === "string" ? width : " ".repeat(Math.max(0, Number(width)));
  const [head = "", ...rest] = splitLines(`${text}\n`);
  const indented = blank
    ? [head, ...rest].join(`\n${by}`)
    : [head, ...rest.map((line) => (line === "" ? line : by + line))].join("\n");
  return first ? by + indented : indented;
}

export function truncate(
  text: string,
  length: number,
  kill: boolean,
  end: string,
  leeway: number,
): string {
  const all = chars(text);
  const endSize = chars(end).length;
  if (all.length <= length + leeway) return text;
  const cut = all.slice(0, length - endSize).join("");
  if (kill) return cut + end;
  const blank = cut.lastIndexOf(" ");
  return (blank === -1 ? cut : cut.slice(0, blank)) + end;
}

export function urlEncode(value: unknown): string {
  if (value instanceof Undefined) return value.items().join();
  if (typeof value === "string" || !isIterable(value)) return quoteUrl(pyStr(value), true);
  const pairs = value instanceof Map ? [...value] : iterate(value).map((pair) => unpack(pair, 2));
  return pairs
    .map(([key, inner]) => `${quoteUrl(pyStr(key), false)}=${quoteUrl(pyStr(inner), false)}`)
    .join("&");
}

/** Percent-encoding of all but unreserved characters; a path keeps its slashes, a query has + for blanks. */
export function quoteUrl(text: string, isPath: boolean): string {
  let out = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(char) || (isPath && char === "/")) out += char;
    else if (!isPath && char === " ") out += "+";
    else out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** Python's textwrap, as Jinja's wordwrap calls it: line by line, blanks inside lines kept. */
export function wordWrap(
  text: string,
  width: number,
  breakWords: boolean,
  wrapWith: string,
  hyphens: boolean,
): string {
  return splitLines(text)
    .map((line) => wrapLine(line, width, breakWords, hyphens).join(wrapWith))
    .join(wrapWith);
}

/** One line as TextWrapper of Python's textwrap breaks it. */
function wrapLine(line: string, width: number, breakWords: boolean, hyphens: boolean): string[] {
  if (width <= 0) throw valueError(`invalid width ${width} (must be > 0)`);
  const chunks = (line.match(hyphens ? HYPHENATED : WORDS) ?? []).map(chars).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && isBlank(chunks.at(-1))) chunks.pop();
    const current: string[][] = [];
    let size = 0;
    for (let next = chunks.at(-1); next !== undefined && size + next.length <= width; ) {
      current.push(next);
      size += next.length;
      chunks.pop();
      next = chunks.at(-1);
    }
    const long = chunks.at(-1);
    if (long !== undefined && long.length > width) {
      if (breakWords) {
        const end = breakAt(long, width - size, hyphens);
        current.push(long.slice(0, end));
        chunks[chunks.length - 1] = long.slice(end);
      } else if (current.length === 0) {
        current.push(long);
        chunks.pop();
      }
    }
    if (isBlank(current.at(-1))) current.pop();
    if (current.length > 0) lines.push(current.flat().join(""));
  }
  return lines;
}

const WORDS = /\s+|\S+/g;
/** Blanks, dashes between words, and words up to a hyphen that stands between letters. */
const HYPHENATED =
  /\s+|(?<=[\p{L}\p{N}_!"'&.,?])-{2,}(?=[\p{L}\p{N}_])|\S+?(?:-(?:(?<=[\p{L}_]{2}-)|(?<=[\p{L}_]-[\p{L}_]-))(?=[\p{L}_]-?[\p{L}_])|(?=\s|$)|(?<=[\p{L}\p{N}_!"'&.,?])(?=-{2,}[\p{L}\p{N}_]))/gu;

function isBlank(chunk: readonly string[] | undefined): boolean {
  return chunk !== undefined && chunk.join("").trim() === "";
}

/** Where a word that is too long is cut: behind its last hyphen that fits, or where the room ends. */
function breakAt(word: readonly string[], room: number, hyphens: boolean): number {
  if (!hyphens || word.length <= room) return room;
  const hyphen = word.slice(0, room).lastIndexOf("-");
  return hyphen > 0 && word.slice(0, hyphen).some((char) => char !== "-") ? hyphen + 1 : room;
}

export function xmlAttributes(value: unknown, space: boolean): string {
  if (value instanceof Undefined) value.fail();
  if (!(value instanceof Map))
    throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const parts: string[] = [];
  for (const [key, inner] of value) {
    if (inner === null || inner instanceof Undefined) continue;
    if (typeof key !== "string")
      throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
    if (/[ \t\n\r\f\v/>=]/.test(key))
      throw valueError(`Invalid character in attribute name: ${pyRepr(key)}`);
    parts.push(`${escapeHtml(pyStr(key))}="${escapeHtml(pyStr(inner))}"`);
  }
  const text = parts.join(" ");
  return space && text !== "" ? ` ${text}` : text;
}

/** Jinja's tojson: sorted keys, and safe inside HTML. */
export function jsonForHtml(value: unknown, width: unknown): string {
  const text = dumpJson(value, {
    sortKeys: true,
    plain: true,
    ...(truth(width) ? { indent: Number(width) } : {}),
  });
  return text.replace(
    /[<>&']/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
