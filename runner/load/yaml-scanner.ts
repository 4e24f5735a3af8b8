import {
  isBlank,
  isBreak,
  isSpace,
  lineEnd,
  type Mark,
  markAt,
  YamlError,
  YamlText,
} from "./yaml-text.ts";

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
export class YamlScanner extends YamlText {
  private readonly queue: Token[] = [];
  private taken = 0;
  private done = false;
  private indent = -1;
  private readonly indents: number[] = [];
  private flow = 0;
  private keyAllowed = true;
  private readonly keys: (SimpleKey | undefined)[] = [undefined];

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

  private scan(): void {
    this.skipToToken();
    this.dropStaleKeys();
    const column = this.at - this.lineStart;
    this.unroll(column);
    const { text, at } = this;
    const char = text[at];
    if (char === undefined) {
      this.endStream();
      return;
    }
    if (column === 0 && char === "%") {
      this.directive();
      return;
    }
    if (
      column === 0 &&
      (text.startsWith("---", at) || text.startsWith("...", at)) &&
      isBlank(text.charCodeAt(at + 3))
    ) {
      this.documentMark(char === "-" ? "document-start" : "document-end");
      return;
    }
    switch (char) {
      case "[":
      case "{":
        this.saveKey();
        this.keys.push(undefined);
        this.flow++;
        this.keyAllowed = true;
        this.punctuation(char);
        return;
      case "]":
      case "}":
        this.removeKey();
        if (this.flow > 0) {
          this.flow--;
          this.keys.pop();
        }
        this.keyAllowed = false;
        this.punctuation(char);
        return;
      case ",":
        this.removeKey();
        this.keyAllowed = true;
        this.punctuation(char);
        return;
      case "*":
      case "&":
        this.saveKey();
        this.keyAllowed = false;
        this.anchor(char === "*" ? "alias" : "anchor");
        return;
      case "!":
        this.saveKey();
        this.keyAllowed = false;
        this.tag();
        return;
      case "'":
      case '"':
        this.saveKey();
        this.keyAllowed = false;
        this.quoted(char);
        return;
      case "|":
      case ">":
        if (this.flow > 0) break;
        this.removeKey();
        this.keyAllowed = true;
        this.block(char === ">");
        return;
    }
    const blankNext = isBlank(text.charCodeAt(at + 1));
    if (char === "-" && blankNext) {
      this.blockEntry();
      return;
    }
    if (char === "?" && (this.flow > 0 || blankNext)) {
      this.explicitKey();
      return;
    }
    if (char === ":" && (this.flow > 0 || blankNext)) {
      this.valueMark();
      return;
    }
    const plain = !isBlank(text.charCodeAt(at)) && !INDICATORS.includes(char);
    if (
      plain ||
      (char === "-" && !isSpace(text.charCodeAt(at + 1))) ||
      (this.flow === 0 && (char === "?" || char === ":") && !blankNext)
    ) {
      this.saveKey();
      this.keyAllowed = false;
      this.plain();
      return;
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
    this.keys[this.keys.length - 1] = {
      token: this.taken + this.queue.length,
      required,
      mark: this.mark(),
    };
  }

  private removeKey(): void {
    const key = this.keys.at(-1);
    if (key?.required === true) throw new YamlError("could not find expected ':'", this.mark());
    this.keys[this.keys.length - 1] = undefined;
  }

  /** A key ends on its line. */
  private dropStaleKeys(): void {
    for (const [level, key] of this.keys.entries()) {
      if (key === undefined || (key.mark.line === this.line && this.at - key.mark.at <= MAX_KEY))
        continue;
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
    const body = this.text
      .slice(this.at + 1, end)
      .replace(/\s#.*$/, "")
      .trimEnd();
    if (!/^[\w-]/.test(body)) throw new YamlError("could not find expected directive name", start);
    if (!/^[\w-]+(?:\s|$)/.test(body))
      throw new YamlError("found unexpected non-alphabetical character", start);
    if (!/^(?:YAML|TAG)\s/.test(body))
      throw new YamlError(
        "found unknown directive name",
        markAt(this.text, this.at + 1 + (/^[\w-]+/.exec(body)?.[0].length ?? 0)),
      );
    if (body.startsWith("YAML") && !/^YAML\s+1\.\d+$/.test(body))
      throw new YamlError("found incompatible YAML document", start);
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
      if (!this.keyAllowed)
        throw new YamlError("block sequence entries are not allowed in this context", start);
      this.roll(start.column, "block-sequence-start", start);
    }
    this.removeKey();
    this.keyAllowed = true;
    this.punctuation("-");
  }

  private explicitKey(): void {
    const start = this.mark();
    if (this.flow === 0) {
      if (!this.keyAllowed)
        throw new YamlError("mapping keys are not allowed in this context", start);
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
      this.queue.splice(key.token - this.taken, 0, {
        kind: "?",
        start: key.mark,
        end: key.mark,
        text: "",
        plain: false,
      });
      this.roll(key.mark.column, "block-mapping-start", key.mark, key.token);
      this.keys[this.keys.length - 1] = undefined;
      this.keyAllowed = false;
    } else {
      if (this.flow === 0) {
        if (!this.keyAllowed)
          throw new YamlError("mapping values are not allowed in this context", start);
        this.roll(start.column, "block-mapping-start", start);
      }
      this.keyAllowed = this.flow === 0;
    }
    this.punctuation(":");
  }

  // White space

  private skipToToken(): void {
    const { text } = this;
    for (;;) {
      let code = text.charCodeAt(this.at);
      while (code === 32 || (code === 9 && (this.flow > 0 || !this.keyAllowed)))
        code = text.charCodeAt(++this.at);
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
    this.push("scalar", start, this.blockScalar(folded, this.indent));
  }

  private quoted(quote: string): void {
    const start = this.mark();
    this.push("scalar", start, this.quotedScalar(quote));
  }

  private plain(): void {
    const start = this.mark();
    const { text, end, crossed } = this.plainScalar(this.indent + 1, this.flow > 0);
    this.queue.push({ kind: "scalar", start, end, text, plain: true });
    // A scalar that went on over lines ended on a new one, where a key may start.
    if (crossed) this.keyAllowed = true;
  }
}

const INDICATORS = "-?:,[]{}#&*!|>'\"%@`";
const ANCHOR = /[\w-]*/y;
const TAG = /![^\s,[\]{}]*/y;
