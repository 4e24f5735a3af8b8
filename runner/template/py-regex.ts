import { TemplateError, typeError, Undefined } from "./error.ts";
import { pyStr } from "./py-repr.ts";
import { SPACES } from "./py-space.ts";

export interface RegexOptions {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
}

const cache = new Map<string, RegExp>();

/**
 * A Python pattern as a JavaScript one, global. Cached. Throws TemplateError (value) with the place for
 * patterns that JavaScript cannot run.
 */
export function compileRegex(pattern: unknown, options: RegexOptions = {}): RegExp {
  if (pattern instanceof Undefined) pattern.fail();
  if (typeof pattern !== "string") {
    throw typeError(`first argument must be string or compiled pattern`);
  }
  const key = `${options.ignoreCase === true ? "i" : ""}${options.multiline === true ? "m" : ""}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) {
    known.lastIndex = 0;
    return known;
  }
  const made = translate(pattern, options);
  if (cache.size > 1000) cache.clear();
  cache.set(key, made);
  return made;
}

function translate(pattern: string, options: RegexOptions): RegExp {
  const open = unclosedGroup(pattern);
  if (open !== undefined)
    throw new TemplateError("value", `missing ), unterminated subpattern at position ${open}`);
  const found = new Translator(pattern, options).run();
  try {
    return new RegExp(found.source, found.flags);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const idle = /Nothing to repeat$/.test(said) ? idleRepeat(pattern) : undefined;
    throw new TemplateError(
      "value",
      idle === undefined
        ? `the regular expression ${JSON.stringify(pattern)} cannot be used: ${said}`
        : `nothing to repeat at position ${idle}`,
    );
  }
}

/** Where a repetition stands that has nothing in front of it, or undefined. */
function idleRepeat(pattern: string): number | undefined {
  const found = /^(?:\^*|.*?(?<!\\)(?:\\\\)*[(|](?:\?(?:P<\w+>|[:=!]|<[=!]))?)(?=[*+?])/s.exec(
    pattern,
  );
  return found === null ? undefined : found[0].length;
}

/** Where a group starts that is never closed, or undefined. */
function unclosedGroup(pattern: string): number | undefined {
  const open: number[] = [];
  let setStart = -1;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "\\") at++;
    else if (setStart >= 0) {
      const isFirst = at === setStart + 1 || (at === setStart + 2 && pattern[at - 1] === "^");
      if (char === "]" && !isFirst) setStart = -1;
    } else if (char === "[") setStart = at;
    else if (char === "(") open.push(at);
    else if (char === ")" && open.pop() === undefined) {
      throw new TemplateError("value", `unbalanced parenthesis at position ${at}`);
    }
  }
  return setStart >= 0 ? undefined : open.at(-1);
}

/** Python's syntax to JavaScript's, character by character. */
class Translator {
  readonly #pattern: string;
  #ignoreCase: boolean;
  #multiline: boolean;
  #dotAll = false;
  #verbose = false;
  #at = 0;
  #out = "";

  constructor(pattern: string, options: RegexOptions) {
    this.#pattern = pattern;
    this.#ignoreCase = options.ignoreCase === true;
    this.#multiline = options.multiline === true;
  }

  run(): { source: string; flags: string } {
    const inline = /^\(\?([aiLmsux]+)\)/.exec(this.#pattern);
    if (inline !== null) {
      this.#setFlags(inline[1] ?? "");
      this.#at = inline[0].length;
    }
    while (this.#at < this.#pattern.length) this.#step();
    // Without the u flag, code points beyond U+FFFF would be two characters.
    const flags = `g${this.#ignoreCase ? "i" : ""}u`;
    return { source: this.#out, flags };
  }

  #setFlags(letters: string): void {
    if (letters.includes("i")) this.#ignoreCase = true;
    if (letters.includes("m")) this.#multiline = true;
    if (letters.includes("s")) this.#dotAll = true;
    if (letters.includes("x")) this.#verbose = true;
  }

  #step(): void {
    const char = this.#pattern[this.#at] ?? "";
    switch (char) {
      case "\\":
        this.#escape();
        return;
      case "[":
        this.#set();
        return;
      case "(":
        this.#open();
        return;
      case "^":
        this.#emit(this.#multiline ? "(?:^|(?<=\\n))" : "^", 1);
        return;
      case "$":
        // Python's $ also matches before a newline at the very end. JavaScript's own $ stays, for a negated
        // class would also match in the middle of a surrogate pair.
        this.#emit(this.#multiline ? "(?=\\n|$)" : "(?=\\n?$)", 1);
        return;
      case ".":
        this.#emit(this.#dotAll ? "[\\s\\S]" : "[^\\n]", 1);
        return;
      case "{":
        this.#brace();
        return;
      case "}":
      case "]":
        this.#emit(`\\${char}`, 1);
        return;
      case "*":
      case "+":
      case "?":
        // Possessive quantifiers of Python 3.11 have no counterpart; greedy is the nearest.
        this.#emit(char, 1);
        return;
      default:
        this.#plain(char);
    }
  }

  #plain(char: string): void {
    if (this.#verbose && /\s/.test(char)) this.#at++;
    else if (this.#verbose && char === "#") {
      const end = this.#pattern.indexOf("\n", this.#at);
      this.#at = end === -1 ? this.#pattern.length : end + 1;
    } else this.#emit(char, 1);
  }

  #emit(text: string, size: number): void {
    this.#out += text;
    this.#at += size;
  }

  #brace(): void {
    const found = /^\{(\d*)(?:(,)(\d*))?\}/.exec(this.#pattern.slice(this.#at));
    if (found === null || (found[1] === "" && found[2] === undefined)) this.#emit("\\{", 1);
    else
      this.#emit(
        `{${found[1] === "" ? "0" : found[1]}${found[2] ?? ""}${found[3] ?? ""}}`,
        found[0].length,
      );
  }

  #open(): void {
    const rest = this.#pattern.slice(this.#at);
    const named = /^\(\?P<(\w+)>/.exec(rest);
    if (named !== null) {
      this.#emit(`(?<${named[1]}>`, named[0].length);
      return;
    }
    const back = /^\(\?P=(\w+)\)/.exec(rest);
    if (back !== null) {
      this.#emit(`\\k<${back[1]}>`, back[0].length);
      return;
    }
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) {
      this.#emit("", comment[0].length);
      return;
    }
    const conditional = /^\(\?\((\w+)\)/.exec(rest);
    if (conditional !== null) {
      throw new TemplateError(
        "value",
        `conditional groups like ${conditional[0]} in regular expressions are not supported`,
      );
    }
    const flags = /^\(\?([aiLmsux]*)(?:-[imsx]+)?:/.exec(rest);
    if (flags !== null) {
      // A flag for a part of the pattern: dot and anchors can be honoured, case only as a whole.
      this.#setFlags(flags[1] ?? "");
      this.#emit("(?:", flags[0].length);
      return;
    }
    const inline = /^\(\?([aiLmsux]+)\)/.exec(rest);
    if (inline !== null) {
      this.#setFlags(inline[1] ?? "");
      this.#emit("", inline[0].length);
      return;
    }
    const special = /^\(\?(?:[:=!>]|<[=!])/.exec(rest);
    if (special !== null) {
      this.#emit(special[0] === "(?>" ? "(?:" : special[0], special[0].length);
      return;
    }
    this.#emit("(", 1);
    return;
  }

  #escape(): void {
    const next = this.#pattern[this.#at + 1] ?? "";
    switch (next) {
      case "A":
        this.#emit("^", 2);
        return;
      case "Z":
        this.#emit("$", 2);
        return;
      case "w":
        this.#emit(WORD, 2);
        return;
      case "W":
        this.#emit(NOT_WORD, 2);
        return;
      case "b":
        this.#emit(BOUNDARY, 2);
        return;
      case "B":
        this.#emit(NOT_BOUNDARY, 2);
        return;
      case "d":
        this.#emit("\\p{Nd}", 2);
        return;
      case "D":
        this.#emit("\\P{Nd}", 2);
        return;
      case "s":
        this.#emit(`[${SPACES}]`, 2);
        return;
      case "S":
        this.#emit(`[^${SPACES}]`, 2);
        return;
      case "a":
        this.#emit("\\x07", 2);
        return;
      default:
        this.#emitEscape(next, false);
    }
  }

  #emitEscape(next: string, inSet: boolean): void {
    const rest = this.#pattern.slice(this.#at);
    const octal = /^\\(0[0-7]{0,2}|[1-3][0-7]{2})/.exec(rest);
    const long = /^\\U([\da-fA-F]{8})/.exec(rest);
    if (octal !== null)
      this.#emit(`\\u{${Number.parseInt(octal[1] ?? "0", 8).toString(16)}}`, octal[0].length);
    else if (long !== null) this.#emit(`\\u{${(long[1] ?? "").replace(/^0+(?=.)/, "")}}`, 10);
    else if (/^\\[1-9]\d?/.test(rest) && !inSet) {
      const number = /^\\([1-9]\d?)/.exec(rest)?.[1] ?? "";
      this.#emit(`(?:\\${number})`, number.length + 1);
    } else if (/[nrtfvsSxu]/.test(next)) this.#emit(`\\${next}`, 2);
    else if (next === "") throw new TemplateError("value", "bad escape (end of pattern)");
    else if (/[a-zA-Z]/.test(next))
      throw new TemplateError("value", `bad escape \\${next} at position ${this.#at}`);
    else this.#emit(SYNTAX.test(next) ? `\\${next}` : next === "-" ? "\\-" : next, 2);
  }

  #set(): void {
    let head = "[";
    this.#at++;
    if (this.#pattern[this.#at] === "^") {
      head += "^";
      this.#at++;
    }
    this.#out += head;
    const start = this.#at;
    while (
      this.#at < this.#pattern.length &&
      (this.#pattern[this.#at] !== "]" || this.#at === start)
    ) {
      const char = this.#pattern[this.#at] ?? "";
      if (char === "\\") this.#escapeInSet();
      else if (char === "-") this.#emit(this.#isRange(start) ? "-" : "\\-", 1);
      else this.#emit(SYNTAX.test(char) || char === "/" ? `\\${char}` : char, 1);
    }
    if (this.#at >= this.#pattern.length) {
      throw new TemplateError(
        "value",
        `unterminated character set at position ${start - head.length}`,
      );
    }
    this.#emit("]", 1);
  }

  /** A hyphen between two characters, where no class like \w stands on either side. */
  #isRange(start: number): boolean {
    const before = this.#pattern.slice(start, this.#at);
    const after = this.#pattern.slice(this.#at + 1, this.#at + 3);
    if (before === "" || after.startsWith("]") || after === "") return false;
    return (
      !/\\[wWdDsS]$/.test(before) &&
      !/^\\[wWdDsS]/.test(after) &&
      !/[^\\]-.$/.test(` ${before}`.replace(/^ (?!-)/, "  "))
    );
  }

  #escapeInSet(): void {
    const next = this.#pattern[this.#at + 1] ?? "";
    switch (next) {
      case "w":
        this.#emit("\\p{L}\\p{N}_", 2);
        return;
      case "W":
        this.#emit("\\W", 2);
        return;
      case "d":
        this.#emit("\\p{Nd}", 2);
        return;
      case "D":
        this.#emit("\\P{Nd}", 2);
        return;
      case "s":
        this.#emit(SPACES, 2);
        return;
      case "b":
        this.#emit("\\x08", 2);
        return;
      case "a":
        this.#emit("\\x07", 2);
        return;
      default:
        this.#emitEscape(next, true);
        return;
    }
  }
}

