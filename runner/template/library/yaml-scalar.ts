import { PyFloat, UnsafeText } from "../../model/value.ts";
import { LenientUndefined, type TemplateError, typeError, Undefined } from "../error.ts";
import { PyDate, PyDateTime } from "../py-datetime.ts";
import { pyRepr, reprFloat } from "../py-repr.ts";
import { chars } from "../py-sequence.ts";
import { isInt } from "../py-types.ts";

/** The characters that end a line. */
export const BREAK = /[\n\r\x85\u2028\u2029]/;
/** How characters are written inside double quotes. */
export const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\xa0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

/** A code in upper-case hexadecimal digits. */
export function hex(code: number, size: number): string {
  return code.toString(16).toUpperCase().padStart(size, "0");
}

/** Whether libyaml writes a character as it is. */
export function isPrintable(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  // libyaml knows no characters beyond U+FFFF as printable.
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
}

interface Analysis {
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly quotable: boolean;
  readonly multiline: boolean;
  readonly special: boolean;
  readonly spaceBreak: boolean;
}

/** Which styles a text can have without changing: yaml_emitter_analyze_scalar of libyaml. */
export function analyze(text: string, unicode: boolean): Analysis {
  if (text === "") {
    return {
      flowPlain: false,
      blockPlain: true,
      quotable: true,
      multiline: false,
      special: false,
      spaceBreak: false,
    };
  }
  let [block, flow] = [
    text.startsWith("---") || text.startsWith("..."),
    text.startsWith("---") || text.startsWith("..."),
  ];
  let [lineBreaks, special, spaceBreak, breakSpace] = [false, false, false, false];
  let [leading, trailing] = [false, false];
  let afterSpace = true;
  let previousSpace = false;
  let previousBreak = false;
  const all = chars(text);
  all.forEach((char, index) => {
    const isFirst = index === 0;
    const next = all[index + 1];
    const beforeSpace = next === undefined || /[\s\0]/.test(next);
    if (isFirst && /[#,[\]{}&*!|>'"%@`]/.test(char)) [flow, block] = [true, true];
    else if (isFirst && (char === "?" || char === ":"))
      [flow, block] = [true, block || beforeSpace];
    else if (isFirst && char === "-" && beforeSpace) [flow, block] = [true, true];
    else if (!isFirst && /[,?[\]{}]/.test(char)) flow = true;
    else if (!isFirst && char === ":") [flow, block] = [true, block || beforeSpace];
    else if (!isFirst && char === "#" && afterSpace) [flow, block] = [true, true];
    const code = char.codePointAt(0) ?? 0;
    if (!isPrintable(char) || (code >= 0x80 && !unicode)) {
      if (!BREAK.test(char) || code >= 0x80) special = true;
      if (char === "\r") special = true;
    }
    if (BREAK.test(char)) lineBreaks = true;
    const isSpace = char === " ";
    const isBreak = BREAK.test(char);
    if (isSpace) {
      if (isFirst) leading = true;
      if (next === undefined) trailing = true;
      if (previousBreak) breakSpace = true;
    } else if (isBreak) {
      if (isFirst) leading = true;
      if (next === undefined) trailing = true;
      if (previousSpace) spaceBreak = true;
    }
    previousSpace = isSpace;
    previousBreak = isBreak;
    afterSpace = /[\s\0]/.test(char);
  });
  const plain = !leading && !trailing && !breakSpace && !spaceBreak && !special && !lineBreaks;
  return {
    flowPlain: plain && !flow,
    blockPlain: plain && !block,
    quotable: !spaceBreak && !breakSpace && !special,
    multiline: lineBreaks,
    special: special || spaceBreak || breakSpace,
    spaceBreak,
  };
}

/** A scalar's text, and whether it is a string. Throws TypeError for what has no YAML form. */
export function scalarText(value: unknown): { text: string; tag: "str" | "other" } {
  if (typeof value === "string") return { text: value, tag: "str" };
  if (value instanceof UnsafeText) return { text: value.text, tag: "str" };
  if (value === null) return { text: "null", tag: "other" };
  if (typeof value === "boolean") return { text: String(value), tag: "other" };
  if (isInt(value)) return { text: String(value), tag: "other" };
  if (typeof value === "number") return { text: floatText(value), tag: "other" };
  if (value instanceof PyFloat) return { text: floatText(value.value), tag: "other" };
  if (value instanceof PyDateTime) return { text: value.isoformat(" "), tag: "other" };
  if (value instanceof PyDate) return { text: value.isoformat(), tag: "other" };
  if (value instanceof Undefined && !(value instanceof LenientUndefined)) return value.fail();
  throw cannotRepresent(value);
}

/** PyYAML's RepresenterError, whose text is that of its pair of arguments. */
export function cannotRepresent(value: unknown): TemplateError {
  return typeError(`('cannot represent an object', ${pyRepr(value)})`);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = reprFloat(value);
  return !text.includes(".") && text.includes("e") ? text.replace("e", ".0e") : text;
}
