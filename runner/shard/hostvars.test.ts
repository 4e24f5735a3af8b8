import { describe, expect, test } from "vitest";
import type { Inventory } from "../model/host.ts";
import type { Dict, Value } from "../model/value.ts";
import { createEnvironment, MISSING, trackUnsafe } from "../template/environment.ts";
import type { LazyDict } from "../vars/lazy-dict.ts";
import { createScope, type SharedScope } from "../vars/scope.ts";
import { createHostState, type HostState, setVars } from "./host-state.ts";
import { hostvars, sharedVars } from "./hostvars.ts";
import type { TaskEnv } from "./task-env.ts";

/** What a filter was called with. */
let calls: unknown[] = [];
const counted = {
  params: ["value"],
  invoke: (_run: unknown, value: unknown) => {
    calls.push(value);
    return value;
  },
};
// `upper` counts as steady, a filter of one's own does not.
const environment = createEnvironment({ filters: { upper: counted, own: counted } });

function createHosts(vars: Record<string, Value>) {
  calls = [];
  const names = ["a", "b"];
  const states = new Map(names.map((name) => [name, createHostState(name)]));
  const state = (name: string): HostState => states.get(name)!;
  const inventory = {
    hosts: new Map(names.map((name) => [name, { name, groups: [], implicit: false }])),
    groups: new Map(),
    sources: new Map(),
  } as unknown as Inventory;
  const env = { inventory, peek: state, play: { play: {}, allHosts: names } } as unknown as TaskEnv;
  const scopeOf = (name: string): SharedScope =>
    createScope({
      environment,
      layers: [
        state(name).layers.set,
        { vars: new Map(Object.entries(vars)) as Dict, final: false },
      ],
      magic: () => MISSING,
      magicNames: [],
      context: { searchPaths: [], cwd: "/" },
      isShared: true,
    });
  return {
    state,
    /** `hostvars` as one task on one host sees it. */
    reader: () => hostvars(env, sharedVars(env, scopeOf)) as LazyDict,
  };
}

const read = (dict: LazyDict, host: string, name: string): unknown =>
  (dict.get(host) as Dict).get(name);

describe("hostvars of many readers", () => {
  test("render what stays the same once", () => {
    const hosts = createHosts({ x: "{{ 'v' | upper }}" });
    for (let i = 0; i < 3; i++) expect(read(hosts.reader(), "a", "x")).toBe("v");
    expect(calls).toHaveLength(1);
  });

  test.each([
    ["itself", { x: "{{ 'v' | own }}" }],
    ["through a variable", { x: "{{ y }}", y: "{{ 'v' | own }}" }],
    ["inside a list", { x: ["{{ 'v' | own }}"] }],
  ])("render what may be different %s for each of them", (_how, vars) => {
    const hosts = createHosts(vars);
    const first = hosts.reader();
    read(first, "a", "x");
    read(first, "a", "x");
    expect(calls).toHaveLength(1);
    read(hosts.reader(), "a", "x");
    expect(calls).toHaveLength(2);
  });

  test("see what a host has learned since", () => {
    const hosts = createHosts({ x: "{{ y }}", y: "old" });
    expect(read(hosts.reader(), "a", "x")).toBe("old");
    setVars(hosts.state("a"), [["y", "new"]]);
    expect(read(hosts.reader(), "a", "x")).toBe("new");
    expect(read(hosts.reader(), "b", "x")).toBe("old");
  });

  test("know each time that a value came from outside", () => {
    const hosts = createHosts({ x: "{{ y }}" });
    setVars(hosts.state("a"), [["y", "text"]]);
    for (let i = 0; i < 2; i++)
      expect(trackUnsafe(() => read(hosts.reader(), "a", "x"))).toEqual({
        value: "text",
        unsafe: true,
      });
  });

  test("show an undefined variable as it is written", () => {
    const hosts = createHosts({ x: "{{ nowhere }}" });
    expect(read(hosts.reader(), "a", "x")).toBe("{{ nowhere }}");
  });

  test("do not change each other's lists", () => {
    const hosts = createHosts({ x: "{{ ['v' | upper] }}" });
    const scope = { get: () => hosts.reader(), context: { searchPaths: [], cwd: "/" } };
    const grown = environment.compile(
      "{% set _ = hostvars.a.x.append(1) %}{{ hostvars.a.x | length }}",
    );
    expect(grown.render(scope)).toBe("1");
    expect(read(hosts.reader(), "a", "x")).toEqual(["v"]);
  });

  test("name each host, and the names of its variables, without rendering them", () => {
    const hosts = createHosts({ x: "{{ 'v' | upper }}" });
    const dict = hosts.reader();
    expect([...dict.keys()]).toEqual(["a", "b", "localhost"]);
    expect(dict.has("a")).toBe(true);
    expect(dict.has("c")).toBe(false);
    const vars = dict.get("a") as LazyDict;
    expect([...vars.keys()]).toEqual(["x"]);
    expect([vars.has("x"), vars.has("y"), vars.size]).toEqual([true, false, 1]);
    expect(calls).toHaveLength(0);
  });
});
