import { describe, expect, it } from "vitest";
import { createEnvironment } from "./environment.ts";

const environment = createEnvironment();
const reads = (source: string) =>
  [...environment.compile(source).reads].sort((a, b) => (a < b ? -1 : 1));

describe("what a template reads", () => {
  it.each([
    ["plain", []],
    ["{{ a.b[c] | default(d) }}", ["a", "c", "d"]],
    ["{% for i in items %}{{ i }}{{ loop.index }}{{ other }}{% endfor %}", ["items", "other"]],
    ["{% set a = 1 %}{{ a }}", []],
    ["{% set ns = namespace() %}{% set ns.x = y %}{{ ns.x }}", ["namespace", "y"]],
    ["{% for i in l %}{% if i %}{% set a = 1 %}{% endif %}{% endfor %}", ["l"]],
    ["{{ a }}{% set a = 1 %}", ["a"]],
    ["{% if c %}{% set a = 1 %}{% endif %}{{ a }}", ["a", "c"]],
    ["{% macro m(p, q=z) %}{{ p }}{{ q }}{{ w }}{% endmacro %}{{ m(v) }}", ["v", "w", "z"]],
    ["{% with a = b %}{{ a }}{% endwith %}{{ a }}", ["a", "b"]],
    ["{{ lookup('file', name) }}", ["lookup", "name"]],
  ])("of %j are the free names", (source, expected) => {
    expect(reads(source)).toEqual(expected);
  });

  it("has no local names of loops, macros and with", () => {
    expect(reads("{% for i in items %}{{ i }}{% endfor %}")).toEqual(["items"]);
    expect(reads("{% with a = b %}{{ a }}{% endwith %}")).toEqual(["b"]);
  });

  it.each([
    ["{{ a }}", false],
    ["{{ lookup('file', 'x') }}", false],
    ["{{ lookup('vars', 'x') }}", true],
    ["{{ query('varnames', 'x') }}", true],
    ["{{ lookup(which, 'x') }}", true],
    ["{{ lookup('env', '{{ name }}') }}", true],
    ["{{ lookup('my.own.lookup', 'x') }}", true],
    ["{{ hostvars[h].x }}", true],
    ["{{ vars['x'] }}", true],
    ["{% include 'x' %}", true],
  ])("%j may read anything: %s", (source, expected) => {
    expect(environment.compile(source).readsAnything).toBe(expected);
  });

  it("is collected over a whole value", () => {
    const value = new Map([["k", ["{{ a }}", "b", new Map([["{{ c }}", 1]])]]]);
    expect(environment.readsOf(value as never)).toEqual({
      reads: new Set(["a", "c"]),
      anything: false,
    });
  });
});
