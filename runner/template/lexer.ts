import { PYTHON_ESCAPES } from "../model/python-escapes.ts";
import { TemplateError } from "./error.ts";

export type TokenKind =
  | "data"
  | "variable_begin"
  | "variable_end"
  | "block_begin"
  | "block_end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "eof"
  /** A mistake, which counts when the parser reaches it and not before, as in Jinja's lazy lexer. */
  | "error";

export interface Token {
  readonly kind: TokenKind;
  /** The text; for strings what stands between the quotes with escapes resolved; the operator's sign. */
  readonly value: string;
  readonly line: number;
  /** Offset into the normalised source. */
  readonly offset: number;
  readonly error?: TemplateError;
}

/** The delimiters and whitespace rules of one kind of template. */
export interface Syntax {
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly newline: string;
  readonly keepTrailingNewline: boolean;
  /** The statements that extensions of Jinja add. */
  readonly tags: ReadonlySet<string>;
}

/** Ansible's defaults: trim_blocks is on everywhere (AnsibleEnvironment of ansible/template/__init__.py). */
export const ANSIBLE_SYNTAX: Syntax = {
  blockStart: "{%",
  blockEnd: "%}",
  variableStart: "{{",
  variableEnd: "}}",
  commentStart: "{#",
  commentEnd: "#}",
  trimBlocks: true,
  lstripBlocks: false,
  newline: "\n",
  keepTrailingNewline: false,
  tags: new Set(),
};

/**
 * Text to tokens, with whitespace control applied; comments and raw markers are gone.
 * Behaviour read from jinja2/lexer.py. Throws TemplateError (syntax).
 */
export function tokenize(source: string, syntax: Syntax = ANSIBLE_SYNTAX): Token[] {
  return new Lexer(source, syntax).tokens();
}

/**
 * Doubles backslashes in the strings of `{{ }}`, as Ansible does for text from playbooks, so that
 * '\1' there means backslash and 1 (_escape_backslashes of ansible/template/__init__.py).
 */
export function escapeBackslashes(source: string, syntax: Syntax = ANSIBLE_SYNTAX): string {
  if (!source.includes("\\") || !source.includes("{{")) return source;
  const lexer = new Lexer(source, syntax);
  lexer.run();
  let out = "";
  let last = 0;
  for (const [start, end] of lexer.variableStrings) {
    out += lexer.text.slice(last, start) + lexer.text.slice(start, end).replaceAll("\\", "\\\\");
    last = end;
  }
  const rest = lexer.text.slice(last);
  // Trailing newlines were dropped in lexing; the renderer counts them on the original.
  return out + rest;
}

interface Rules {
  readonly begin: RegExp;
  readonly blockEnd: RegExp;
  readonly variableEnd: RegExp;
  readonly commentEnd: RegExp;
  readonly rawEnd: RegExp;
}

const rulesCache = new WeakMap<Syntax, Rules>();

function rulesOf(syntax: Syntax): Rules {
  const cached = rulesCache.get(syntax);
  if (cached !== undefined) return cached;
  const trim = syntax.trimBlocks ? "\\n?" : "";
  const [bs, be, cs, ce] = [
    syntax.blockStart,
    syntax.blockEnd,
    syntax.commentStart,
    syntax.commentEnd,
  ].map(escapeRegExp) as [string, string, string, string];
  const ve = escapeRegExp(syntax.variableEnd);
  const tags = [
    { name: "comment", text: syntax.commentStart },
    { name: "block", text: syntax.blockStart },
    { name: "variable", text: syntax.variableStart },
  ].sort((a, b) => b.text.length - a.text.length);
  const begins = tags.map(
    ({ name, text }) => `(?<${name}>${escapeRegExp(text)}(?<${name}Sign>[-+]?))`,
  );
  const raw = `(?<raw>${bs}(?<rawSign>[-+]?)\\s*raw\\s*(?:-${be}\\s*|${be}))`;
  const rules: Rules = {
    begin: new RegExp([raw, ...begins].join("|"), "g"),
    blockEnd: new RegExp(`\\+${be}|-${be}\\s*|${be}${trim}`, "y"),
    variableEnd: new RegExp(`-${ve}\\s*|${ve}`, "y"),
    commentEnd: new RegExp(`\\+${ce}|-${ce}\\s*|${ce}${trim}`, "g"),
    rawEnd: new RegExp(
      `${bs}(?<sign>[-+]?)\\s*endraw\\s*(?:\\+${be}|-${be}\\s*|${be}${trim})`,
      "g",
    ),
  };
  void cs;
  rulesCache.set(syntax, rules);
  return rules;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

const SPACE = /\s+/y;
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}_]*/uy;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}<>=.:|,;]/y;
const CLOSING: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

