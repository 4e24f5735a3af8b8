import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Dict, Value } from "../model/value.ts";
import type { VaultText } from "../model/vault-text.ts";
import { originOf, originOfKey, originOfValue } from "./origins.ts";
import { LoadError } from "./source.ts";
import { plainValue } from "./testdata/plain-value.ts";
import { parseYaml } from "./yaml.ts";

interface Row {
  readonly text: string;
  readonly value?: unknown;
  readonly problem?: string;
  readonly line?: number;
  readonly column?: number;
}
const ROWS = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata/expected-yaml.json"), "utf8"),
) as Row[];

describe("YAML that PyYAML reads", () => {
  const good = ROWS.filter((row) => row.problem === undefined);
  it.each(good.map((row) => [JSON.stringify(row.text), row] as const))(
    "has its value: %s",
    (_title, row) => {
      expect(plainValue(parseYaml(row.text, "f"))).toEqual(row.value);
    },
  );
});

describe("YAML that PyYAML refuses", () => {
  const bad = ROWS.filter((row) => row.problem !== undefined);
  it.each(bad.map((row) => [JSON.stringify(row.text), row] as const))(
    "fails with its words at its place: %s",
    (_title, row) => {
      let error: unknown;
      try {
        parseYaml(row.text, "f");
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(LoadError);
      const { detail, origin } = error as LoadError;
      const problem = detail.split("Syntax Error while loading YAML.\n  ")[1];
      expect([problem, ...(row.line === undefined ? [] : [origin?.line, origin?.column])]).toEqual([
        row.problem,
        ...(row.line === undefined ? [] : [row.line, row.column]),
      ]);
    },
  );
});

describe("a parsed document", () => {
  const text = "- name: x\n  vars:\n    a: [1, {b: 2}]\n- {c: d}\n";
  const items = parseYaml(text, "/play.yml") as Value[];

  it("knows where mappings, keys and values stand", () => {
    const first = items[0] as Dict;
    const list = (first.get("vars") as Dict).get("a") as Value[];
    expect(originOf(first)).toEqual({ file: "/play.yml", line: 1, column: 3 });
    expect(originOfKey(first, "vars")).toEqual({ file: "/play.yml", line: 2, column: 3 });
    expect(originOfValue(first, "name")).toEqual({ file: "/play.yml", line: 1, column: 9 });
    expect(originOfValue(list, 1)).toEqual({ file: "/play.yml", line: 3, column: 12 });
    expect(originOf(items[1])).toEqual({ file: "/play.yml", line: 4, column: 3 });
  });

  it.each([
    ["a: {{ b }}: c", "has to be quoted as a whole"],
    ["a: 'b' c", "quote all of it"],
    ["a: b: c", "has to be quoted"],
    ["a:\n\tb: c", "indented with spaces"],
  ])("advises on %j", (broken, advice) => {
    expect(() => parseYaml(broken, "f")).toThrow(advice);
  });

  it("shares what an alias names", () => {
    const value = parseYaml("a: &x {q: 1}\nb: *x\n", "f") as Dict;
    expect(value.get("b")).toBe(value.get("a"));
  });

  it("warns about keys that stand twice", () => {
    const warnings: string[] = [];
    parseYaml("x:\n  a: 1\n  a: 2\n", "f", { warn: (warning) => warnings.push(warning) });
    expect(warnings).toEqual([
      "While constructing a mapping from f, line 2, column 3, found a duplicate dict key (a). Using last defined value only.",
    ]);
  });

  it("leaves vault values encrypted", () => {
    const value = parseYaml("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3030\n", "f") as Dict;
    const secret = value.get("a") as VaultText;
    expect(secret.ciphertext).toBe("$ANSIBLE_VAULT;1.1;AES256\n3030\n");
    expect(() => secret.text).toThrow("no vault secrets found");
  });

  it("keeps everything below !unsafe from being a template", () => {
    expect(plainValue(parseYaml("a: !unsafe\n  b: ['{{ c }}', 1]", "f"))).toEqual({
      $dict: [["a", { $dict: [["b", [{ $unsafe: "{{ c }}" }, 1]]] }]],
    });
  });

  it("reads JSON by JSON's rules", () => {
    expect(
      plainValue(parseYaml('{"a": 1e3, "b": 1.0, "c": "\\ud83d\\ude00",\t"d": null}', "f")),
    ).toEqual({
      $dict: [
        ["a", { $float: "1000.0" }],
        ["b", { $float: "1.0" }],
        ["c", "\u{1f600}"],
        ["d", null],
      ],
    });
  });
});
