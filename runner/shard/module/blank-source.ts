/**
 * Python source without comments, docstrings and documentation variables, every line at its old number, so that
 * tracebacks stay true: a third of the bytes for a typical module. The encoding line and the interpreter line stay.
 */
export function blankSource(source: string): string {
  const out: string[] = [];
  let at = 0;
  let statement = "";
  let depth = 0;
  const length = source.length;
  while (at < length) {
    const character = source[at]!;
    if (character === "#") {
      const end = endOfLine(source, at);
      const line = lineNumberUpTo(source, at, 3);
      const comment = source.slice(at, end);
      if (line <= 2 && (comment.startsWith("#!") || comment.includes("coding"))) out.push(comment);
      at = end;
      continue;
    }
    if (character === "'" || character === '"') {
      const end = endOfString(source, at);
      const text = source.slice(at, end);
      const prefix = /^[ \t]*(?:[A-Z]+[ \t]*=[ \t]*)?[rRuUbB]{0,2}$/.test(statement);
      if (depth === 0 && prefix && isWholeStatement(statement, source, end)) {
        out.push("''", "\n".repeat(countLines(text)));
      } else {
        out.push(text);
      }
      statement += "''";
      at = end;
      continue;
    }
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth = Math.max(0, depth - 1);
    if (character === "\n") statement = "";
    else statement += character;
    out.push(character);
    at++;
  }
  return out.join("").replace(/[ \t]+$/gm, "");
}

const DOCUMENTATION = /^(?:DOCUMENTATION|EXAMPLES|RETURN)[ \t]*=[ \t]*[rRuU]?$/;

function isWholeStatement(before: string, source: string, end: number): boolean {
  const docstring = /^[ \t]*[rRuU]?$/.test(before);
  if (!docstring && !DOCUMENTATION.test(before)) return false;
  return /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.test(source.slice(end, end + 200));
}

function endOfString(source: string, start: number): number {
  const quote = source[start]!;
  const triple = quote.repeat(3);
  if (source.startsWith(triple, start)) {
    let at = start + 3;
    while (at < source.length) {
      if (source[at] === "\\") at += 2;
      else if (source.startsWith(triple, at)) return at + 3;
      else at++;
    }
    return source.length;
  }
  let at = start + 1;
  while (at < source.length && source[at] !== "\n") {
    if (source[at] === "\\") at += 2;
    else if (source[at] === quote) return at + 1;
    else at++;
  }
  return at;
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}

function lineNumberUpTo(source: string, at: number, most: number): number {
  let line = 1;
  for (let i = 0; i < at && line < most; i++) if (source[i] === "\n") line++;
  return line;
}

function countLines(text: string): number {
  let lines = 0;
  for (const character of text) if (character === "\n") lines++;
  return lines;
}
