import { PyFloat, toFloat, UnsafeText } from "../../model/value.ts";
import { TemplateError, typeError, Undefined, valueError } from "../error.ts";
import { place } from "../lexer.ts";
import { dictSet, order } from "../py-compare.ts";
import { PyDate, PyDateTime } from "../py-datetime.ts";
import { toInt } from "../py-operators.ts";
import { reprFloat } from "../py-repr.ts";
import { isInt, PyIterator, PyRange, typeName } from "../py-types.ts";

export interface JsonOptions {
  readonly indent?: number | string;
  readonly sortKeys?: boolean;
  readonly ensureAscii?: boolean;
  readonly separators?: readonly [string, string];
  readonly allowNan?: boolean;
  /** An undefined value fails as such (default), not as an object without a JSON form. */
  readonly undefinedFails?: boolean;
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
    if (value instanceof PyDateTime || value instanceof PyDate) return text(value.isoformat());
    if (value instanceof Undefined && options.undefinedFails !== false) return value.fail();
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
  return new JsonReader(text).read();
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", new PyFloat(Number.NaN)],
  ["Infinity", new PyFloat(Number.POSITIVE_INFINITY)],
  ["-Infinity", new PyFloat(Number.NEGATIVE_INFINITY)],
];

class JsonReader {
  readonly #text: string;
  #pos = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#pos < this.#text.length) throw this.#error("Extra data", this.#pos);
    return value;
  }

  #value(): unknown {
    const char = this.#text[this.#pos];
    if (char === '"') return this.#string();
    if (char === "{") return this.#nested(() => this.#object());
    if (char === "[") return this.#nested(() => this.#array());
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#pos)) {
        this.#pos += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#pos;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.#error("Expecting value", this.#pos);
    this.#pos = NUMBER.lastIndex;
    return found[1] === undefined && found[2] === undefined
      ? toInt(BigInt(found[0]))
      : toFloat(Number(found[0]));
  }

  #nested(read: () => unknown): unknown {
    if (++this.#depth > 900)
      throw new TemplateError(
        "recursion",
        "maximum recursion depth exceeded while decoding a JSON document",
      );
    this.#pos++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): unknown {
    const object = new Map<unknown, unknown>();
    this.#space();
    if (this.#text[this.#pos] === "}") {
      this.#pos++;
      return object;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#pos] !== '"')
        throw this.#error("Expecting property name enclosed in double quotes", this.#pos);
      const key = this.#string();
      this.#space();
      if (this.#text[this.#pos] !== ":") throw this.#error("Expecting ':' delimiter", this.#pos);
      this.#pos++;
      this.#space();
      dictSet(object, key, this.#value());
      if (this.#endOfItem("}")) return object;
    }
  }

  #array(): unknown {
    const items: unknown[] = [];
    this.#space();
    if (this.#text[this.#pos] === "]") {
      this.#pos++;
      return items;
    }
    for (;;) {
      this.#space();
      items.push(this.#value());
      if (this.#endOfItem("]")) return items;
    }
  }

  #endOfItem(end: string): boolean {
    this.#space();
    const char = this.#text[this.#pos];
    if (char !== end && char !== ",") throw this.#error("Expecting ',' delimiter", this.#pos);
    this.#pos++;
    return char === end;
  }

  #string(): string {
    const start = this.#pos++;
    for (let at = this.#pos; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === "\\") at++;
      else if (char === '"') {
        this.#pos = at + 1;
        return this.#unquoted(start, at + 1);
      } else if (char !== undefined && char < " ")
        throw this.#error("Invalid control character at", at);
    }
    throw this.#error("Unterminated string starting at", start);
  }

  #unquoted(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      const bad = /\\(?!["\\/bfnrt]|u[\da-fA-F]{4})/.exec(this.#text.slice(start, end));
      throw this.#error("Invalid \\escape", start + (bad?.index ?? 0));
    }
  }

  #space(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#pos] ?? "")) this.#pos++;
  }

  #error(message: string, at: number): TemplateError {
    const { line, column } = place(this.#text, at);
    return valueError(`${message}: line ${line} column ${column} (char ${at})`);
  }
}
