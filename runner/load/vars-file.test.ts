import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadVarsFile } from "./vars-file.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-vars-file-"));
const fileOf = (text: string): string => {
  const path = join(folder, "vars.yml");
  writeFileSync(path, text);
  return path;
};

test("a list of mappings will do where lists are taken, later ones over earlier ones", () => {
  const file = fileOf("- {x: 1, y: 2}\n- y: 3\n");
  expect(loadVarsFile(file, { lists: true })).toEqual(
    new Map([
      ["x", 1],
      ["y", 3],
    ]),
  );
  expect(() => loadVarsFile(file)).toThrow("must be stored as a dictionary/hash");
});

test.each(["- {x: 1}\n- 5\n", "5\n", "text\n"])("%j is no variables", (text) => {
  expect(() => loadVarsFile(fileOf(text), { lists: true })).toThrow(
    "must be stored as a dictionary/hash",
  );
});
