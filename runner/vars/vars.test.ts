import { describe, expect, test } from "vitest";
import type { Host, Inventory, SourcedVars } from "../model/host.ts";
import type { Role } from "../model/play.ts";
import { type Dict, UnsafeText, type Value } from "../model/value.ts";
import { play, task } from "../plan/testing.ts";
import { createEnvironment, MISSING } from "../template/environment.ts";
import { inventoryLayers, type Layer, layersFor } from "./precedence.ts";
import { createScope } from "./scope.ts";

const environment = createEnvironment();
const vars = (name: string): Dict =>
  new Map<Value, Value>([
    ["x", name],
    [`only ${name}`, name],
  ]);
const final = (values: Dict): Layer => ({ vars: values, final: true });
const sourced = (prefix: string): SourcedVars => ({
  inline: vars(`${prefix} inline`),
  beside: vars(`${prefix} beside`),
  playbook: new Map([
    ["/play", vars(`${prefix} playbook`)],
    ["/elsewhere", vars("of another play")],
  ]),
});
const role = (name: string, parents: readonly Role[] = []): Role => ({
  id: 1,
  name,
  path: `/${name}`,
  defaults: vars(`defaults of ${name}`),
  vars: vars(`vars of ${name}`),
  params: vars(`params of ${name}`),
  parents,
});

test("layers stand in Ansible's order of precedence, highest first", () => {
  const outer = role("outer");
  const own = role("own", [outer]);
  const group = (name: string) => ({
    name,
    hosts: [],
    children: [],
    parents: [],
    depth: 1,
    priority: 1,
    vars: sourced(name),
  });
  const host: Host = {
    name: "h",
    groups: ["all", "low", "high"],
    vars: sourced("host"),
    implicit: false,
  };
  const inventory: Inventory = {
    hosts: new Map([["h", host]]),
    groups: new Map(["all", "low", "high"].map((name) => [name, group(name)])),
    sources: new Map(),
  };
  const layers = layersFor({
    extra: { vars: vars("extra"), final: false },
    play: { ...play([]), vars: vars("play"), roles: [role("first"), role("last")] },
    varsFiles: [{ vars: vars("vars_files"), final: false }],
    host: {
      facts: final(vars("facts")),
      included: final(vars("include_vars")),
      set: final(vars("set_fact")),
    },
    inventory: inventoryLayers(host, inventory, "/play"),
    task: {
      ...task("t"),
      role: own,
      vars: [vars("block"), vars("task")],
      includeVars: [vars("include")],
    },
  });
  expect(layers.map((layer) => layer.vars.get("x"))).toEqual([
    "extra",
    "include",
    "params of own",
    "params of outer",
    "set_fact",
    "include_vars",
    "task",
    "block",
    "vars of own",
    "vars of outer",
    "vars of last",
    "vars of first",
    "vars_files",
    "play",
    "facts",
    "host playbook",
    "host beside",
    "host inline",
    "high playbook",
    "low playbook",
    "high beside",
    "low beside",
    "all playbook",
    "all beside",
    "high inline",
    "low inline",
    "all inline",
    "defaults of own",
    "defaults of outer",
    "defaults of last",
    "defaults of first",
  ]);
});

describe("createScope()", () => {
  const scopeOf = (layers: readonly Layer[], watch?: { name: string; hit: boolean }) =>
    createScope({
      environment,
      layers,
      magic: (name) => (name === "inventory_hostname" ? "h1" : MISSING),
      magicNames: ["inventory_hostname"],
      context: { searchPaths: [], cwd: "/" },
      ...(watch === undefined ? {} : { watch }),
    });
  const plain = (values: Record<string, Value>): Layer => ({
    vars: new Map(Object.entries(values)),
    final: false,
  });

  test("a variable is rendered when it is read, through the variables it reads", () => {
    const scope = scopeOf([
      plain({
        a: "{{ b }}-{{ inventory_hostname }}",
        b: "{{ c + 1 }}",
        c: 1,
        bad: "{{ nowhere }}",
      }),
    ]);
    expect(scope.get("a")).toBe("2-h1");
  });

  test("values from targets are never templates", () => {
    const scope = scopeOf([
      final(new Map<Value, Value>([["stdout", "{{ lookup('pipe', 'id') }}"]])),
      plain({ a: "{{ stdout }}" }),
    ]);
    expect(scope.get("stdout")).toBe("{{ lookup('pipe', 'id') }}");
    expect(scope.get("a")).toBe("{{ lookup('pipe', 'id') }}");
  });

  test("text of to_json stays text: through variables, in facts and as a loop item", () => {
    const scope = scopeOf([
      final(
        new Map<Value, Value>([
          ["fact", new UnsafeText('{"a": 1}')],
          ["stdout", '{"a": 1}'],
        ]),
      ),
      plain({
        made: "{{ [1] | to_json }}",
        box: ["{{ made }}"],
        written: "[1]",
        over: "{{ box }}",
      }),
    ]).with(new Map([["item", new UnsafeText("[2]")]]));
    const value = (source: string) => environment.compile(source).render(scope);
    expect(scope.get("fact")).toBe('{"a": 1}');
    expect(scope.get("item")).toBe("[2]");
    expect(value("{{ made }}")).toBe("[1]");
    expect(value("{{ box[0] }}")).toBe("[1]");
    expect(value("{{ fact }}")).toBe('{"a": 1}');
    expect(value("{{ item }}")).toBe("[2]");
    expect(value("{{ stdout }}")).toEqual(new Map([["a", 1]]));
    expect(value("{{ written }}")).toEqual([1]);
    expect(value("{{ over[0] }}")).toEqual([1]);
  });

  test("a variable that reads itself is an error that names it", () => {
    expect(() => scopeOf([plain({ a: "{{ b }}", b: "{{ a }}" })]).get("a")).toThrow(
      /recursive loop detected in template string.*'a' reads itself/s,
    );
  });

  test("magic variables outrank every layer, and loop variables outrank them", () => {
    const scope = scopeOf([plain({ inventory_hostname: "fake" })]);
    expect(scope.get("inventory_hostname")).toBe("h1");
    expect(scope.with(new Map([["inventory_hostname", "item"]])).get("inventory_hostname")).toBe(
      "item",
    );
  });

  test("a name that no layer has is MISSING, and none is null", () => {
    const scope = scopeOf([plain({ n: null })]);
    expect(scope.get("n")).toBeNull();
    expect(scope.get("m")).toBe(MISSING);
  });

  test("the watch tells a read through other variables", () => {
    const watch = { name: "result", hit: false };
    const scope = scopeOf(
      [plain({ a: "{{ b }}", b: "{{ result.rc }}", result: new Map([["rc", 0]]) })],
      watch,
    );
    expect(scope.get("unrelated")).toBe(MISSING);
    expect(watch.hit).toBe(false);
    scope.get("a");
    expect(watch.hit).toBe(true);
  });

  test("vars of all layers are listed once", () => {
    expect([...scopeOf([plain({ a: 1 }), plain({ a: 2, b: 3 })]).names()].sort()).toEqual([
      "a",
      "b",
      "inventory_hostname",
    ]);
  });
});
