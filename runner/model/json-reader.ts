import { toFloat, type Value } from "./value.ts";

/** Text that is not JSON; `message` has the form of Python's json module. */
export class JsonError extends Error {
  /** Nested too deeply, rather than wrong. */
  readonly isTooDeep: boolean;
  constructor(message: string, isTooDeep = false) {
    super(message);
    this.isTooDeep = isTooDeep;
  }
}

/** Nesting allowed: texts come from targets, and reading takes stack. Python's own limit is about a thousand. */
const MAX_DEPTH = 900;

/**
 * Reads JSON as Python's `json.loads` does: ints and floats stay apart, big ints stay exact, `NaN` and
 * `Infinity` are numbers, the last of equal keys wins.
 *
 * @throws JsonError
 */
export function parseJson(text: string): Value {
  const reader = new JsonReader(text);
  const value = reader.value(reader.skip(0));
  const end = reader.skip(reader.end);
  if (end < text.length) throw reader.fail("Extra data", end);
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const WORDS: readonly (readonly [string, Value])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", toFloat(Number.NaN)],
  ["Infinity", toFloat(Infinity)],
  ["-Infinity", toFloat(-Infinity)],
];

class JsonReader {
  readonly text: string;
  /** Behind the value read last. */
  end = 0;
  depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  skip(at: number): number {
    SPACE.lastIndex = at;
    SPACE.test(this.text);
    return SPACE.lastIndex;
  }

  value(at: number): Value {
    switch (this.text[at]) {
      case "{":
        return this.nested(at, (start) => this.object(start));
      case "[":
        return this.nested(at, (start) => this.array(start));
      case '"':
        return this.string(at);
      default:
        return this.scalar(at);
    }
  }

  nested(at: number, read: (at: number) => Value): Value {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new JsonError("maximum recursion depth exceeded while decoding a JSON document", true);
    }
    const value = read(at);
    this.depth -= 1;
    return value;
  }

  object(start: number): Value {
    const dict = new Map<Value, Value>();
    let at = this.skip(start + 1);
    if (this.text[at] === "}") {
      this.end = at + 1;
      return dict;
    }
    for (;;) {
      if (this.text[at] !== '"')
        throw this.fail("Expecting property name enclosed in double quotes", at);
      const key = this.string(at);
      at = this.skip(this.end);
      if (this.text[at] !== ":") throw this.fail("Expecting ':' delimiter", at);
      dict.set(key, this.value(this.skip(at + 1)));
      at = this.skip(this.end);
      if (this.text[at] === "}") break;
      if (this.text[at] !== ",") throw this.fail("Expecting ',' delimiter", at);
      at = this.skip(at + 1);
    }
    this.end = at + 1;
    return dict;
  }

  array(start: number): Value {
    const items: Value[] = [];
    let at = this.skip(start + 1);
    if (this.text[at] === "]") {
      this.end = at + 1;
      return items;
    }
    for (;;) {
      items.push(this.value(at));
      at = this.skip(this.end);
      if (this.text[at] === "]") break;
      if (this.text[at] !== ",") throw this.fail("Expecting ',' delimiter", at);
      at = this.skip(at + 1);
    }
    this.end = at + 1;
    return items;
  }

  string(start: number): string {
    const end = this.closingQuote(start + 1);
    if (end === undefined) return this.stringByParts(start);
    try {
      const text = JSON.parse(this.text.slice(start, end + 1)) as string;
      this.end = end + 1;
      return text;
    } catch {
      return this.stringByParts(start);
    }
  }

  /** The next quote that an even number of backslashes stands before. */
  closingQuote(from: number): number | undefined {
    for (let at = this.text.indexOf('"', from); at >= 0; at = this.text.indexOf('"', at + 1)) {
      let slashes = 0;
      while (at - 1 - slashes >= from && this.text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
      if (slashes % 2 === 0) return at;
    }
    return undefined;
  }

  /** The slow way, which knows what is wrong and where. */
  stringByParts(start: number): string {
    let at = start + 1;
    let result = "";
    for (;;) {
      PLAIN_TEXT.lastIndex = at;
      PLAIN_TEXT.test(this.text);
      result += this.text.slice(at, PLAIN_TEXT.lastIndex);
      at = PLAIN_TEXT.lastIndex;
      const char = this.text[at];
      if (char === '"') break;
      if (char === undefined) throw this.fail("Unterminated string starting at", start);
      if (char !== "\\") throw this.fail("Invalid control character at", at);
      const code = this.text[at + 1] ?? "";
      if (code === "u") {
        const hex = this.text.slice(at + 2, at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.fail("Invalid \\uXXXX escape", at + 1);
        result += String.fromCharCode(Number.parseInt(hex, 16));
        at += 6;
      } else {
        const plain = ESCAPES[code];
        if (plain === undefined) throw this.fail("Invalid \\escape", at);
        result += plain;
        at += 2;
      }
    }
    this.end = at + 1;
    return result;
  }

  scalar(at: number): Value {
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(this.text);
    if (number !== null) {
      this.end = NUMBER.lastIndex;
      if (number[1] !== undefined || number[2] !== undefined) return toFloat(Number(number[0]));
      const plain = Number(number[0]);
      return Number.isSafeInteger(plain) ? plain + 0 : BigInt(number[0]);
    }
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, at)) {
        this.end = at + word.length;
        return value;
      }
    }
    throw this.fail("Expecting value", at);
  }

  fail(what: string, at: number): JsonError {
    const line = this.text.slice(0, at).split("\n").length;
    const column = at - (this.text.lastIndexOf("\n", at - 1) + 1) + 1;
    return new JsonError(`${what}: line ${line} column ${column} (char ${at})`);
  }
}
