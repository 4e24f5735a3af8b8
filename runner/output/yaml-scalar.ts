/** Where a scalar is written. */
export interface Place {
  /** Indent of further lines. */
  readonly indent: number;
  /** Characters before it in its line. */
  readonly column: number;
  /** Whether it is a key, which has to stay on its line. */
  readonly key: boolean;
}

/**
 * A text as YAML, in the first style that can hold it: plain, 'single', "double", or a literal block for several lines.
 * Long texts are broken at blanks behind column 80, as libyaml does.
 */
export function scalarText(
  given: string,
  { indent: step, lossy }: { readonly indent: number; readonly lossy: boolean },
  place: Place,
): string {
  const isBlock = BREAK.test(given);
  const text = isBlock && lossy ? readable(given) : given;
  const can = analyze(text);
  if (isBlock) {
    return can.block && !place.key ? literalBlock(text, step, place) : doubleQuoted(text, place);
  }
  if (can.plain && !isOtherType(text)) return folded(text, place, false);
  return can.single
    ? `'${folded(text.replaceAll("'", "''"), place, true)}'`
    : doubleQuoted(text, place);
}

/** What keeps a text from being a literal block goes (`_munge_data_for_lossy_yaml` of ansible/plugins/callback/__init__.py). */
function readable(text: string): string {
  let column = 0;
  let out = "";
  for (const character of text.trimEnd()) {
    if (character === "\t") {
      const blanks = 8 - (column % 8);
      out += " ".repeat(blanks);
      column += blanks;
      continue;
    }
    column = character === "\n" || character === "\r" ? 0 : column + 1;
    if (!UNREADABLE.test(character)) out += character;
  }
  return out.replace(/ +([\n\x85\u2028\u2029])/g, "$1");
}

interface Styles {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/** Which styles can hold a text in block context (`yaml_emitter_analyze_scalar` of libyaml). */
function analyze(text: string): Styles {
  const special = UNPRINTABLE.test(text) || / [\n\x85\u2028\u2029]/.test(text);
  const hasBreak = BREAK.test(text);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const outerBlank = /^[ \n\x85\u2028\u2029]|[ \n\x85\u2028\u2029]$/.test(text);
  return {
    plain: text !== "" && !special && !hasBreak && !outerBlank && !INDICATOR.test(text),
    single: !special && !breakSpace,
    block: text !== "" && !special && !text.endsWith(" "),
  };
}

/** Whether the plain text would be read as something else than a text (YAML 1.1, as PyYAML resolves it). */
function isOtherType(text: string): boolean {
  return OTHER_TYPES.some((pattern) => pattern.test(text));
}

/** Breaks at lone blanks behind column 80. */
function folded(text: string, place: Place, quoted: boolean): string {
  let column = place.column + (quoted ? 1 : 0);
  if (place.key || column + text.length <= WIDTH) return text;
  const characters = Array.from(text);
  let out = "";
  characters.forEach((character, at) => {
    const isLone = character === " " && characters[at - 1] !== " " && characters[at + 1] !== " ";
    const isInside = !quoted || (at > 0 && at < characters.length - 1);
    if (isLone && isInside && column > WIDTH) {
      out += `\n${" ".repeat(place.indent)}`;
      column = place.indent;
    } else {
      out += character;
      column++;
    }
  });
  return out;
}

function doubleQuoted(text: string, place: Place): string {
  const characters = Array.from(text);
  let column = place.column + 1;
  let out = '"';
  characters.forEach((character, at) => {
    const isInside = at > 0 && at < characters.length - 1;
    if (
      character === " " &&
      characters[at - 1] !== " " &&
      isInside &&
      !place.key &&
      column > WIDTH
    ) {
      out += `\n${" ".repeat(place.indent)}`;
      column = place.indent;
      if (characters[at + 1] === " ") {
        out += "\\";
        column++;
      }
      return;
    }
    const shown = escapeCharacter(character);
    out += shown;
    column += shown.length > 2 ? shown.length : Array.from(shown).length;
  });
  return `${out}"`;
}

function escapeCharacter(character: string): string {
  const named = ESCAPES.get(character);
  if (named !== undefined) return named;
  if (!UNPRINTABLE.test(character)) return character;
  const point = character.codePointAt(0)!.toString(16).toUpperCase();
  if (point.length <= 2) return `\\x${point.padStart(2, "0")}`;
  return point.length <= 4 ? `\\u${point.padStart(4, "0")}` : `\\U${point.padStart(8, "0")}`;
}

function literalBlock(text: string, step: number, place: Place): string {
  const startHint = /^[ \n\x85\u2028\u2029]/.test(text) ? String(step) : "";
  const endHint = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  const indent = " ".repeat(place.indent);
  const lines = body.split("\n").map((line) => (line === "" ? "" : indent + line));
  return `|${startHint}${endHint}\n${lines.join("\n")}`;
}

const WIDTH = 80;
const BREAK = /[\n\x85\u2028\u2029]/;
/** All that libyaml does not take for printable; it does not know of the planes beyond the first. */
const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
/** What Ansible leaves out of literal blocks: it does know of them. */
const UNREADABLE = /[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10fffe}]/u;
const INDICATOR =
  /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:](?=[ \t\n]|$)|^-(?=[ \t\n]|$)|:(?=[ \t\n]|$)|(?<=[ \t\n])#/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\0", "\\0"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\v", "\\v"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ["\x1b", "\\e"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\x85", "\\N"],
  ["\u2028", "\\L"],
  ["\u2029", "\\P"],
]);
const OTHER_TYPES: readonly RegExp[] = [
  /^(?:yes|no|true|false|on|off|Yes|No|True|False|On|Off|YES|NO|TRUE|FALSE|ON|OFF)$/,
  /^(?:~|null|Null|NULL|=|<<|)$/,
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(?::[0-5]?\d)+)$/,
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d][\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*)$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
];
