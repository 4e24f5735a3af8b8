/** A place in a YAML text: offset, and line and column from 0. */
export interface Mark {
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** A text that is not YAML; the words are libyaml's, which users search for. */
export class YamlError extends Error {
  readonly mark: Mark;
  constructor(problem: string, mark: Mark) {
    super(problem);
    this.mark = mark;
  }
}

export type TokenKind =
  | "stream-end"
  | "directive"
  | "document-start"
  | "document-end"
  | "block-sequence-start"
  | "block-mapping-start"
  | "block-end"
  | "["
  | "]"
  | "{"
  | "}"
  | ","
  | "-"
  | "?"
  | ":"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

export interface Token {
  readonly kind: TokenKind;
  readonly start: Mark;
  readonly end: Mark;
  /** Text of scalars, names of anchors and aliases, tags. */
  readonly text: string;
  /** Scalars: without quotes and no block scalar. */
  readonly plain: boolean;
}

/** A place where a mapping key may turn out to have started. */
interface SimpleKey {
  readonly token: number;
  readonly required: boolean;
  readonly mark: Mark;
}

/** An implicit key may not be longer than this. */
const MAX_KEY = 1024;

/**
 * Splits YAML 1.1 into tokens as libyaml does: block structure by indentation, a key found when its
 * colon comes. Tokens are made on demand; a key token may have to be put before tokens already made, so that those
 * wait until no key can come before them.
 */
export class YamlScanner {
  readonly text: string;
  private at = 0;
  private line = 0;
  private lineStart = 0;
  private readonly queue: Token[] = [];
  private taken = 0;
  private done = false;
  private indent = -1;
  private readonly indents: number[] = [];
  private flow = 0;
  private keyAllowed = true;
  private readonly keys: (SimpleKey | undefined)[] = [undefined];

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === 0xfeff) {
      this.at = 1;
      this.lineStart = 1;
    }
    const bad = NOT_PRINTABLE.exec(text);
    if (bad !== null) throw new YamlError("control characters are not allowed", markAt(text, bad.index));
  }

  /** The next token, which stays. */
  peek(): Token {
    this.fill();
    return this.queue[0] as Token;
  }

  /** The next token, which is gone then. */
  next(): Token {
    this.fill();
    this.taken++;
    return this.queue.shift() as Token;
  }

  private fill(): void {
    while (!this.done) {
      if (this.queue.length > 0) {
        this.dropStaleKeys();
        if (!this.keys.some((key) => key?.token === this.taken)) return;
      }
      this.scan();
    }
  }

  private mark(): Mark {
    return { at: this.at, line: this.line, column: this.at - this.lineStart };
  }

  private scan(): void {
    this.skipToToken();
    this.dropStaleKeys();
    const column = this.at - this.lineStart;
    this.unroll(column);
    const { text, at } = this;
    const char = text[at];
    if (char === undefined) return this.endStream();
    if (column === 0 && char === "%") return this.directive();
    if (column === 0 && (text.startsWith("---", at) || text.startsWith("...", at)) && isBlank(text.charCodeAt(at + 3))) {
      return this.documentMark(char === "-" ? "document-start" : "document-end");
    }
    switch (char) {
      case "[":
      case "{":
        this.saveKey();
        this.keys.push(undefined);
        this.flow++;
        this.keyAllowed = true;
        return this.punctuation(char);
      case "]":
      case "}":
        this.removeKey();
        if (this.flow > 0) {
          this.flow--;
          this.keys.pop();
        }
        this.keyAllowed = false;
        return this.punctuation(char);
      case ",":
        this.removeKey();
        this.keyAllowed = true;
        return this.punctuation(char);
      case "*":
      case "&":
        this.saveKey();
        this.keyAllowed = false;
        return this.anchor(char === "*" ? "alias" : "anchor");
      case "!":
        this.saveKey();
        this.keyAllowed = false;
        return this.tag();
      case "'":
      case '"':
        this.saveKey();
        this.keyAllowed = false;
        return this.quoted(char);
      case "|":
      case ">":
        if (this.flow > 0) break;
        this.removeKey();
        this.keyAllowed = true;
        return this.block(char === ">");
    }
    const blankNext = isBlank(text.charCodeAt(at + 1));
    if (char === "-" && blankNext) return this.blockEntry();
    if (char === "?" && (this.flow > 0 || blankNext)) return this.explicitKey();
    if (char === ":" && (this.flow > 0 || blankNext)) return this.valueMark();
    const plain = !isBlank(text.charCodeAt(at)) && !INDICATORS.includes(char);
    if (plain || (char === "-" && !isSpace(text.charCodeAt(at + 1))) || (this.flow === 0 && (char === "?" || char === ":") && !blankNext)) {
      this.saveKey();
      this.keyAllowed = false;
      return this.plain();
    }
    throw new YamlError("found character that cannot start any token", this.mark());
  }

  private push(kind: TokenKind, start: Mark, text = "", plain = false): void {
    this.queue.push({ kind, start, end: this.mark(), text, plain });
  }

  private punctuation(kind: TokenKind): void {
    const start = this.mark();
    this.at++;
    this.push(kind, start);
  }

  // Indentation and keys

  private unroll(column: number): void {
    if (this.flow > 0) return;
    while (this.indent > column) {
      this.push("block-end", this.mark());
      this.indent = this.indents.pop() ?? -1;
    }
  }

  private roll(column: number, kind: TokenKind, mark: Mark, before?: number): void {
    if (this.flow > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    const token: Token = { kind, start: mark, end: mark, text: "", plain: false };
    if (before === undefined) this.queue.push(token);
    else this.queue.splice(before - this.taken, 0, token);
  }

  private saveKey(): void {
    const column = this.at - this.lineStart;
    const required = this.flow === 0 && this.indent === column;
    if (!this.keyAllowed) return;
    this.removeKey();
    this.keys[this.keys.length - 1] = { token: this.taken + this.queue.length, required, mark: this.mark() };
  }

  private removeKey(): void {
    const key = this.keys.at(-1);
    if (key?.required === true) throw new YamlError("could not find expected ':'", this.mark());
    this.keys[this.keys.length - 1] = undefined;
  }

  /** A key ends on its line. */
  private dropStaleKeys(): void {
    for (const [level, key] of this.keys.entries()) {
      if (key === undefined || (key.mark.line === this.line && this.at - key.mark.at <= MAX_KEY)) continue;
      if (key.required) throw new YamlError("could not find expected ':'", this.mark());
      this.keys[level] = undefined;
    }
  }

  private endStream(): void {
    // The end counts as a line of its own.
    if (this.at > this.lineStart) {
      this.line++;
      this.lineStart = this.at;
    }
    this.unroll(-1);
    this.removeKey();
    this.keyAllowed = false;
    this.push("stream-end", this.mark());
    this.done = true;
  }

  private directive(): void {
    this.unroll(-1);
    this.removeKey();
    this.keyAllowed = false;
    const start = this.mark();
    const end = lineEnd(this.text, this.at);
    const body = this.text.slice(this.at + 1, end).replace(/\s#.*$/, "").trimEnd();
    if (!/^[\w-]/.test(body)) throw new YamlError("could not find expected directive name", start);
    if (!/^[\w-]+(?:\s|$)/.test(body)) throw new YamlError("found unexpected non-alphabetical character", start);
    if (/^YAML\s/.test(body) && !/^YAML\s+1\.\d+$/.test(body)) throw new YamlError("found incompatible YAML document", start);
    this.at = end;
    this.push("directive", start, body);
  }

  private documentMark(kind: TokenKind): void {
    this.unroll(-1);
    this.removeKey();
    this.keyAllowed = false;
    const start = this.mark();
    this.at += 3;
    this.push(kind, start);
  }

  private blockEntry(): void {
    const start = this.mark();
    if (this.flow === 0) {
      if (!this.keyAllowed) throw new YamlError("block sequence entries are not allowed in this context", start);
      this.roll(start.column, "block-sequence-start", start);
    }
    this.removeKey();
    this.keyAllowed = true;
    this.punctuation("-");
  }

  private explicitKey(): void {
    const start = this.mark();
    if (this.flow === 0) {
      if (!this.keyAllowed) throw new YamlError("mapping keys are not allowed in this context", start);
      this.roll(start.column, "block-mapping-start", start);
    }
    this.removeKey();
    this.keyAllowed = this.flow === 0;
    this.punctuation("?");
  }

  private valueMark(): void {
    const key = this.keys.at(-1);
    const start = this.mark();
    if (key !== undefined) {
      this.queue.splice(key.token - this.taken, 0, { kind: "?", start: key.mark, end: key.mark, text: "", plain: false });
      this.roll(key.mark.column, "block-mapping-start", key.mark, key.token);
      this.keys[this.keys.length - 1] = undefined;
      this.keyAllowed = false;
    } else {
      if (this.flow === 0) {
        if (!this.keyAllowed) throw new YamlError("mapping values are not allowed in this context", start);
        this.roll(start.column, "block-mapping-start", start);
      }
      this.keyAllowed = this.flow === 0;
    }
    this.punctuation(":");
  }

  // White space

  private newLine(): void {
    this.at += this.text[this.at] === "\r" && this.text[this.at + 1] === "\n" ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
  }

  private skipToToken(): void {
    const { text } = this;
    for (;;) {
      let code = text.charCodeAt(this.at);
      while (code === 32 || (code === 9 && (this.flow > 0 || !this.keyAllowed))) code = text.charCodeAt(++this.at);
      if (code === 35) {
        this.at = lineEnd(text, this.at);
        code = text.charCodeAt(this.at);
      }
      if (!isBreak(code)) return;
      this.newLine();
      if (this.flow === 0) this.keyAllowed = true;
    }
  }

  // Anchors, tags, scalars

  private anchor(kind: "alias" | "anchor"): void {
    const start = this.mark();
    ANCHOR.lastIndex = this.at + 1;
    const name = ANCHOR.exec(this.text)?.[0] ?? "";
    this.at += 1 + name.length;
    const next = this.text.charCodeAt(this.at);
    if (name === "" || !(isBlank(next) || "?:,]}%@`".includes(this.text[this.at] ?? " "))) {
      throw new YamlError("did not find expected alphabetic or numeric character", this.mark());
    }
    this.push(kind, start, name);
  }

  private tag(): void {
    const start = this.mark();
    const { text } = this;
    let name: string;
    if (text[this.at + 1] === "<") {
      const end = text.indexOf(">", this.at);
      if (end === -1) throw new YamlError("did not find the expected '>'", start);
      name = text.slice(this.at + 2, end);
      this.at = end + 1;
    } else {
      TAG.lastIndex = this.at;
      name = TAG.exec(text)?.[0] ?? "!";
      this.at += name.length;
      if (name.startsWith("!!")) name = `tag:yaml.org,2002:${name.slice(2)}`;
    }
    const next = text.charCodeAt(this.at);
    if (!isBlank(next) && !(this.flow > 0 && text[this.at] === ",")) {
      throw new YamlError("did not find expected whitespace or line break", this.mark());
    }
    this.push("tag", start, name);
  }

  private block(folded: boolean): void {
    const start = this.mark();
    const { text } = this;
    this.at++;
    BLOCK_HEADER.lastIndex = this.at;
    const header = BLOCK_HEADER.exec(text)?.[0] ?? "";
    if (header.includes("0")) throw new YamlError("found an indentation indicator equal to 0", this.mark());
    this.at += header.length;
    const given = /[1-9]/.exec(header)?.[0];
    while (text[this.at] === " " || text[this.at] === "\t") this.at++;
    if (text[this.at] === "#") this.at = lineEnd(text, this.at);
    if (this.at < text.length && !isBreak(text.charCodeAt(this.at))) {
      throw new YamlError("did not find expected comment or line break", this.mark());
    }
    if (this.at < text.length) this.newLine();
    let indent = given === undefined ? 0 : Math.max(this.indent, 0) + Number(given);
    let breaks: string;
    [indent, breaks] = this.blockBreaks(indent);
    let result = "";
    let lead = "";
    let wasBlank = false;
    while (this.at < text.length && this.at - this.lineStart === indent) {
      const isBlankLine = text[this.at] === " " || text[this.at] === "\t";
      if (folded && lead === "\n" && !wasBlank && !isBlankLine) {
        if (breaks === "") result += " ";
      } else result += lead;
      result += breaks;
      wasBlank = isBlankLine;
      const end = lineEnd(text, this.at);
      result += text.slice(this.at, end);
      this.at = end;
      lead = "";
      if (this.at < text.length) {
        lead = "\n";
        this.newLine();
      }
      [, breaks] = this.blockBreaks(indent);
    }
    if (!header.includes("-")) result += lead;
    if (header.includes("+")) result += breaks;
    this.push("scalar", start, result);
  }

  /** Empty lines and the indentation of the next; finds the indentation when it is not known. */
  private blockBreaks(known: number): [number, string] {
    const { text } = this;
    let breaks = "";
    let deepest = 0;
    for (;;) {
      while ((known === 0 || this.at - this.lineStart < known) && text[this.at] === " ") this.at++;
      deepest = Math.max(deepest, this.at - this.lineStart);
      if ((known === 0 || this.at - this.lineStart < known) && text[this.at] === "\t") {
        throw new YamlError("found a tab character where an indentation space is expected", this.mark());
      }
      if (!isBreak(text.charCodeAt(this.at))) break;
      breaks += "\n";
      this.newLine();
    }
    return [known === 0 ? Math.max(deepest, this.indent + 1, 1) : known, breaks];
  }

  private quoted(quote: string): void {
    const start = this.mark();
    const { text } = this;
    const single = quote === "'";
    const stop = single ? SINGLE_STOP : DOUBLE_STOP;
    let result = "";
    this.at++;
    for (;;) {
      if (this.at === this.lineStart && /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4))) {
        throw new YamlError("found unexpected document indicator", this.mark());
      }
      stop.lastIndex = this.at;
      stop.test(text);
      const end = stop.lastIndex;
      result += text.slice(this.at, end);
      this.at = end;
      const char = text[this.at];
      if (char === undefined) throw new YamlError("found unexpected end of stream", this.mark());
      if (char === quote) {
        if (!single || text[this.at + 1] !== "'") break;
        result += "'";
        this.at += 2;
      } else if (char === "\\") {
        result += this.escape();
      } else result += this.foldQuoted();
    }
    this.at++;
    this.push("scalar", start, result);
  }

  /** White space in quotes: kept within a line; a line break is a space, and further ones are line breaks. */
  private foldQuoted(): string {
    const { text } = this;
    const from = this.at;
    while (text[this.at] === " " || text[this.at] === "\t") this.at++;
    if (!isBreak(text.charCodeAt(this.at))) return text.slice(from, this.at);
    let breaks = -1;
    while (isBreak(text.charCodeAt(this.at))) {
      breaks++;
      this.newLine();
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4))) return breaks === 0 ? " " : "\n".repeat(breaks);
      while (text[this.at] === " " || text[this.at] === "\t") this.at++;
    }
    return breaks === 0 ? " " : "\n".repeat(breaks);
  }

  private escape(): string {
    const { text } = this;
    const code = text[this.at + 1] ?? "";
    if (isBreak(text.charCodeAt(this.at + 1))) {
      this.at++;
      this.newLine();
      let breaks = "";
      for (;;) {
        while (text[this.at] === " " || text[this.at] === "\t") this.at++;
        if (!isBreak(text.charCodeAt(this.at))) return breaks;
        breaks += "\n";
        this.newLine();
      }
    }
    const digits = HEX_LENGTH[code];
    if (digits !== undefined) {
      const hex = text.slice(this.at + 2, this.at + 2 + digits);
      if (hex.length < digits || /[^0-9a-fA-F]/.test(hex)) {
        throw new YamlError("did not find expected hexdecimal number", markAt(text, this.at + 2));
      }
      const point = Number.parseInt(hex, 16);
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        throw new YamlError("found invalid Unicode character escape code", markAt(text, this.at + 2));
      }
      this.at += 2 + digits;
      return String.fromCodePoint(point);
    }
    const plain = ESCAPES[code];
    if (plain === undefined) throw new YamlError("found unknown escape character", this.mark());
    this.at += 2;
    return plain;
  }

  private plain(): void {
    const start = this.mark();
    const { text } = this;
    const indent = this.indent + 1;
    let result = "";
    let space = "";
    let end = start;
    let crossed = false;
    for (;;) {
      if (this.at === this.lineStart && /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4))) break;
      if (text[this.at] === "#") break;
      const from = this.at;
      this.plainRun();
      if (this.at > from) {
        result += space + text.slice(from, this.at);
        space = "";
        crossed = false;
        end = this.mark();
      }
      const code = text.charCodeAt(this.at);
      if (code !== 32 && code !== 9 && !isBreak(code)) break;
      const blank = this.at;
      let breaks = 0;
      for (;;) {
        const next = text.charCodeAt(this.at);
        if (next === 32 || next === 9) {
          if (breaks > 0 && next === 9 && this.at - this.lineStart < indent) {
            throw new YamlError("found a tab character that violates indentation", this.mark());
          }
          this.at++;
        } else if (isBreak(next)) {
          breaks++;
          this.newLine();
        } else break;
      }
      space = breaks === 0 ? text.slice(blank, this.at) : breaks === 1 ? " " : "\n".repeat(breaks - 1);
      crossed ||= breaks > 0;
      if (this.flow === 0 && this.at - this.lineStart < indent) break;
    }
    this.queue.push({ kind: "scalar", start, end, text: result, plain: true });
    if (crossed) this.keyAllowed = true;
  }

  /** Moves behind the characters of a plain scalar up to white space or an indicator that ends it. */
  private plainRun(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (Number.isNaN(code) || code === 32 || code === 9 || isBreak(code)) return;
      if (code === 58) {
        const next = text.charCodeAt(this.at + 1);
        if (isBlank(next)) return;
        if (this.flow > 0 && ",?[]{}".includes(text[this.at + 1] as string)) {
          throw new YamlError("found unexpected ':'", this.mark());
        }
      } else if (this.flow > 0 && (code === 44 || code === 91 || code === 93 || code === 123 || code === 125)) return;
      else if (this.flow > 0 && code === 63 && isBlank(text.charCodeAt(this.at + 1))) return;
      this.at++;
    }
  }
}

const INDICATORS = "-?:,[]{}#&*!|>'\"%@`";
const NOT_PRINTABLE = /[^\t\n\r\x20-\x7e\x85\u00a0-\ud7ff\ud800-\udfff\ue000-\ufffd]/;
const ANCHOR = /[\w-]*/y;
const TAG = /![^\s,[\]{}]*/y;
const BLOCK_HEADER = /[-+]?[0-9]?[-+]?/y;
const SINGLE_STOP = /[^' \t\r\n\x85\u2028\u2029]*/y;
const DOUBLE_STOP = /[^"\\ \t\r\n\x85\u2028\u2029]*/y;
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0", a: "\x07", b: "\b", t: "\t", "\t": "\t", n: "\n", v: "\v", f: "\f", r: "\r", e: "\x1b", " ": " ", '"': '"',
  "/": "/", "\\": "\\", N: "\x85", _: "\xa0", L: "\u2028", P: "\u2029",
};

function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

/** White space, a line's end, or the text's. */
function isBlank(code: number): boolean {
  return Number.isNaN(code) || isSpace(code) || isBreak(code);
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
  return at;
}

function markAt(text: string, at: number): Mark {
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  return { at, line: before.split("\n").length - 1, column: at - start };
}
