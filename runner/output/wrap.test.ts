import { expect, it } from "vitest";
import { wrap } from "./wrap.ts";

// The expected sides are what Python 3.11's textwrap.wrap returns.
it.each<[text: string, width: number, lines: string[]]>([
  ["", 10, []],
  ["short", 10, ["short"]],
  ["  kept at the start", 10, ["  kept at", "the start"]],
  ["two  blanks   at breaks", 10, ["two", "blanks", "at breaks"]],
  ["a\tb", 20, ["a       b"]],
  ["line\nends are blanks", 12, ["line ends", "are blanks"]],
  ["a well-known word", 8, ["a well-", "known", "word"]],
  ["not e-mail, nor 1-2", 7, ["not", "e-mail,", "nor 1-2"]],
  ["dash--here", 6, ["dash--", "here"]],
  ["--flag stays", 5, ["--fla", "g", "stays"]],
  ["abcdefghijkl", 5, ["abcde", "fghij", "kl"]],
  ["/usr-lib/abc", 6, ["/usr-l", "ib/abc"]],
  ["1234-5678901", 7, ["1234-", "5678901"]],
  ["--12345678", 4, ["--12", "3456", "78"]],
  ["日本語日本語", 4, ["日本語日", "本語"]],
])("%j is broken at %i", (text, width, lines) => {
  expect(wrap(text, { width, dropBlanks: true })).toEqual(lines);
});

it("keeps blanks around breaks when asked to", () => {
  expect(wrap("ab  cd ef", { width: 5, dropBlanks: false })).toEqual(["ab  ", "cd ef"]);
});
