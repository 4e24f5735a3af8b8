import { PYTHON_ESCAPES } from "../model/python-escapes.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";

/** Text that cannot be split: quotes or Jinja blocks that do not close. */
export class SplitError extends Error {}

/**
 * Splits text on white space, keeping quoted parts and Jinja blocks together, and white space as
 * written inside of the words (`split_args` of `parsing/splitter.py`).
 *
 * @throws SplitError when quotes or blocks stay open.
 */
export function splitArgs(text: string): string[] {
  const words: string[] = [];
  const glue = (piece: string) => {
    if (words.length === 0) throw new SplitError("Unable to parse argument string");
    words[words.length - 1] += piece;
  };
  let quote: string | undefined;
  const depth = { print: 0, block: 0, comment: 0 };
  const inBlock = () => depth.print > 0 || depth.block > 0 || depth.comment > 0;
  const lines = text.split("\n");

  for (const [lineNumber, line] of lines.entries()) {
    const tokens = line.split(" ");
    let continued = false;
    for (const [index, token] of tokens.entries()) {
      if (token === "" && index > 0) {
        glue(" ");
        continue;
      }
      if (token === "\\" && quote === undefined) {
        continued = true;
        continue;
      }
      const wasQuoted = quote !== undefined;
      quote = quoteAfter(token, quote);
      let placed = false;
      if (quote !== undefined && !wasQuoted && !inBlock()) {
        words.push(token);
        placed = true;
      } else if (inBlock() || quote !== undefined || wasQuoted) {
        if (index === 0 && wasQuoted) glue(token);
        else if (tokens.length > 1) glue(index > 0 ? ` ${token}` : token);
        else glue(`\n${token}`);
        placed = true;
      }
      for (const [kind, open, close] of BLOCKS) {
        const before = depth[kind];
        depth[kind] = Math.max(0, before + count(token, open) - count(token, close));
        if (depth[kind] !== before && !placed) {
          words.push(token);
          placed = true;
        }
      }
      if (!inBlock() && quote === undefined && !placed && token !== "") words.push(token);
    }
    if (lines.length > 1 && lineNumber !== lines.length - 1 && !continued) glue("\n");
  }
  if (inBlock() || quote !== undefined) {
    throw new SplitError(
      `failed at splitting arguments, either an unbalanced jinja2 block or quotes: ${text}`,
    );
  }
  return words;
}

/**
 * `key=value` pairs of a text. What is no pair goes to `_raw_params`; with `freeForm`, so does every
 * pair that is not an option of the command modules (`parse_kv` of `parsing/splitter.py`).
 *
 * @throws SplitError
 */
export function parseKeyValues(text: string, freeForm = false): Dict {
  const options: Dict = new Map();
  const raw: string[] = [];
  for (const word of splitArgs(text)) {
    const plain = decodeEscapes(word);
    const at = pairSeparator(plain);
    if (at === undefined) {
      // Only escaped equals signs are left: they lose their backslash.
      raw.push(plain.includes("=") ? plain.replaceAll("\\=", "=") : word);
      continue;
    }
    const key = plain.slice(0, at);
    if (freeForm && !COMMAND_OPTIONS.has(key)) raw.push(word);
    else options.set(key.trim(), unquote(plain.slice(at + 1).trim()));
  }
  if (raw.length > 0) options.set("_raw_params", joinArgs(raw));
  return options;
}

/** Words put together again, with spaces where no line ended. */
export function joinArgs(words: readonly string[]): string {
  let result = "";
  for (const word of words) result += result === "" || result.endsWith("\n") ? word : ` ${word}`;
  return result;
}

/** Text without the quotes around it, when both ends have the same (`parsing/quoting.py`). */
export function unquote(text: string): string {
  const first = text[0];
  const quoted =
    text.length > 1 &&
    first === text.at(-1) &&
    (first === '"' || first === "'") &&
    text.at(-2) !== "\\";
  return quoted ? text.slice(1, -1) : text;
}

/** Whether a value, or anything in it, has Jinja in it. */
export function hasTemplate(value: Value | undefined): boolean {
  if (typeof value === "string") return /\{\{|\{%|\{#/.test(value);
  if (Array.isArray(value)) return value.some(hasTemplate);
  if (isDict(value)) return [...value].some(([key, item]) => hasTemplate(key) || hasTemplate(item));
  return false;
}

const BLOCKS = [
  ["print", "{{", "}}"],
  ["block", "{%", "%}"],
  ["comment", "{#", "#}"],
] as const;

const COMMAND_OPTIONS: ReadonlySet<string> = new Set([
  "creates",
  "removes",
  "chdir",
  "executable",
  "warn",
  "stdin",
  "stdin_add_newline",
  "strip_empty_ends",
]);

const ESCAPE = /\\U[0-9a-fA-F]{8}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[\\'"abfnrtv]/g;
function decodeEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(ESCAPE, (code) =>
    code.length > 2
      ? String.fromCodePoint(Number.parseInt(code.slice(2), 16))
      : (PYTHON_ESCAPES[code[1] ?? ""] ?? code),
  );
}

/** Where key and value part: the first `=` that is neither at the start nor escaped. */
function pairSeparator(text: string): number | undefined {
  for (let at = text.indexOf("=", 1); at !== -1; at = text.indexOf("=", at + 1)) {
    if (text[at - 1] !== "\\") return at;
  }
  return undefined;
}

function quoteAfter(token: string, open: string | undefined): string | undefined {
  let quote = open;
  for (let index = 0; index < token.length; index++) {
    const char = token[index];
    if ((char !== '"' && char !== "'") || token[index - 1] === "\\") continue;
    if (quote === undefined) quote = char;
    else if (quote === char) quote = undefined;
  }
  return quote;
}

function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) found++;
  return found;
}
