/**
 * A header line, filled up with stars to the width of the screen, at least three of them
 * (`Display.banner` of ansible/utils/display.py). No line end; an empty line comes first.
 */
export function banner(text: string, columns: number): string {
  const title = text.trim();
  return `\n${title} ${"*".repeat(Math.max(3, columns - textWidth(title)))}`;
}

/** How many columns a text takes on a terminal: two for wide characters, none for combining ones. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (ZERO_WIDTH.test(character)) continue;
    width += isWide(character.codePointAt(0)!) || EMOJI.test(character) ? 2 : 1;
  }
  return width;
}

/** East Asian wide and full-width characters, by block. */
function isWide(point: number): boolean {
  return point >= 0x1100 && WIDE.some(([from, to]) => point >= from && point <= to);
}

const ASCII = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const EMOJI = /\p{Emoji_Presentation}/u;
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];
