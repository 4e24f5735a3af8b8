import { filterError, typeError, Undefined } from "../error.ts";
import { truth } from "../py-compare.ts";
import { floatText } from "../py-format.ts";
import { pyStr } from "../py-repr.ts";
import { chars, iterate } from "../py-sequence.ts";
import { splitLines } from "../py-str-methods.ts";
import { typeName } from "../py-types.ts";
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
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ")
    .replace(/&(amp|lt|gt|quot|#39|#34);/g, (_all, name: string) => NAMED[name] ?? "");
}

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
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
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
  const by = typeof width === "string" ? width : " ".repeat(Number(width));
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
  if (length < endSize) throw filterError(`expected length >= ${endSize}, got ${length}`);
  if (all.length <= length + leeway) return text;
  const cut = all.slice(0, length - endSize).join("");
  if (kill) return cut + end;
  const blank = cut.lastIndexOf(" ");
  return (blank === -1 ? cut : cut.slice(0, blank)) + end;
}

export function urlEncode(value: unknown): string {
  if (value instanceof Undefined) return value.fail();
  if (typeof value === "string" || (!(value instanceof Map) && !Array.isArray(value)))
    return quoteUrl(pyStr(value), true);
  const pairs = value instanceof Map ? [...value] : value.map((pair) => iterate(pair));
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

function wrapLine(line: string, width: number, breakWords: boolean, hyphens: boolean): string[] {
  const pieces =
    line.match(hyphens ? /\s+|[^\s-]*[^\s\d-]-(?=[^\s-])|[^\s-]+|-+/g : /\s+|\S+/g) ?? [];
  const lines: string[] = [];
  let current = "";
  for (const piece of hyphens ? joinHyphens(pieces) : pieces) {
    let rest = piece;
    if (current.length + rest.length <= width) {
      current += rest;
      continue;
    }
    if (rest.trim() === "") {
      if (current !== "") lines.push(current);
      current = "";
      continue;
    }
    if (current.trimEnd() !== "" && rest.length <= width) lines.push(current.trimEnd());
    else if (breakWords) {
      while (current.length + rest.length > width) {
        const room = width - current.length;
        lines.push((current + rest.slice(0, room)).trimEnd());
        rest = rest.slice(room);
        current = "";
      }
    } else if (current.trimEnd() !== "") lines.push(current.trimEnd());
    current = rest;
  }
  if (current.trimEnd() !== "") lines.push(current.trimEnd());
  return lines;
}

// A hyphen belongs to the word before it; a break is possible only behind it.
function joinHyphens(pieces: readonly string[]): string[] {
  const joined: string[] = [];
  for (const piece of pieces) {
    const before = joined.at(-1);
    const glues =
      before !== undefined &&
      before.trim() !== "" &&
      piece.trim() !== "" &&
      !/[^\s\d-]-$/.test(before);
    if (glues) joined[joined.length - 1] = before + piece;
    else joined.push(piece);
  }
  return joined;
}

export function urlize(
  text: string,
  limit: number | undefined,
  nofollow: boolean,
  target: unknown,
  rel: unknown,
): string {
  const rels = [
    ...(rel === null ? [] : pyStr(rel).split(" ")),
    ...(nofollow ? ["nofollow"] : []),
    "noopener",
  ].sort((a, b) => (a < b ? -1 : 1));
  const attributes = ` rel="${escapeHtml([...new Set(rels)].join(" "))}"${target === null ? "" : ` target="${escapeHtml(pyStr(target))}"`}`;
  const short = (word: string): string =>
    limit !== undefined && word.length > limit ? `${word.slice(0, limit)}...` : word;
  return escapeHtml(text)
    .split(/(\s+)/)
    .map((word) => {
      const [, head = "", middle = "", tail = ""] =
        /^([(<]|&lt;)*(.*?)([).,>\n]|&gt;)*$/s.exec(word) ?? [];
      if (/^(https?:\/\/|www\.)/.test(middle)) {
        const href = middle.startsWith("http") ? middle : `https://${middle}`;
        return `${head}<a href="${href}"${attributes}>${short(middle)}</a>${tail}`;
      }
      return word;
    })
    .join("");
}

export function xmlAttributes(value: unknown, space: boolean): string {
  if (!(value instanceof Map))
    throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const parts: string[] = [];
  for (const [key, inner] of value) {
    if (inner === null || inner instanceof Undefined) continue;
    parts.push(`${escapeHtml(pyStr(key))}="${escapeHtml(pyStr(inner))}"`);
  }
  const text = parts.join(" ");
  return space && text !== "" ? ` ${text}` : text;
}

/** Jinja's tojson: sorted keys, and safe inside HTML. */
export function jsonForHtml(value: unknown, width: unknown): string {
  const text = dumpJson(value, {
    sortKeys: true,
    ...(truth(width) ? { indent: Number(width) } : {}),
  });
  return text.replace(
    /[<>&']/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
