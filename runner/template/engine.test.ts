import { describe, expect, it } from "vitest";
import { dictOf, PyFloat, UnsafeText, type Value } from "../model/value.ts";
import { define } from "./define.ts";
import { createEnvironment, MISSING, type Scope, TemplateError } from "./environment.ts";
import { isKept } from "./kept-text.ts";

const scopeOf = (variables: Readonly<Record<string, unknown>>): Scope => ({
  get: (name) => (Object.hasOwn(variables, name) ? variables[name] : MISSING),
  context: { searchPaths: [], cwd: "/" },
});

function failure(run: () => unknown): TemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("an environment", () => {
  const environment = createEnvironment();

  it("compiles a source once", () => {
    expect(environment.compile("{{ once }}")).toBe(environment.compile("{{ once }}"));
    expect(environment.condition("once")).toBe(environment.condition("once"));
  });

  it("gives the same value back when nothing in it is a template", () => {
    const value: Value = new Map<Value, Value>([
      ["a", [1, "b", new Map<Value, Value>([["c", null]])]],
    ]);
    expect(environment.renderValue(value, scopeOf({}))).toBe(value);
  });

  it("renders keys unless told not to", () => {
    const value: Value = new Map<Value, Value>([["{{ k }}", "{{ v }}"]]);
    const scope = scopeOf({ k: "key", v: "value" });
    expect(environment.renderValue(value, scope)).toEqual(new Map([["key", "value"]]));
    expect(environment.renderValue(value, scope, undefined, { keys: false })).toEqual(
      new Map([["{{ k }}", "value"]]),
    );
  });

  it("never templates unsafe text", () => {
    expect(environment.renderValue(new UnsafeText("{{ x }}"), scopeOf({}))).toBe("{{ x }}");
    expect(environment.compile("{{ u }}").render(scopeOf({ u: new UnsafeText("{{ x }}") }))).toBe(
      "{{ x }}",
    );
  });

  it("keeps variables as they are when a template changes its copy", () => {
    const list = [1];
    expect(
      environment.compile("{% set _ = l.append(2) %}{{ l }}").render(scopeOf({ l: list })),
    ).toEqual([1, 2]);
    expect(environment.condition("l.append(2) is none").test(scopeOf({ l: list }))).toBe(true);
    expect(list).toEqual([1]);
  });

  it("keeps variables as they are when a template file, or one that it includes, changes its copy", () => {
    const list = [1];
    const scope = scopeOf({ l: list });
    const place = { file: "t.j2", line: 1, column: 1 };
    const changing = "{% set _ = l.append(2) %}{{ l }}";
    const loader = (name: string) => ({ file: name, source: changing });
    const render = (source: string) =>
      environment.file(source, place, { loader }).renderText(scope);
    expect(render(changing)).toBe("[1, 2]");
    expect(render("{{ l }}{% include 'x.j2' %}{{ l }}{% include 'x.j2' %}")).toBe(
      "[1][1, 2][1][1, 2]",
    );
    expect(render("{% extends 'x.j2' %}")).toBe("[1, 2]");
    const hosts = new (class extends Map<Value, Value> {})([["a", dictOf({ l: list })]]);
    const reach = "{% set _ = hosts.a.l.append(3) %}{{ hosts.a.l | length }}";
    expect(environment.file(reach, place).renderText(scopeOf({ hosts }))).toBe("1");
    expect(list).toEqual([1]);
  });

  it("reads a variable lazily, and only where it is used", () => {
    const scope: Scope = {
      get(name) {
        if (name === "bomb") throw new Error("read");
        return name === "no" ? false : MISSING;
      },
      context: { searchPaths: [], cwd: "/" },
    };
    expect(environment.compile("{{ bomb if no else 'safe' }}").render(scope)).toBe("safe");
  });

  it("places syntax errors in the user's file", () => {
    const error = failure(() =>
      environment.compile("first\n  {{ a b }}", { file: "play.yml", line: 10, column: 5 }),
    );
    expect(error.kind).toBe("syntax");
    expect(error.origin).toEqual({ file: "play.yml", line: 11, column: 8 });
  });

  it("places errors of a running file template at their line", () => {
    const template = environment.file("one\n{% for i in [1] %}\n{{ nowhere }}\n{% endfor %}\n", {
      file: "t.j2",
      line: 1,
      column: 1,
    });
    const error = failure(() => template.renderText(scopeOf({})));
    expect(error.kind).toBe("undefined");
    expect(error.origin).toMatchObject({ file: "t.j2", line: 3 });
  });

  it("places errors inside macros, blocks and branches", () => {
    const source =
      "{% macro m() %}\n\n{{ nowhere }}{% endmacro %}\n{% if true %}\nx\n{{ m() }}\n{% endif %}";
    const error = failure(() =>
      environment.file(source, { file: "t.j2", line: 1, column: 1 }).renderText(scopeOf({})),
    );
    expect(error.origin).toMatchObject({ line: 3 });
  });

  it.each([
    ["{{ 'x' * 10 ** 9 }}"],
    ["{{ [1] * 10 ** 9 }}"],
    ["{{ range(10 ** 10) | list }}"],
    ["{{ 9 ** (9 ** 9) }}"],
  ])("refuses what would take all memory: %s", (source) => {
    expect(failure(() => environment.compile(source).render(scopeOf({}))).kind).toBe("limit");
  });

  it.each([
    ["(", ")"],
    ["[", "]"],
    ["not ", ""],
    ["-", ""],
  ])("refuses expressions nested without end: %s", (open, close) => {
    const source = `{{ ${open.repeat(5000)}1${close.repeat(5000)} }}`;
    expect(failure(() => environment.compile(source)).message).toContain("nested too deeply");
  });

  it("turns endless recursion of a macro into an error", () => {
    const error = failure(() =>
      environment.compile("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").render(scopeOf({})),
    );
    expect(error.kind).toBe("recursion");
  });

  it("says where a template that cannot be loaded should go", () => {
    expect(
      failure(() => environment.compile("{% include 'x' %}").render(scopeOf({}))).message,
    ).toContain("template file");
  });

  it("gives the list of a lookup to loops", () => {
    const found = environment.runLookup("nested", [[1, 2], ["a"]], new Map(), scopeOf({}));
    expect(found).toEqual([
      [1, "a"],
      [2, "a"],
    ]);
    expect(failure(() => environment.runLookup("nope", [], new Map(), scopeOf({}))).message).toBe(
      "lookup plugin (nope) not found",
    );
  });

  it("asks for plugins, and says which it has itself", () => {
    const asked: string[] = [];
    const own = createEnvironment({
      filters: {
        shout: define(
          "value mark?",
          (_run, value, mark = "!") => `${String(value)}${String(mark)}`,
        ),
      },
      resolve: {
        filter(name, isBuiltIn) {
          asked.push(`${name} ${isBuiltIn}`);
          return name === "my.own.twice"
            ? define("value", (_run, value) => `${String(value)}${String(value)}`)
            : undefined;
        },
      },
    });
    expect(
      own.compile("{{ 'a' | shout | shout(mark='?') | my.own.twice }}").render(scopeOf({})),
    ).toBe("a!?a!?");
    expect(asked).toEqual(["shout true", "shout true", "my.own.twice false"]);
  });

  it("uses the given clock and chance", () => {
    const fixed = createEnvironment({
      now: () => new Date("2024-05-06T07:08:09Z"),
      random: () => 0.5,
    });
    expect(fixed.compile("{{ now(utc=true) }}").render(scopeOf({}))).toBe("2024-05-06 07:08:09");
    expect(fixed.compile("{{ [1, 2, 3, 4] | random }}").render(scopeOf({}))).toBe("3");
  });

  it("keeps JSON text text when its scope says that a filter made it", () => {
    const scope: Scope = { ...scopeOf({ j: '{"a": 1}' }), keeps: (name) => name === "j" };
    expect(environment.compile("{{ j }}").render(scope)).toBe('{"a": 1}');
    expect(environment.compile("{{ j }}").render(scopeOf({ j: '{"a": 1}' }))).toEqual(
      new Map([["a", 1]]),
    );
  });

  it("boxes text that stays text only when asked, and only if it reads as a literal", () => {
    const render = (source: string, boxed: boolean) =>
      environment.renderValue(source, scopeOf({}), undefined, { boxed });
    expect(render("{{ [1] | to_json }}", true)).toEqual(new UnsafeText("[1]"));
    expect(render("{{ [1] | to_json }}", false)).toBe("[1]");
    expect(render("{{ 'word' | string }}", true)).toBe("word");
    expect(render("{{ [1] | to_json | trim }}", true)).toEqual([1]);
  });

  it("boxes facts of set_fact that stay text, and leaves words for booleans alone", () => {
    const facts = dictOf({
      j: "{{ [1] | to_json }}",
      plain: "[1]",
      yes: "{{ true | string }}",
      inside: ["{{ [1] | to_json }}"],
    });
    expect(environment.renderValue(facts, scopeOf({}), undefined, { keys: true })).toEqual(
      new Map<string, unknown>([
        ["j", new UnsafeText("[1]")],
        ["plain", "[1]"],
        ["yes", "True"],
        ["inside", ["[1]"]],
      ]),
    );
  });

  it("does not evaluate again what gives another value each time", () => {
    let count = 0;
    const own = createEnvironment({
      lookups: { next: define("terms", () => [`[${++count}]`]) },
    });
    const scope: Scope = { ...scopeOf({ j: "[7]" }), keeps: () => true };
    expect(own.compile("{{ j if lookup('next') else 'x' }}").render(scope)).toBe("[7]");
    expect(count).toBe(1);
  });

  it.each([
    ["items", ["{{ d | to_json }}", "[3]"], "{{ item }}", ['{"a": 1}', [3]]],
    ["items", [["{{ d | to_json }}"]], "{{ item }}", ['{"a": 1}']],
    ["items", "{{ l }}", "{{ item }}", [new Map([["a", 1]])]],
    ["dict", [dictOf({ k: "{{ d | to_json }}" })], "{{ item.value }}", ['{"a": 1}']],
    ["together", [["{{ d | to_json }}"], [1]], "{{ item.0 }}", ['{"a": 1}']],
    ["nested", [["{{ d | to_json }}"], ["[1]"]], "{{ item[1] }}", [[1]]],
    ["indexed_items", ["{{ d | to_json }}"], "{{ item.1 }}", ['{"a": 1}']],
  ] satisfies [string, Value, string, unknown[]][])(
    "carries text that stays text through with_%s %j to %s",
    (lookup, terms, source, expected) => {
      const d = new Map([["a", 1]]);
      const l = environment.renderValue(["{{ d | to_json }}"], scopeOf({ d }));
      const rendered = environment.renderValue(terms, scopeOf({ d, l })) as Value[];
      const items = environment.runLookup(lookup, rendered, new Map(), scopeOf({}));
      const seen = items.map((item, index) =>
        environment
          .compile(source)
          .render({ ...scopeOf({ item }), keeps: () => isKept(items, index) }),
      );
      expect(seen).toEqual(expected);
    },
  );

  it("says what ansible_managed is in the words of its setting", () => {
    const { templateVars } = createEnvironment({ managed: "{file}, of {uid} at %Y {{ x }}" });
    const managed = templateVars("t.j2", "/etc/passwd", null).get("ansible_managed");
    expect(managed).toMatch(/^t\.j2, of root at \d{4} \{ x \}$/);
    const wrong = createEnvironment({ managed: "{nobody}" });
    expect(failure(() => wrong.templateVars("t.j2", "/etc/passwd", null)).message).toContain(
      "ansible_managed",
    );
  });

  it("keeps floats and big integers", () => {
    expect(environment.compile("{{ f }}").render(scopeOf({ f: new PyFloat(1) }))).toEqual(
      new PyFloat(1),
    );
    expect(environment.compile("{{ [b] }}").render(scopeOf({ b: 2n ** 70n }))).toEqual([2n ** 70n]);
  });
});
