import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { loadSettings } from "../load/settings.ts";
import { dictOf } from "../model/value.ts";
import { groupHosts } from "../vars/group-hosts.ts";
import { createLiveInventory, type LiveInventory } from "./inventory.ts";
import { matchHosts } from "./pattern.ts";

const dir = mkdtempSync(join(tmpdir(), "skein-live-"));
afterAll(() => rmSync(dir, { recursive: true }));

let live: LiveInventory;
beforeEach(() => {
  writeFileSync(join(dir, "hosts"), "[web]\na\nb\n");
  live = createLiveInventory({
    sources: [join(dir, "hosts")],
    playbookDirs: [],
    settings: loadSettings({ env: {}, cwd: dir, flags: {}, warn: () => {} }),
    warn: () => {},
  });
});

const addHost = (host: string, groups: string[] = [], vars = {}): boolean =>
  live.change({ kind: "add-host", host, groups, vars: dictOf(vars) });
const addGroup = (group: string, host: string, parents = ["all"]): boolean =>
  live.change({ kind: "add-group", group, host, parents });

test("an added host is in the inventory with its groups and variables, before the others", () => {
  expect(addHost("c", ["web", "new"], { x: 1 })).toBe(true);
  expect(matchHosts(live.current, "all")).toEqual(["c", "a", "b"]);
  expect(matchHosts(live.current, "web")).toEqual(["a", "b", "c"]);
  expect(live.current.hosts.get("c")?.groups).toEqual(["all", "new", "web"]);
  expect(live.current.hosts.get("c")?.vars.inline).toEqual(dictOf({ x: 1 }));
});

test("adding what is there already changes nothing", () => {
  addHost("c", ["new"], { x: [1] });
  const { version } = live;
  expect(addHost("c", ["new"], { x: [1] })).toBe(false);
  expect(live.version).toBe(version);
});

test.for([
  ["a variable", [], { x: 2 }],
  ["a group", ["more"], {}],
] as const)("%s that is new to a host is a change", ([, groups, vars]) => {
  addHost("c", [], { x: 1 });
  expect(addHost("c", [...groups], vars)).toBe(true);
});

test("a host without a group is ungrouped until it joins one", () => {
  addHost("c");
  expect(groupHosts(live.current, "ungrouped")).toEqual(["c"]);
  addGroup("g", "c");
  expect(groupHosts(live.current, "ungrouped")).toEqual([]);
});

test("group_by makes the group below its parents, and says only once that it did", () => {
  expect(addGroup("os", "a", ["site"])).toBe(true);
  expect(addGroup("os", "a", ["site"])).toBe(false);
  expect(addGroup("os", "b", ["site"])).toBe(true);
  expect(groupHosts(live.current, "site")).toEqual(["a", "b"]);
  expect(live.current.hosts.get("a")?.groups).toEqual(["all", "site", "web", "os"]);
});

test("a group cannot contain itself", () => {
  addGroup("outer", "a");
  addGroup("inner", "a", ["outer"]);
  expect(() => addGroup("outer", "a", ["inner"])).toThrow("recursive dependency loop");
});

test("reading the sources again keeps what was added", () => {
  addHost("c", ["web"]);
  writeFileSync(join(dir, "hosts"), "[web]\nb\nd\n");
  live.refresh();
  expect(matchHosts(live.current, "web")).toEqual(["b", "d", "c"]);
});

test("a host that is gone from the sources is not brought back by the group it was put into", () => {
  addGroup("os", "a");
  addGroup("os", "b");
  writeFileSync(join(dir, "hosts"), "[web]\nb\n");
  live.refresh();
  expect(live.current.hosts.has("a")).toBe(false);
  expect(groupHosts(live.current, "os")).toEqual(["b"]);
});
