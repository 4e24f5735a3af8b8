import { expect, it } from "vitest";
import { banner, textWidth } from "./banner.ts";

it.each<[text: string, width: number]>([
  ["", 0],
  ["abc", 3],
  ["é", 1],
  ["e\u0301", 1],
  ["日本語", 6],
  ["한글", 4],
  ["✅", 2],
  ["→", 1],
  ["Ａ", 2],
])("%j takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it.each<[text: string, columns: number, line: string]>([
  ["PLAY [x]", 20, "\nPLAY [x] ************"],
  [" PLAY ", 10, "\nPLAY ******"],
  ["PLAY [too long]", 10, "\nPLAY [too long] ***"],
])("%j fills %i columns", (text, columns, line) => {
  expect(banner(text, columns)).toBe(line);
});
