import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findProgram } from "./find-program.ts";

const place = mkdtempSync(join(tmpdir(), "programs-"));
afterAll(() => rmSync(place, { recursive: true }));

test("a program is the first file of its name that can be executed", () => {
  for (const folder of ["a", "b", "c"]) mkdirSync(join(place, folder));
  mkdirSync(join(place, "a", "tool"));
  writeFileSync(join(place, "b", "tool"), "");
  writeFileSync(join(place, "c", "tool"), "");
  chmodSync(join(place, "c", "tool"), 0o755);
  const path = ["a", "b", "c"].map((folder) => join(place, folder)).join(":");
  expect(findProgram("tool", path)).toBe(join(place, "c", "tool"));
});

test("a whole path is taken as it is", () => {
  expect(findProgram("/opt/tool", "")).toBe("/opt/tool");
});

test("one that is nowhere is an error in the words of the plugins", () => {
  expect(() => findProgram("no-such-tool", place)).toThrow(
    "no-such-tool command not found in PATH",
  );
});
