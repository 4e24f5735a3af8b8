import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expandPath, expandUser } from "./path.ts";

const root = readFileSync("/etc/passwd", "utf8").match(/^root:.*:(.*):/m)?.[1] ?? "";
const env = { HOME: "/home/me", DIR: "sub" };

test.each([
  ["~", "/home/me"],
  ["~/f", "/home/me/f"],
  ["~root", root],
  ["~root/.ssh/x", `${root}/.ssh/x`],
  ["~nobody-of-that-name/x", "~nobody-of-that-name/x"],
  ["a/~", "a/~"],
])("%s is %s", (path, expanded) => {
  expect(expandUser(path, env)).toBe(expanded);
});

test("a path begins at its base, and variables of the environment count", () => {
  expect(expandPath("$DIR/../$DIR/x/", "/base", env)).toBe("/base/sub/x");
  expect(expandPath("~/x", "/base", env)).toBe("/home/me/x");
});