class Lexer {
  readonly text: string;
  readonly variableStrings: [number, number][] = [];
  readonly #syntax: Syntax;
  readonly #rules: Rules;
  readonly #tokens: Token[] = [];
  #pos = 0;
  #line = 1;
  #counted = 0;
  #lineStarting = true;

  constructor(source: string, syntax: Syntax) {
    const text = source.includes("\r") ? source.replace(/\r\n|\r/g, "\n") : source;
    this.text = !syntax.keepTrailingNewline && text.endsWith("\n") ? text.slice(0, -1) : text;
    this.#syntax = syntax;
    this.#rules = rulesOf(syntax);
  }

  /** All tokens; the first mistake is the last of them. */
  tokens(): Token[] {
    try {
      return this.run();
    } catch (thrown) {
      const error = TemplateError.from(thrown);
      this.#tokens.push({ kind: "error", value: "", line: this.#line, offset: this.#pos, error });
      return this.#tokens;
    }
  }

  run(): Token[] {
    const { begin } = this.#rules;
    for (;;) {
      begin.lastIndex = this.#pos;
      const found = begin.exec(this.text);
      if (found === null) break;
      const groups = found.groups ?? {};
      const sign =
        groups["rawSign"] ??
        groups["commentSign"] ??
        groups["blockSign"] ??
        groups["variableSign"] ??
        "";
      this.#data(this.#pos, found.index, sign, groups["variable"] !== undefined);
      const start = found.index;
      this.#pos = begin.lastIndex;
      this.#lineStarting = false;
      if (groups["raw"] !== undefined) this.#raw(start);
      else if (groups["comment"] !== undefined) this.#comment(start);
      else this.#tag(groups["block"] !== undefined ? "block" : "variable", start);
      this.#lineStarting = this.text[this.#pos - 1] === "\n";
    }
    this.#emitData(this.text.slice(this.#pos), this.#pos);
    this.#push("eof", "", this.text.length);
    return this.#tokens;
  }

  #data(start: number, end: number, sign: string, isVariable: boolean): void {
    let text = this.text.slice(start, end);
    if (sign === "-") text = text.trimEnd();
    else if (sign !== "+" && this.#syntax.lstripBlocks && !isVariable) {
      const lineStart = text.lastIndexOf("\n") + 1;
      if ((lineStart > 0 || this.#lineStarting) && /^\s+$/.test(text.slice(lineStart))) {
        text = text.slice(0, lineStart);
      }
    }
    this.#emitData(text, start);
  }