const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;
const WORD = "[\\p{L}\\p{N}_]";
const NOT_WORD = "[^\\p{L}\\p{N}_]";
const BOUNDARY = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
const NOT_BOUNDARY = `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;

/** Python's `re.sub`. Throws TemplateError for a bad replacement. */
export function substitute(regex: RegExp, replacement: string, text: string): string {
  const parts = parseReplacement(replacement);
  checkReferences(regex, parts);
  regex.lastIndex = 0;
  return text.replace(regex, (...found: unknown[]) => {
    const groups =
      typeof found.at(-1) === "object" ? (found.at(-1) as Record<string, string | undefined>) : {};
    const numbered = found.slice(0, typeof found.at(-1) === "object" ? -3 : -2) as (
      | string
      | undefined
    )[];
    let out = "";
    for (const part of parts) {
      if (typeof part === "string") out += part;
      else if (typeof part.group === "number") out += numbered[part.group] ?? "";
      else out += groups[part.group] ?? "";
    }
    return out;
  });
}

/** Python looks at the whole replacement before it looks for a match. */
function checkReferences(regex: RegExp, parts: readonly ReplacementPart[]): void {
  if (parts.every((part) => typeof part === "string")) return;
  // The same expression or nothing matches the empty text and shows its groups.
  const shape = new RegExp(`${regex.source}|`, regex.flags.replace("g", "")).exec("");
  for (const part of parts) {
    if (typeof part === "string") continue;
    if (typeof part.group === "number") {
      if (part.group >= (shape?.length ?? 1))
        throw new TemplateError("value", `invalid group reference ${part.group} at position 1`);
    } else if (!(part.group in (shape?.groups ?? {})))
      throw new TemplateError("index", `unknown group name '${part.group}'`);
  }
}

type ReplacementPart = string | { readonly group: number | string };
const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
  b: "\b",
  "\\": "\\",
};

function parseReplacement(text: string): ReplacementPart[] {
  if (!text.includes("\\")) return [text];
  const parts: ReplacementPart[] = [];
  for (const [all, name, octal, digits, other] of text.matchAll(
    /\\g<([^>]*)>|\\(0[0-7]{0,2}|[1-3][0-7]{2})|\\([1-9]\d?)|\\([\s\S]?)|[^\\]+/g,
  )) {
    if (name !== undefined) parts.push({ group: /^\d+$/.test(name) ? Number(name) : name });
    else if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8)));
    else if (digits !== undefined) parts.push({ group: Number(digits) });
    else if (other === undefined) parts.push(all);
    else if (SIMPLE[other] !== undefined) parts.push(SIMPLE[other] as string);
    else if (/[a-zA-Z]/.test(other) || other === "")
      throw new TemplateError("value", `bad escape \\${other} at position ${text.indexOf(all)}`);
    else parts.push(all);
  }
  return parts;
}

/** What Ansible's regex filters make of their input: text, of anything. */
export function subjectText(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return pyStr(value);
}
