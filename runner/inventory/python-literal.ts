import { PYTHON_ESCAPES } from "../model/python-escapes.ts";
import { isDict, PyTuple, toFloat, type Value } from "../model/value.ts";

/**
 * The value of a Python literal, or undefined when the text is none: what `ast.literal_eval` makes of
 * values in INI inventories (numbers, strings, tuples, lists, dicts, True, False, None). Sets and complex numbers are not
 * values here and count as no literal.
 */
export function parsePythonLiteral(text: string): Value | undefined {
  if (!LITERAL_START.test(text)) return undefined;
  const reader = new LiteralReader(text);
  try {
    const value = reader.expression();
    reader.skip();
    return reader.at === text.length ? value : undefined;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

class NoLiteral extends Error {}

/** Cheap test that spares most words the reader. White space in front is an indentation error in Python. */
const LITERAL_START = /^(?:[-+.0-9'"[({]|True|False|None|[rRuUbB]{1,2}['"])/;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.(?:[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9]+)?|[0-9](?:_?[0-9])*(?:\.(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)?/y;
const STRING_START = /([rRuUbB]{0,2})('''|"""|'|")/y;
const SPACE = /(?:[ \t\r\n]|\\\n)*/y;
const WORDS: readonly (readonly [string, Value])[] = [
  ["True", true],
  ["False", false],
  ["None", null],
];
class LiteralReader {
  readonly text: string;
  at = 0;
  depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** A value, or a tuple without parentheses. */
  expression(): Value {
    const first = this.value();
    this.skip();
    if (this.text[this.at] !== ",") return first;
    const items = new PyTuple();
    items.push(first);
    while (this.take(",")) {
      this.skip();
      if (this.at >= this.text.length || ")]}".includes(this.text[this.at] as string)) break;
      items.push(this.value());
    }
    return items;
  }

  value(): Value {
    this.skip();
    const char = this.text[this.at];
    if (char === "-" || char === "+") {
      this.at++;
      return signed(char, this.value());
    }
    if (char === "[") return this.bracketed("]", () => this.list());
    if (char === "{") return this.bracketed("}", () => this.dict());
    if (char === "(") return this.bracketed(")", () => this.tuple());
    STRING_START.lastIndex = this.at;
    if (STRING_START.test(this.text)) return this.strings();
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (number !== null) return this.number(number[0]);
    for (const [word, value] of WORDS) {
      if (
        this.text.startsWith(word, this.at) &&
        !/\w/.test(this.text[this.at + word.length] ?? "")
      ) {
        this.at += word.length;
        return value;
      }
    }
    throw new NoLiteral();
  }

  bracketed<T>(close: string, read: () => T): T {
    this.at++;
    this.depth++;
    const result = read();
    this.skip();
    if (this.text[this.at] !== close) throw new NoLiteral();
    this.at++;
    this.depth--;
    return result;
  }

  list(): Value[] {
    const items: Value[] = [];
    for (this.skip(); this.text[this.at] !== "]"; ) {
      items.push(this.value());
      if (!this.take(",")) break;
      this.skip();
    }
    return items;
  }

  tuple(): Value {
    this.skip();
    return this.text[this.at] === ")" ? new PyTuple() : this.expression();
  }

  dict(): Value {
    const dict = new Map<Value, Value>();
    for (this.skip(); this.text[this.at] !== "}"; ) {
      const key = this.value();
      if (Array.isArray(key) || isDict(key) || !this.take(":")) throw new NoLiteral();
      dict.set(key, this.value());
      if (!this.take(",")) break;
      this.skip();
    }
    return dict;
  }

  take(char: string): boolean {
    this.skip();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  number(digits: string): Value {
    this.at += digits.length;
    if (/[\w.]/.test(this.text[this.at] ?? "")) throw new NoLiteral();
    const plain = digits.replaceAll("_", "");
    if (/^0[xXoObB]/.test(plain)) return normalInt(BigInt(plain.toLowerCase()));
    if (/[.eE]/.test(plain)) return toFloat(Number(plain));
    if (/^0[0-9]*[1-9]/.test(plain)) throw new NoLiteral();
    return normalInt(BigInt(plain));
  }

  /** Strings that stand next to each other are one. */
  strings(): Value {
    let result = "";
    let bytes = false;
    for (;;) {
      STRING_START.lastIndex = this.at;
      const start = STRING_START.exec(this.text);
      if (start === null) break;
      this.at = STRING_START.lastIndex;
      const prefix = (start[1] ?? "").toLowerCase();
      bytes ||= prefix.includes("b");
      result += this.string(start[2] ?? "'", prefix.includes("r"));
      this.skip();
    }
    return bytes ? new Uint8Array(Buffer.from(result, "latin1")) : result;
  }

  string(quote: string, raw: boolean): string {
    let result = "";
    while (!this.text.startsWith(quote, this.at)) {
      const char = this.text[this.at];
      if (char === undefined || (char === "\n" && quote.length === 1)) throw new NoLiteral();
      if (char !== "\\") {
        result += char;
        this.at++;
      } else if (raw) {
        result += char + (this.text[this.at + 1] ?? "");
        this.at += 2;
      } else result += this.escape();
    }
    this.at += quote.length;
    return result;
  }

  escape(): string {
    const code = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/y;
    code.lastIndex = this.at;
    const match = code.exec(this.text);
    if (match !== null) {
      this.at = code.lastIndex;
      const hex = match[1] ?? match[2] ?? match[3];
      return String.fromCodePoint(
        hex === undefined ? Number.parseInt(match[4] ?? "0", 8) : Number.parseInt(hex, 16),
      );
    }
    const char = this.text[this.at + 1] ?? "";
    if (char === "x" || char === "u" || char === "U") throw new NoLiteral();
    this.at += 2;
    return PYTHON_ESCAPES[char] ?? `\\${char}`;
  }

  /** White space, and a comment up to the end. */
  skip(): void {
    for (;;) {
      SPACE.lastIndex = this.at;
      SPACE.test(this.text);
      this.at = SPACE.lastIndex;
      if (this.text[this.at] !== "#") return;
      const end = this.text.indexOf("\n", this.at);
      this.at = end === -1 ? this.text.length : end;
    }
  }
}

function signed(sign: string, value: Value): Value {
  if (typeof value === "number" || typeof value === "bigint")
    return sign === "-" && value !== 0 ? -value : value;
  if (
    value !== null &&
    typeof value === "object" &&
    "value" in value &&
    typeof value.value === "number"
  ) {
    return toFloat(sign === "-" ? -value.value : value.value);
  }
  throw new NoLiteral();
}

function normalInt(value: bigint): number | bigint {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}
