import { chars } from "./py-sequence.ts";

/** Letters that are two, and have a form of their own at the beginning of a word. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map(
  ["ǅ", "ǈ", "ǋ", "ǲ"].flatMap((title) => {
    const upper = title.toUpperCase();
    return [
      [upper, title],
      [upper.toLowerCase(), title],
      [title, title],
    ] as const;
  }),
);

/** Python's `str.capitalize`: the first letter in title case, the rest small. */
export function capitalize(value: string): string {
  const [first = ""] = chars(value);
  // All of it at once: how a sigma is written small depends on what stands before it.
  return titleLetter(first) + value.toLowerCase().slice(first.toLowerCase().length);
}

function titleLetter(letter: string): string {
  const digraph = DIGRAPHS.get(letter);
  if (digraph !== undefined) return digraph;
  // One letter may be several in capitals (ß, ﬁ): only the first of them is one.
  const [first = "", ...rest] = chars(letter.toUpperCase());
  return first + rest.join("").toLowerCase();
}

/** Python's `str.title`: every run of letters capitalized. */
export function title(value: string): string {
  return value.replace(/\p{L}+/gu, capitalize);
}

/** Python's `str.swapcase`; what is neither capital nor small stays. */
export function swapCase(value: string): string {
  const small = value.toLowerCase();
  return value.replace(/\p{Uppercase}|\p{Lowercase}/gu, (letter, offset: number) => {
    if (!/\p{Uppercase}/u.test(letter)) return letter.toUpperCase();
    return letter === "Σ" && small.length === value.length
      ? small.charAt(offset)
      : letter.toLowerCase();
  });
}

/** Python's `str.casefold`: through capitals and back, so that ß is ss; the dotless i alone has no way back. */
export function caseFold(value: string): string {
  return chars(value)
    .map((char) => (char === "ı" ? char : char.toUpperCase().toLowerCase()))
    .join("");
}
