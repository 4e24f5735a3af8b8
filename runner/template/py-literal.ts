import { toFloat, type Value } from "../model/value.ts";
import { TemplateError } from "./error.ts";
import { unescapeString } from "./lexer.ts";
import { assertHashable, dictSet, includes } from "./py-compare.ts";
import { negate, toInt } from "./py-operators.ts";
import { PySet, tupleOf } from "./py-types.ts";

/**
 * Python's `ast.literal_eval`: the value of a literal, or undefined when the text is none.
 * @param json also take true, false and null, as Ansible's Json2Python does
 */
export function parseLiteral(text: string, json: boolean): unknown {
  const body = BEGINS_BLANK.test(text) ? withoutBlankLines(text) : text;
  if (!json && !LOOKS_LITERAL.test(body)) return undefined;
  try {
    return new LiteralReader(body, json).read();
  } catch (error) {
    if (error === NOT_LITERAL || error instanceof TemplateError) return undefined;
    throw error;
  }
}

// Lines that are blank or a comment may stand in front of an expression; an indentation may not.
function withoutBlankLines(text: string): string {
  return text.replace(/^(?:[ \t\f]*(?:#[^\n]*)?\n)*\f*/, "");
}

const BEGINS_BLANK = /^[\n# \t\f]/;

/** What may follow an expression: comments and empty lines, but no line of blanks alone, which CPython takes for an indentation. */
const ENDING = /^[ \t\f]*(?:#[^\n]*)?(?:\n(?:[ \t\f]*#[^\n]*)?)*$/;

const LOOKS_LITERAL = /^[\d.'"[{(+\-TFNbBrRuU]/;
const NOT_LITERAL = Symbol("not a literal");
const DEEPEST = 90;

const SPACE = /(?:[ \t\f]|\\\n)*/y;
const SPACE_IN_BRACKETS = /(?:[ \t\f\n\r]|\\\n|#[^\n]*)*/y;
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y;
const STRING =
  /([uUrRbB]|[rR][bB]|[bB][rR])?('''(?:[^\\]|\\[\s\S])*?'''|"""(?:[^\\]|\\[\s\S])*?"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y;
const NAME = /[A-Za-z_]\w*/y;

class LiteralReader {
  readonly #text: string;
  readonly #json: boolean;
  #pos = 0;
  #depth = 0;

  constructor(text: string, json: boolean) {
    this.#text = text;
    this.#json = json;
  }

  read(): unknown {
    const first = this.#value();
    this.#space();
    let value = first;
    if (this.#peek() === ",")
      value = tupleOf(this.#more(first, () => this.#pos >= this.#text.length));
    const rest = this.#text.slice(this.#pos);
    if (rest !== "" && !ENDING.test(rest)) throw NOT_LITERAL;
    if (this.#text.endsWith("\\\n")) throw NOT_LITERAL;
    return value;
  }

  #value(): unknown {
    this.#space();
    const char = this.#peek();
    switch (char) {
      case "[":
        return this.#brackets("]", (items) => items);
      case "(":
        return this.#parentheses();
      case "{":
        return this.#braces();
      case "-":
      case "+": {
        this.#pos++;
        const operand = this.#value();
        if (typeof operand !== "number" && typeof operand !== "bigint" && !isPyFloat(operand))
          throw NOT_LITERAL;
        return char === "-" ? negate(operand) : operand;
      }
      default:
        return this.#atom();
    }
  }

  #atom(): unknown {
    const string = this.#match(STRING);
    if (string !== undefined) return this.#strings(string);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#number(number[0]);
    const word = this.#match(NAME)?.[0];
    switch (word) {
      case "True":
        return true;
      case "False":
        return false;
      case "None":
        return null;
      default:
        if (this.#json && word === "true") return true;
        if (this.#json && word === "false") return false;
        if (this.#json && word === "null") return null;
        throw NOT_LITERAL;
    }
  }

  #strings(first: RegExpExecArray): unknown {
    let text = "";
    const isBytes = /b/i.test(first[1] ?? "");
    for (let found: RegExpExecArray | undefined = first; found !== undefined; ) {
      const prefix = found[1] ?? "";
      if (/b/i.test(prefix) !== isBytes) throw NOT_LITERAL;
      const quoted = found[2] ?? "";
      const size = quoted.startsWith("'''") || quoted.startsWith('"""') ? 3 : 1;
      const inner = quoted.slice(size, -size);
      text += /r/i.test(prefix) ? inner : isBytes ? unescapeString(inner) : unescapeNamed(inner);
      this.#space();
      found = this.#match(STRING);
    }
    return isBytes ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : text;
  }

  #number(text: string): unknown {
    const after = this.#text[this.#pos] ?? "";
    if (/[\w]/.test(after)) throw NOT_LITERAL;
    const digits = text.replaceAll("_", "");
    if (/^0[xXoObB]/.test(digits)) return toInt(BigInt(digits.toLowerCase()));
    if (/[.eE]/.test(digits)) return toFloat(Number(digits));
    if (/^0+[1-9]/.test(digits)) throw NOT_LITERAL;
    return toInt(BigInt(digits));
  }

  #parentheses(): unknown {
    return this.#brackets(")", (items, hadComma) =>
      items.length === 1 && !hadComma ? items[0] : tupleOf(items),
    );
  }

  #brackets(end: string, make: (items: unknown[], hadComma: boolean) => unknown): unknown {
    this.#open();
    const items: unknown[] = [];
    let hadComma = false;
    while (this.#peekSpaced() !== end) {
      items.push(this.#value());
      hadComma = this.#peekSpaced() === ",";
      if (!hadComma) break;
      this.#pos++;
    }
    this.#close(end);
    return make(items, hadComma || items.length > 1);
  }

  #braces(): unknown {
    this.#open();
    if (this.#peekSpaced() === "}") {
      this.#close("}");
      return new Map<Value, Value>();
    }
    const first = this.#value();
    return this.#peekSpaced() === ":" ? this.#dict(first) : this.#set(first);
  }

  #dict(first: unknown): unknown {
    const dict = new Map<unknown, unknown>();
    let key = first;
    for (;;) {
      if (this.#peekSpaced() !== ":") throw NOT_LITERAL;
      this.#pos++;
      assertHashable(key);
      dictSet(dict, key, this.#value());
      if (this.#peekSpaced() !== ",") break;
      this.#pos++;
      if (this.#peekSpaced() === "}") break;
      key = this.#value();
    }
    this.#close("}");
    return dict;
  }

  #set(first: unknown): unknown {
    const distinct: unknown[] = [];
    for (const item of this.#more(first, () => this.#peekSpaced() === "}")) {
      assertHashable(item);
      if (!includes(distinct, item)) distinct.push(item);
    }
    this.#close("}");
    return new PySet(distinct);
  }

  #more(first: unknown, atEnd: () => boolean): unknown[] {
    const items = [first];
    while (this.#peekSpaced() === ",") {
      this.#pos++;
      this.#space();
      if (atEnd()) break;
      items.push(this.#value());
    }
    return items;
  }

  #open(): void {
    if (++this.#depth > DEEPEST) throw NOT_LITERAL;
    this.#pos++;
  }

  #close(end: string): void {
    if (this.#peekSpaced() !== end) throw NOT_LITERAL;
    this.#pos++;
    this.#depth--;
  }

  #peek(): string | undefined {
    return this.#text[this.#pos];
  }

  #peekSpaced(): string | undefined {
    this.#space();
    return this.#text[this.#pos];
  }

  #space(): void {
    const rule = this.#depth > 0 ? SPACE_IN_BRACKETS : SPACE;
    rule.lastIndex = this.#pos;
    rule.exec(this.#text);
    this.#pos = rule.lastIndex;
  }

  #match(rule: RegExp): RegExpExecArray | undefined {
    rule.lastIndex = this.#pos;
    const found = rule.exec(this.#text);
    if (found === null) return undefined;
    this.#pos = rule.lastIndex;
    return found;
  }
}

function isPyFloat(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "value" in value &&
    typeof value.value === "number"
  );
}

// \N{...} would need Python's table of names; such text is left as text.
function unescapeNamed(text: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\N\{/.test(text)) throw NOT_LITERAL;
  return unescapeString(text);
}
