import { describe, expect, it } from "vitest";
import { ANSIBLE_SYNTAX, escapeBackslashes, tokenize } from "./lexer.ts";

const kinds = (source: string, syntax = ANSIBLE_SYNTAX) =>
  tokenize(source, syntax).map(({ kind, value }) => (value === "" ? kind : `${kind}:${value}`));

describe("the lexer", () => {
  it.each([
    ["text only", ["data:text only", "eof"]],
    ["a{{ b }}c", ["data:a", "variable_begin", "name:b", "variable_end", "data:c", "eof"]],
    ["a {{- b -}} c", ["data:a", "variable_begin", "name:b", "variable_end", "data:c", "eof"]],
    ["{% if x %}\ny", ["block_begin", "name:if", "name:x", "block_end", "data:y", "eof"]],
    ["{# gone #}x", ["data:x", "eof"]],
    ["{% raw %}{{ x }}{% endraw %}", ["data:{{ x }}", "eof"]],
    [
      "{{ 1_000 1.5e3 0x1f }}",
      ["variable_begin", "integer:1000", "float:1.5e3", "integer:0x1f", "variable_end", "eof"],
    ],
    [
      "{{ {'a': {}} }}",
      [
        "variable_begin",
        "operator:{",
        "string:a",
        "operator::",
        "operator:{",
        "operator:}",
        "operator:}",
        "variable_end",
        "eof",
      ],
    ],
    [
      "{{ a//b**c }}",
      [
        "variable_begin",
        "name:a",
        "operator://",
        "name:b",
        "operator:**",
        "name:c",
        "variable_end",
        "eof",
      ],
    ],
    ["a\r\nb\n", ["data:a\nb", "eof"]],
  ])("cuts %j", (source, expected) => {
    expect(kinds(source)).toEqual(expected);
  });

  it("counts lines and offsets", () => {
    const name = tokenize("a\nb\n  {{ c }}").find((token) => token.kind === "name");
    expect(name).toMatchObject({ value: "c", line: 3, offset: 9 });
  });

  it("strips blanks before a block only when lstrip_blocks is on", () => {
    const source = "x\n  {% if y %}";
    expect(kinds(source)[0]).toBe("data:x\n  ");
    expect(kinds(source, { ...ANSIBLE_SYNTAX, lstripBlocks: true })[0]).toBe("data:x\n");
  });

  it("ends with the first mistake instead of throwing", () => {
    const last = tokenize("{{ a ) }}").at(-1);
    expect(last?.error?.message).toBe("unexpected ')'");
    expect(last?.error?.origin).toMatchObject({ line: 1, column: 6 });
  });

  it("doubles backslashes in the strings of variables only", () => {
    expect(escapeBackslashes("{{ 'a\\1' }}{% set x = 'b\\n' %}\\")).toBe(
      "{{ 'a\\\\1' }}{% set x = 'b\\n' %}\\",
    );
  });
});
