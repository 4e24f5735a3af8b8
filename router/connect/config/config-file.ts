/** One line of an ssh_config file that is not empty. */
export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string;
  readonly words: readonly string[];
  /** Everything behind the keyword, as written: commands are not split. */
  readonly rest: string;
  readonly file: string;
  readonly line: number;
}

/**
 * Reads an ssh_config file (ssh_config(5)): a keyword, then white space or one `=`, then words, which double quotes hold
 * together; `#` begins a comment where a word could begin. Never throws: OpenSSH itself is left to complain.
 */
export function parseConfigFile(text: string, file: string): readonly ConfigLine[] {
  const lines: ConfigLine[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const match = /^\s*([A-Za-z][\w-]*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(raw);
    if (match === null) continue;
    const keyword = (match[1] as string).toLowerCase();
    const rest = COMMANDS.has(keyword) ? (match[2] as string) : withoutComment(match[2] as string);
    lines.push({
      keyword,
      words: splitWords(rest),
      rest: rest.replace(/^"([^"]*)"$/, "$1"),
      file,
      line: index + 1,
    });
  }
  return lines;
}

/** Keywords whose value is for a shell, to the end of the line. */
const COMMANDS: ReadonlySet<string> = new Set([
  "knownhostscommand",
  "localcommand",
  "proxycommand",
  "remotecommand",
]);

/** Text up to a `#` that begins a word outside of quotes. */
function withoutComment(text: string): string {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "#" && !quoted && (at === 0 || /\s/.test(text[at - 1] as string))) {
      return text.slice(0, at).trimEnd();
    }
  }
  return text;
}

/** Words as ssh's own reader splits them: double quotes hold together and go. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    if (word.startsWith("#")) break;
    words.push(word.replaceAll('"', ""));
  }
  return words;
}
