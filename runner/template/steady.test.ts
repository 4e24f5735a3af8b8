import { describe, expect, test } from "vitest";
import { createEnvironment } from "./environment.ts";

/** Stands for a plugin in Python. */
const plugin = { params: ["value"], invoke: (_run: unknown, value: unknown) => value };
const environment = createEnvironment({
  filters: { own_filter: plugin },
  tests: { own_test: plugin },
});

describe("a value is steady", () => {
  test.each([
    ["plain text"],
    ["10.0.{{ number // 256 }}.{{ number % 256 }}"],
    ["{{ name | default('x') | upper }}"],
    ["{{ list | map('upper') | join(',') }}"],
    ["{{ list | map(attribute='name') | list }}"],
    ["{{ list | selectattr('a', 'equalto', 1) | list }}"],
    ["{{ text.split(',')[0] if text is defined else [] }}"],
    ["{% for n in range(3) %}{{ n }}{% endfor %}"],
    [["a", new Map([["k", "{{ groups.web }}"]])]],
    [7],
    [null],
  ])("that names all it reads: %j", (value) => {
    expect(environment.isSteady(value as never)).toBe(true);
  });
});

describe("a value is rendered again for each reader", () => {
  test.each<[unknown, string]>([
    ["{{ 100 | random }}", "chance"],
    ["{{ list | map('random') | list }}", "chance by name"],
    ["{{ list | map(how) | list }}", "a name that is not known"],
    ["{{ now() }}", "a clock"],
    ["{{ '%Y' | strftime }}", "a clock"],
    ["{{ lookup('pipe', 'date') }}", "a lookup"],
    ["{{ query('env', 'HOME') }}", "a lookup"],
    ["{{ text is own_test }}", "a plugin"],
    ["{{ 'x' | password_hash }}", "a salt"],
    ["{{ 'x' | own_filter }}", "a plugin"],
    ["{{ list | select('own_test') | list }}", "a plugin"],
    ["{{ hostvars.other.x }}", "another host"],
    ["{{ vars.x }}", "a name that is not known"],
    [["a", new Map([["k", "{{ now() }}"]])], "one item that does"],
  ])("that asks %j: %s", (value) => {
    expect(environment.isSteady(value as never)).toBe(false);
  });
});
