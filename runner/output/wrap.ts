/** How text is broken into lines. */
export interface WrapOptions {
  readonly width: number;
  /** Whether blanks around line breaks are left out. */
  readonly dropBlanks: boolean;
}

/**
 * Breaks a text into lines as Python's `textwrap.wrap` does, which Ansible uses for warnings: tabs and line ends become
 * blanks, compound words may break behind a hyphen, and words longer than a line are cut.
 */
export function wrap(text: string, { width, dropBlanks }: WrapOptions): string[] {
  const pieces = splitPieces(expandTabs(text).replace(/[\n\v\f\r]/g, " ")).reverse();
  const lines: string[] = [];
  while (pieces.length > 0) {
    const line: string[] = [];
    let used = 0;
    if (dropBlanks && lines.length > 0 && isBlank(pieces.at(-1)!)) pieces.pop();
    while (pieces.length > 0 && used + lengthOf(pieces.at(-1)!) <= width) {
      const piece = pieces.pop()!;
      line.push(piece);
      used += lengthOf(piece);
    }
    if (pieces.length > 0 && lengthOf(pieces.at(-1)!) > width) {
      const [head, rest] = cutWord(pieces.pop()!, width < 1 ? 1 : width - used);
      line.push(head);
      if (rest !== "") pieces.push(rest);
    }
    if (dropBlanks && line.length > 0 && isBlank(line.at(-1)!)) line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}

/** Tab stops every eight columns, counted from the last line end. */
function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let column = 0;
  let out = "";
  for (const character of text) {
    if (character === "\t") {
      const blanks = 8 - (column % 8);
      out += " ".repeat(blanks);
      column += blanks;
    } else {
      out += character;
      column = character === "\n" || character === "\r" ? 0 : column + 1;
    }
  }
  return out;
}

/** Runs of blanks, and parts of words between which a line may break. */
function splitPieces(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const dashes = dashRunAt(text, at);
    if (at > start && isBreakBefore(text, at, dashes)) {
      pieces.push(text.slice(start, at));
      start = at;
    }
    if (dashes > 0) {
      pieces.push(text.slice(at, at + dashes));
      start = at + dashes;
      at = start - 1;
    } else if (at > start && isHyphenBreak(text, at)) {
      pieces.push(text.slice(start, at + 1));
      start = at + 1;
    }
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}

/** Length of a dash made of hyphens between two words, else 0. */
function dashRunAt(text: string, at: number): number {
  if (text[at] !== "-" || text[at + 1] !== "-" || at === 0) return 0;
  if (!/[\p{L}\p{N}_!"'&.,?]/u.test(text[at - 1]!)) return 0;
  let end = at;
  while (text[end] === "-") end++;
  return isWordCharacter(text[end]) ? end - at : 0;
}

function isBreakBefore(text: string, at: number, dashes: number): boolean {
  return dashes > 0 || (text[at] === " ") !== (text[at - 1] === " ");
}

/** Whether a line may break behind the hyphen at this place: letters on both sides, and not just one each. */
function isHyphenBreak(text: string, at: number): boolean {
  if (text[at] !== "-" || !isLetter(text[at - 1])) return false;
  if (!isLetter(text[at - 2]) && !(text[at - 2] === "-" && isLetter(text[at - 3]))) return false;
  if (!isLetter(text[at + 1])) return false;
  return isLetter(text[at + 2]) || (text[at + 2] === "-" && isLetter(text[at + 3]));
}

function isLetter(character: string | undefined): boolean {
  return isWordCharacter(character) && !/\p{Nd}/u.test(character!);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** Cuts a word that fits on no line, behind a hyphen where there is one within reach. */
function cutWord(word: string, room: number): [head: string, rest: string] {
  const characters = Array.from(word);
  let end = Math.max(room, 0);
  if (characters.length > end) {
    const hyphen = characters.lastIndexOf("-", end - 1);
    if (end > 0 && hyphen > 0 && characters.slice(0, hyphen).some((c) => c !== "-"))
      end = hyphen + 1;
  }
  return [characters.slice(0, end).join(""), characters.slice(end).join("")];
}

function isBlank(piece: string): boolean {
  return piece.trim() === "";
}

/** Characters as Python counts them. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  }
  return length;
}
