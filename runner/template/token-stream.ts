import { TemplateError } from "./error.ts";
import { place, type Syntax, type Token, type TokenKind, tokenize } from "./lexer.ts";

/** What a parser wants next: a kind, `name:for`, or an operator's sign. */
export type Wanted = string;

/** Tokens with a position, and errors in Jinja's words (TokenStream of jinja2/lexer.py). */
export class TokenStream {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string, syntax: Syntax) {
    this.#source = source;
    this.#tokens = tokenize(source, syntax);
    this.#reach();
  }

  #reach(): void {
    const { error } = this.current;
    if (error !== undefined) throw error;
  }

  get current(): Token {
    return this.#tokens[this.#next] as Token;
  }

  look(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.current;
    if (token.kind !== "eof") this.#next++;
    this.#reach();
    return token;
  }

  is(wanted: Wanted): boolean {
    return matches(this.current, wanted);
  }

  skipIf(wanted: Wanted): boolean {
    if (!this.is(wanted)) return false;
    this.take();
    return true;
  }

  expect(wanted: Wanted): Token {
    if (this.is(wanted)) return this.take();
    const what = describeWanted(wanted);
    if (this.current.kind === "eof") {
      return this.fail(`unexpected end of template, expected ${quoted(what)}.`);
    }
    return this.fail(`expected token ${quoted(what)}, got ${quoted(describeToken(this.current))}`);
  }

  fail(message: string, token: Token = this.current): never {
    throw new TemplateError("syntax", message, { origin: place(this.#source, token.offset) });
  }
}

/** Whether a token is what is wanted. */
export function matches(token: Token, wanted: Wanted): boolean {
  if (wanted.startsWith("name:")) return token.kind === "name" && token.value === wanted.slice(5);
  return token.kind === "operator" ? token.value === wanted : token.kind === wanted;
}

const DESCRIPTIONS: Readonly<Partial<Record<TokenKind, string>>> = {
  block_begin: "begin of statement block",
  block_end: "end of statement block",
  variable_begin: "begin of print statement",
  variable_end: "end of print statement",
  data: "template data / text",
  eof: "end of template",
};

/** A token in Jinja's words. */
export function describeToken(token: Token): string {
  if (token.kind === "name" || token.kind === "operator") return token.value;
  return DESCRIPTIONS[token.kind] ?? token.kind;
}

/** What is wanted in Jinja's words. */
export function describeWanted(wanted: Wanted): string {
  if (wanted.startsWith("name:")) return wanted.slice(5);
  return DESCRIPTIONS[wanted as TokenKind] ?? wanted;
}

/** Python's repr of short plain text. */
export function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
