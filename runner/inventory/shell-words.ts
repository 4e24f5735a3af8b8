/** Text that no shell would split: an open quote, a backslash at the end. */
export class ShellWordsError extends Error {}

/**
 * Words of a line by the rules of Python's `shlex.split(line, comments=True)`: quotes group, a backslash
 * escapes, `#` starts a comment, even in the middle of a word.
 *
 * @throws ShellWordsError
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === " " || char === "\t" || char === "\r" || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "#") {
      break;
    } else if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) throw new ShellWordsError("No closing quotation");
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      word ??= "";
      for (at++; line[at] !== '"'; at++) {
        if (at >= line.length) throw new ShellWordsError("No closing quotation");
        // Inside of double quotes a backslash escapes only the quote and itself.
        if (line[at] === "\\" && (line[at + 1] === '"' || line[at + 1] === "\\")) at++;
        word += line[at];
      }
    } else if (char === "\\") {
      at++;
      if (at >= line.length) throw new ShellWordsError("No escaped character");
      word = (word ?? "") + line[at];
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
