import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadExtraVars } from "./extra-vars.ts";
import { plainValue } from "./testdata/plain-value.ts";
import { loadVarsFile } from "./vars-file.ts";

const directory = mkdtempSync(join(tmpdir(), "vars-"));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, "v.yml"), "a: 1\nb: [x]\n");
writeFileSync(join(directory, "v.json"), '{"f": 1.0}');
writeFileSync(join(directory, "list.yml"), "- a\n");
writeFileSync(join(directory, "empty.yml"), "# nothing\n");
writeFileSync(join(directory, "secret.yml"), "$ANSIBLE_VAULT;1.1;AES256\n3030\n");

describe("--extra-vars", () => {
  it.each<[string[], unknown[]]>([
    [
      ["a=1 b='x y'"],
      [
        ["a", "1"],
        ["b", "x y"],
      ],
    ],
    [
      ['{"a": 1, "b": [true]}'],
      [
        ["a", 1],
        ["b", [true]],
      ],
    ],
    [["{a: yes}"], [["a", true]]],
    [
      ["@v.yml"],
      [
        ["a", 1],
        ["b", ["x"]],
      ],
    ],
    [
      ["a=1", "@v.yml", "b=2"],
      [
        ["a", 1],
        ["b", "2"],
      ],
    ],
    [[""], []],
  ])("%j are variables", (options, vars) => {
    expect(plainValue(loadExtraVars(options, { cwd: directory, merge: false }))).toEqual({
      $dict: vars,
    });
  });

  it.each([
    ["/x.yml", "Please prepend extra_vars filename '/x.yml' with '@'"],
    ["[1]", "Invalid extra vars data supplied. '[1]' could not be made into a dictionary"],
    ["@list.yml", "could not be made into a dictionary"],
    ["@nope.yml", "Could not find or access"],
    ["a='open", "failed at splitting arguments"],
  ])("%j is refused: %s", (option, message) => {
    expect(() => loadExtraVars([option], { cwd: directory, merge: false })).toThrow(message);
  });
});

describe("a file of variables", () => {
  it("is a mapping, or empty", () => {
    expect(plainValue(loadVarsFile(join(directory, "v.json")))).toEqual({
      $dict: [["f", { $float: "1.0" }]],
    });
    expect(loadVarsFile(join(directory, "empty.yml")).size).toBe(0);
    expect(() => loadVarsFile(join(directory, "list.yml"))).toThrow(
      "must be stored as a dictionary/hash",
    );
    expect(() => loadVarsFile(join(directory, "secret.yml"))).toThrow(
      "ERROR! Attempting to decrypt but no vault secrets found",
    );
  });
});