  #emitData(text: string, offset: number): void {
    if (text === "") return;
    const value =
      this.#syntax.newline === "\n" ? text : text.replaceAll("\n", this.#syntax.newline);
    this.#push("data", value, offset);
  }

  #raw(start: number): void {
    const { rawEnd } = this.#rules;
    rawEnd.lastIndex = this.#pos;
    const found = rawEnd.exec(this.text);
    if (found === null) throw this.#error("Missing end of raw directive", start);
    this.#data(this.#pos, found.index, found.groups?.["sign"] ?? "", false);
    this.#pos = rawEnd.lastIndex;
  }

  #comment(start: number): void {
    const { commentEnd } = this.#rules;
    commentEnd.lastIndex = this.#pos;
    if (commentEnd.exec(this.text) === null) throw this.#error("Missing end of comment tag", start);
    this.#pos = commentEnd.lastIndex;
  }

  #tag(kind: "block" | "variable", start: number): void {
    this.#push(`${kind}_begin`, "", start);
    const end = kind === "block" ? this.#rules.blockEnd : this.#rules.variableEnd;
    const open: string[] = [];
    for (;;) {
      const at = this.#pos;
      if (open.length === 0 && this.#match(end) !== undefined) {
        this.#push(`${kind}_end`, "", at);
        return;
      }
      if (at >= this.text.length) return;
      this.#expression(at, open, kind === "variable");
    }
  }

  #expression(at: number, open: string[], inVariable: boolean): void {
    if (this.#match(SPACE) !== undefined) return;
    let text = this.#match(FLOAT);
    if (text !== undefined) {
      this.#push("float", text.replaceAll("_", ""), at);
      return;
    }
    text = this.#match(INTEGER);
    if (text !== undefined) {
      this.#push("integer", text.replaceAll("_", ""), at);
      return;
    }
    text = this.#match(NAME);
    if (text !== undefined) {
      this.#push("name", text, at);
      return;
    }
    text = this.#match(STRING);
    if (text !== undefined) {
      if (inVariable) this.variableStrings.push([at, this.#pos]);
      this.#push("string", this.#unescape(text.slice(1, -1), at), at);
      return;
    }
    text = this.#match(OPERATOR);
    if (text === undefined) {
      throw this.#error(
        `unexpected char ${quoteChar(String.fromCodePoint(this.text.codePointAt(at) ?? 0))} at ${at}`,
        at,
      );
    }
    this.#balance(text, open, at);
    this.#push("operator", text, at);
  }

  #balance(operator: string, open: string[], at: number): void {
    const closing = CLOSING[operator];
    if (closing !== undefined) open.push(closing);
    else if (operator === "}" || operator === ")" || operator === "]") {
      const expected = open.pop();
      if (expected === undefined) throw this.#error(`unexpected '${operator}'`, at);
      if (expected !== operator) {
        throw this.#error(`unexpected '${operator}', expected '${expected}'`, at);
      }
    }
  }

  #match(rule: RegExp): string | undefined {
    rule.lastIndex = this.#pos;
    const text = rule.exec(this.text)?.[0];
    if (text !== undefined) this.#pos = rule.lastIndex;
    return text;
  }

  #unescape(text: string, at: number): string {
    try {
      return unescapeString(text);
    } catch (error) {
      throw this.#error(TemplateError.from(error).message, at);
    }
  }

  #push(kind: TokenKind, value: string, offset: number): void {
    for (
      let at = this.text.indexOf("\n", this.#counted);
      at !== -1 && at < offset;
      at = this.text.indexOf("\n", at + 1)
    ) {
      this.#line++;
      this.#counted = at + 1;
    }
    this.#tokens.push({ kind, value, line: this.#line, offset });
  }

  #error(message: string, offset: number): TemplateError {
    return new TemplateError("syntax", message, { origin: place(this.text, offset) });
  }
}

/** Line and column of an offset; the file is filled in by who knows it. */
export function place(
  text: string,
  offset: number,
): { file: string; line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { file: "", line, column: offset - before.lastIndexOf("\n") };
}

function quoteChar(char: string): string {
  return char === "'" ? `"'"` : char === "\\" ? "'\\\\'" : `'${char}'`;
}

/** Resolves Python's escapes; unknown ones keep their backslash. Throws TemplateError (syntax). */
export function unescapeString(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([\da-fA-F]{0,2})|u([\da-fA-F]{0,4})|U([\da-fA-F]{0,8})|([0-7]{1,3})|([\s\S]))/g,
    (all, x?: string, u?: string, big?: string, octal?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const hex = x ?? u ?? big;
      if (hex !== undefined) {
        const [size, shape] =
          x !== undefined ? [2, "\\xXX"] : u !== undefined ? [4, "\\uXXXX"] : [8, "\\UXXXXXXXX"];
        if (hex.length < size) throw new TemplateError("syntax", `truncated ${shape} escape`);
        const code = Number.parseInt(hex, 16);
        if (code > 0x10ffff) throw new TemplateError("syntax", "illegal Unicode character");
        return String.fromCodePoint(code);
      }
      return PYTHON_ESCAPES[other ?? ""] ?? all;
    },
  );
}
