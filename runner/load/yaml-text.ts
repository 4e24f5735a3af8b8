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

/**
 * A cursor over a YAML text that knows its line, and how scalars of each style are read
 * (folding, chomping, escapes). What they mean for the structure is the scanner's business.
 */
export class YamlText {
  readonly text: string;
  protected at = 0;
  protected line = 0;
  protected lineStart = 0;

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === 0xfeff) {
      this.at = 1;
      this.lineStart = 1;
    }
    const bad = NOT_PRINTABLE.exec(text);
    if (bad !== null)
      throw new YamlError("control characters are not allowed", markAt(text, bad.index));
  }

  protected mark(): Mark {
    return { at: this.at, line: this.line, column: this.at - this.lineStart };
  }

  protected newLine(): void {
    this.at += this.text[this.at] === "\r" && this.text[this.at + 1] === "\n" ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
  }

  /** The text of a block scalar, from behind its `|` or `>`; `parent` is the indentation around it. */
  protected blockScalar(folded: boolean, parent: number): string {
    const { text } = this;
    this.at++;
    BLOCK_HEADER.lastIndex = this.at;
    const header = BLOCK_HEADER.exec(text)?.[0] ?? "";
    if (header.includes("0"))
      throw new YamlError("found an indentation indicator equal to 0", this.mark());
    this.at += header.length;
    const given = /[1-9]/.exec(header)?.[0];
    while (text[this.at] === " " || text[this.at] === "\t") this.at++;
    if (text[this.at] === "#") this.at = lineEnd(text, this.at);
    if (this.at < text.length && !isBreak(text.charCodeAt(this.at))) {
      throw new YamlError("did not find expected comment or line break", this.mark());
    }
    if (this.at < text.length) this.newLine();
    let indent = given === undefined ? 0 : Math.max(parent, 0) + Number(given);
    let breaks: string;
    [indent, breaks] = this.blockBreaks(indent, parent);
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
      [, breaks] = this.blockBreaks(indent, parent);
    }
    if (!header.includes("-")) result += lead;
    if (header.includes("+")) result += breaks;
    return result;
  }

  /** Empty lines and the indentation of the next; finds the indentation when it is not known. */
  private blockBreaks(known: number, parent: number): [number, string] {
    const { text } = this;
    let breaks = "";
    let deepest = 0;
    for (;;) {
      while ((known === 0 || this.at - this.lineStart < known) && text[this.at] === " ") this.at++;
      deepest = Math.max(deepest, this.at - this.lineStart);
      if ((known === 0 || this.at - this.lineStart < known) && text[this.at] === "\t") {
        throw new YamlError(
          "found a tab character where an indentation space is expected",
          this.mark(),
        );
      }
      if (!isBreak(text.charCodeAt(this.at))) break;
      breaks += "\n";
      this.newLine();
    }
    return [known === 0 ? Math.max(deepest, parent + 1, 1) : known, breaks];
  }

  /** The text of a quoted scalar, from its opening quote. */
  protected quotedScalar(quote: string): string {
    const { text } = this;
    const single = quote === "'";
    const stop = single ? SINGLE_STOP : DOUBLE_STOP;
    let result = "";
    this.at++;
    for (;;) {
      if (
        this.at === this.lineStart &&
        /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4))
      ) {
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
    return result;
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
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4)))
        return breaks === 0 ? " " : "\n".repeat(breaks);
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
        throw new YamlError(
          "found invalid Unicode character escape code",
          markAt(text, this.at + 2),
        );
      }
      this.at += 2 + digits;
      return String.fromCodePoint(point);
    }
    const plain = ESCAPES[code];
    if (plain === undefined) throw new YamlError("found unknown escape character", this.mark());
    this.at += 2;
    return plain;
  }

  /** The text of a plain scalar, which lines indented less than `indent` end, and where it ends. */
  protected plainScalar(
    indent: number,
    inFlow: boolean,
  ): { text: string; end: Mark; crossed: boolean } {
    const { text } = this;
    let result = "";
    let space = "";
    let end = this.mark();
    let crossed = false;
    for (;;) {
      if (
        this.at === this.lineStart &&
        /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(this.at, this.at + 4))
      )
        break;
      if (text[this.at] === "#") break;
      const from = this.at;
      this.plainRun(inFlow);
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
      space =
        breaks === 0 ? text.slice(blank, this.at) : breaks === 1 ? " " : "\n".repeat(breaks - 1);
      crossed ||= breaks > 0;
      if (!inFlow && this.at - this.lineStart < indent) break;
    }
    return { text: result, end, crossed };
  }

  /** Moves behind the characters of a plain scalar up to white space or an indicator that ends it. */
  private plainRun(inFlow: boolean): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (Number.isNaN(code) || code === 32 || code === 9 || isBreak(code)) return;
      if (code === 58) {
        const next = text.charCodeAt(this.at + 1);
        if (isBlank(next)) return;
        if (inFlow && ",?[]{}".includes(text[this.at + 1] as string)) {
          throw new YamlError("found unexpected ':'", this.mark());
        }
      } else if (
        inFlow &&
        (code === 44 || code === 91 || code === 93 || code === 123 || code === 125)
      )
        return;
      else if (inFlow && code === 63 && isBlank(text.charCodeAt(this.at + 1))) return;
      this.at++;
    }
  }
}

const NOT_PRINTABLE = /[^\t\n\r\x20-\x7e\x85\u00a0-\ud7ff\ud800-\udfff\ue000-\ufffd]/;
const BLOCK_HEADER = /[-+]?[0-9]?[-+]?/y;
const SINGLE_STOP = /[^' \t\r\n\x85\u2028\u2029]*/y;
const DOUBLE_STOP = /[^"\\ \t\r\n\x85\u2028\u2029]*/y;
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

/** Whether a character code is a line break. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** Whether a character code is a space or a tab. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

/** White space, a line's end, or the text's. */
export function isBlank(code: number): boolean {
  return Number.isNaN(code) || isSpace(code) || isBreak(code);
}

/** The offset of the end of a line. */
export function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
  return at;
}

/** The place of an offset. */
export function markAt(text: string, at: number): Mark {
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  return { at, line: before.split("\n").length - 1, column: at - start };
}
