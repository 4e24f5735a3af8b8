/**
 * Python source without comments, docstrings and documentation variables, every line at its old number, so that
 * tracebacks stay true: a third of the bytes for a typical module. The encoding line and the interpreter line stay.
 */
export function blankSource(source: string): string {
  const kept: string[] = [];
  let statementAt = 0;
  let depth = 0;
  let from = 0;
  let match: RegExpExecArray | null;
  TOKEN.lastIndex = 0;
  for (match = TOKEN.exec(source); match !== null; match = TOKEN.exec(source)) {
    const [text] = match;
    const at = match.index;
    const end = at + text.length;
    switch (text.charCodeAt(0)) {
      case NEWLINE:
        if (source.charCodeAt(at - 1) !== BACKSLASH) statementAt = end;
        break;
      case HASH:
        if (at > 200 || !(text.startsWith("#!") || text.includes("coding"))) {
          kept.push(source.slice(from, at).trimEnd());
          // What was cut off by trimEnd were blanks in front of the comment, or line ends of their own.
          kept.push(lineEnds(source, from, at));
          from = end;
        }
        break;
      case DOUBLE:
      case SINGLE:
        if (depth === 0 && isWholeStatement(source.slice(statementAt, at), source, end)) {
          kept.push(source.slice(from, at), "''", "\n".repeat(countLines(text)));
          from = end;
        }
        break;
      case CLOSE_ROUND:
      case CLOSE_SQUARE:
      case CLOSE_CURLY:
        if (depth > 0) depth--;
        break;
      default:
        depth++;
    }
  }
  kept.push(source.slice(from));
  return kept.join("");
}

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const HASH = 0x23;
const DOUBLE = 0x22;
const SINGLE = 0x27;
const CLOSE_ROUND = 0x29;
const CLOSE_SQUARE = 0x5d;
const CLOSE_CURLY = 0x7d;

/** What matters of Python's tokens: comments, strings (unterminated ones end with their line), line ends, brackets. */
const TOKEN =
  /#[^\n]*|"""(?:[^"\\]|\\[\s\S]|"(?!""))*(?:"""|$)|'''(?:[^'\\]|\\[\s\S]|'(?!''))*(?:'''|$)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|\n|[()[\]{}]/g;

const DOCSTRING = /^[ \t]*[rRuU]?$/;
const DOCUMENTATION = /^(?:DOCUMENTATION|EXAMPLES|RETURN)[ \t]*=[ \t]*[rRuU]?$/;
const NOTHING_BEHIND = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;

function isWholeStatement(before: string, source: string, end: number): boolean {
  if (!DOCSTRING.test(before) && !DOCUMENTATION.test(before)) return false;
  NOTHING_BEHIND.lastIndex = end;
  return NOTHING_BEHIND.test(source);
}

/** The line ends in the blanks before a comment. */
function lineEnds(source: string, from: number, at: number): string {
  const blanks = source.slice(from + source.slice(from, at).trimEnd().length, at);
  const last = blanks.lastIndexOf("\n");
  return last < 0 ? "" : blanks.slice(0, last + 1).replace(/[^\n]/g, "");
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
