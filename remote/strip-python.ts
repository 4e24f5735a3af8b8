/**
 * The same Python program without comments, documentation strings and blank lines, indented by one space.
 *
 * Conservative: it knows strings, brackets, comments and continuation lines, and touches nothing inside a string.
 * @throws Error when a string or bracket does not end, or the text is not ASCII.
 */
export function stripPython(source: string): string {
  const lines = toLogicalLines(source);
  const kept: string[] = [];
  lines.forEach((line, at) => {
    const pad = " ".repeat(line.indent / 4);
    if (!line.isBareString) {
      kept.push(pad + line.text);
      return;
    }
    // A block of nothing but its documentation still needs a statement.
    if (lines[at + 1]?.indent !== line.indent) kept.push(`${pad}pass`);
  });
  return `${kept.join("\n")}\n`;
}

interface LogicalLine {
  readonly indent: number;
  readonly text: string;
  readonly isBareString: boolean;
}

const STRING_START = /[bBuUrR]{0,2}("""|'''|"|')/y;
const BARE_STRING_PREFIX = /^[uUrR]{0,2}["']/;

function toLogicalLines(source: string): readonly LogicalLine[] {
  for (let at = 0; at < source.length; at++) {
    if (source.charCodeAt(at) > 126) throw new Error(`character ${at} of the source is not ASCII`);
  }
  const lines: LogicalLine[] = [];
  let at = 0;
  while (at < source.length) {
    const indentEnd = skipSpaces(source, at);
    const indent = indentEnd - at;
    const { end, text, stringEnd } = readLogicalLine(source, indentEnd);
    if (text !== "") {
      if (indent % 4 !== 0) throw new Error(`line at character ${at} is not indented by fours`);
      const isBareString = BARE_STRING_PREFIX.test(text) && stringEnd === text.length;
      lines.push({ indent, text, isBareString });
    }
    at = end;
  }
  return lines;
}

/** One statement line: its end, its text without comments, and where its first string ends in that text. */
function readLogicalLine(source: string, start: number) {
  let text = "";
  let depth = 0;
  let at = start;
  let stringEnd = -1;
  while (at < source.length) {
    const char = source.charAt(at);
    const length = stringLength(source, at);
    if (length > 0) {
      text += source.slice(at, at + length);
      if (stringEnd < 0) stringEnd = text.length;
      at += length;
    } else if (char === "#") {
      while (at < source.length && source.charAt(at) !== "\n") at++;
    } else if (char === "\n" && depth > 0) {
      text = `${text.trimEnd()}\n`;
      at = skipSpaces(source, at + 1);
      while (source.charAt(at) === "\n") at = skipSpaces(source, at + 1);
    } else if (char === "\n") {
      return { end: at + 1, text: text.trimEnd(), stringEnd };
    } else if (char === "\\" && source.charAt(at + 1) === "\n") {
      text += " ";
      at = skipSpaces(source, at + 2);
    } else {
      if ("([{".includes(char)) depth++;
      if (")]}".includes(char)) depth--;
      text += char;
      at++;
    }
  }
  if (depth > 0) throw new Error(`a bracket opened after character ${start} does not close`);
  return { end: at, text: text.trimEnd(), stringEnd };
}

/** Length of the string literal, prefix included, that starts here; 0 when none does. */
function stringLength(source: string, at: number): number {
  if (/\w/.test(source.charAt(at - 1))) return 0;
  STRING_START.lastIndex = at;
  const match = STRING_START.exec(source);
  if (match === null) return 0;
  const quote = match[1]!;
  let end = STRING_START.lastIndex;
  while (!source.startsWith(quote, end)) {
    if (end >= source.length || (quote.length === 1 && source.charAt(end) === "\n")) {
      throw new Error(`the string at character ${at} does not end`);
    }
    end += source.charAt(end) === "\\" ? 2 : 1;
  }
  return end + quote.length - at;
}

function skipSpaces(source: string, at: number): number {
  let end = at;
  while (source.charAt(end) === " ") end++;
  return end;
}
