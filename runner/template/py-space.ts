/*
 * What Python takes for whitespace in text: JavaScript's \s lacks the separators of ASCII and the next line, and has the byte order mark.
 */

/** The characters, as they stand between the brackets of a regular expression. */
export const SPACES =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Whether all of a text is whitespace, and there is some (`str.isspace`). */
export function isSpace(text: string): boolean {
  return text !== "" && trimSpace(text, true, false) === "";
}

/** Python's `strip()` on the chosen sides. */
export function trimSpace(text: string, left = true, right = true): string {
  let start = 0;
  let end = text.length;
  if (left) while (start < end && isSpaceCode(text.charCodeAt(start))) start++;
  if (right) while (end > start && isSpaceCode(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** What Python's `int()` and `float()` take away: of ASCII text, fewer separators than of other text. */
export function trimNumber(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "") : trimSpace(text);
}

/** Python's `split()` and `split(None, most)`: words, and behind the last split what is left. */
export function splitSpace(text: string, most: number): string[] {
  const words: string[] = [];
  let at = skip(text, 0, true);
  while (at < text.length) {
    if (most >= 0 && words.length >= most) {
      words.push(text.slice(at));
      break;
    }
    const end = skip(text, at, false);
    words.push(text.slice(at, end));
    at = skip(text, end, true);
  }
  return words;
}

/** What stands behind the last whitespace. */
export function lastWord(text: string): string {
  let start = text.length;
  while (start > 0 && !isSpaceCode(text.charCodeAt(start - 1))) start--;
  return text.slice(start);
}

/** The next place where whitespace ends, or begins. */
function skip(text: string, from: number, spaces: boolean): number {
  let at = from;
  while (at < text.length && isSpaceCode(text.charCodeAt(at)) === spaces) at++;
  return at;
}

function isSpaceCode(code: number): boolean {
  if (code < 0x80) return (code >= 9 && code <= 13) || (code >= 0x1c && code <= 0x20);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}
