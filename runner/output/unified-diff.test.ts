import { expect, it } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

// The expected sides are what Python 3.11's difflib.unified_diff returns; each character is a line.
it.each<[before: string, after: string, context: number, diff: string[]]>([
  ["abc", "abc", 3, []],
  ["", "", 3, []],
  ["", "a", 3, ["@@ -0,0 +1 @@", "+a"]],
  ["a", "", 3, ["@@ -1 +0,0 @@", "-a"]],
  ["abcdefgh", "abcdXfgh", 1, ["@@ -4,3 +4,3 @@", " d", "-e", "+X", " f"]],
  ["abcdefgh", "Xbcdefgh", 0, ["@@ -1 +1 @@", "-a", "+X"]],
  [
    "abcdefghij",
    "XbcdefghiY",
    2,
    ["@@ -1,3 +1,3 @@", "-a", "+X", " b", " c", "@@ -8,3 +8,3 @@", " h", " i", "-j", "+Y"],
  ],
  ["abcde", "XbcdY", 2, ["@@ -1,5 +1,5 @@", "-a", "+X", " b", " c", " d", "-e", "+Y"]],
  ["abab", "baba", 3, ["@@ -1,4 +1,4 @@", "+b", " a", " b", " a", "-b"]],
])("%j to %j with %i lines of context", (before, after, context, diff) => {
  const lines = unifiedDiff(toLines(before), toLines(after), { before: "x", after: "y", context });
  const headers = diff.length === 0 ? [] : ["--- x", "+++ y"];
  expect(lines).toEqual([...headers, ...diff].map((line) => `${line}\n`));
});

it("lets no line that is everywhere start a common run, from 200 lines on", () => {
  const before = ["0\n", ...Array<string>(200).fill("x\n")];
  const after = ["1\n", ...Array<string>(200).fill("x\n")];
  const lines = unifiedDiff(before, after, { before: "x", after: "y", context: 0 });
  expect(lines).toHaveLength(3 + before.length + after.length);
});

function toLines(text: string): string[] {
  return Array.from(text, (character) => `${character}\n`);
}
