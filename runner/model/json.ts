import { type Dict, isDict, PyFloat, toFloat, UnsafeText, type Value } from "./value.ts";

/** A text that is not JSON, with the offset of the first wrong character. */
export class JsonError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} (at character ${offset + 1})`);
    this.offset = offset;
  }
}

/** Nesting allowed in text from a target. */
const MAX_DEPTH = 512;

/**
 * JSON text to a value, as Python's json.loads reads it: key order kept, `1.0` stays a float, large integers stay exact, NaN and
 * Infinity are allowed. JSON.parse would lose the first three.
 *
 * @throws JsonError for anything else than one JSON value.
 */
export function parseJson(text: string): Value {
  const parser = new Parser(text);
  return parser.document();
}

/**
 * A value as JSON text for a module's arguments: compact, in dict order, floats as Python writes them. Keys that are not strings become strings as in
 * Python's json.dumps.
 *
 * @throws TypeError for values JSON has no form for (bytes).
 */
export function stringifyJson(value: Value): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
    case "number":
    case "bigint":
      return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(", ")}]`;
  if (isDict(value)) {
    const fields: string[] = [];
    for (const [key, field] of value)
      fields.push(`${JSON.stringify(keyText(key))}: ${stringifyJson(field)}`);
    return `{${fields.join(", ")}}`;
  }
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof UnsafeText) return JSON.stringify(value.text);
  throw new TypeError(
    `a value of type ${value?.constructor?.name ?? typeof value} has no JSON form`,
  );
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  if (key instanceof UnsafeText) return key.text;
  return stringifyJson(key);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const text = String(value);
  if (/^-?\d+$/.test(text)) return `${text}.0`;
  return text;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const WORDS: readonly (readonly [string, Value])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", new PyFloat(Number.NaN)],
  ["Infinity", new PyFloat(Number.POSITIVE_INFINITY)],
  ["-Infinity", new PyFloat(Number.NEGATIVE_INFINITY)],
];

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    this.#space();
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#error("text behind the JSON value");
    return value;
  }

  #value(depth: number): Value {
    if (depth > MAX_DEPTH) throw this.#error("JSON nested too deeply");
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#dict(depth);
      case 0x5b:
        return this.#list(depth);
      case 0x22:
        return this.#string();
    }
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text);
    if (number !== null) return this.#number(number);
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#error("not a JSON value");
  }

  #dict(depth: number): Dict {
    const dict: Dict = new Map();
    this.#at++;
    this.#space();
    if (this.#take("}")) return dict;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#error("a key in double quotes is missing");
      const key = this.#string();
      this.#space();
      if (!this.#take(":")) throw this.#error("':' is missing");
      this.#space();
      dict.set(key, this.#value(depth + 1));
      this.#space();
      if (this.#take("}")) return dict;
      if (!this.#take(",")) throw this.#error("',' or '}' is missing");
    }
  }

  #list(depth: number): Value[] {
    const list: Value[] = [];
    this.#at++;
    this.#space();
    if (this.#take("]")) return list;
    for (;;) {
      this.#space();
      list.push(this.#value(depth + 1));
      this.#space();
      if (this.#take("]")) return list;
      if (!this.#take(",")) throw this.#error("',' or ']' is missing");
    }
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    let plain = true;
    for (;;) {
      const quote = this.#text.indexOf('"', at);
      if (quote < 0) throw this.#error("a string that does not end");
      let backslashes = 0;
      while (this.#text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
      if (backslashes > 0) plain = false;
      at = quote + 1;
      if (backslashes % 2 === 0) break;
    }
    this.#at = at;
    const inner = this.#text.slice(start + 1, at - 1);
    if (plain && !inner.includes("\\")) return inner;
    try {
      // Python's json takes control characters in strings only when not strict; modules never print them raw.
      return JSON.parse(this.#text.slice(start, at)) as string;
    } catch {
      throw new JsonError("a wrong escape in a string", start);
    }
  }

  #number(match: RegExpExecArray): Value {
    this.#at += match[0].length;
    const number = Number(match[0]);
    if (match[1] !== undefined || match[2] !== undefined) return toFloat(number);
    return Number.isSafeInteger(number) ? number : BigInt(match[0]);
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #error(message: string): JsonError {
    return new JsonError(message, this.#at);
  }
}
