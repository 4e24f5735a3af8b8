import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../load/settings.ts";
import { type Dict, isDict, PyFloat, PyTuple, type Value } from "../model/value.ts";
import { hostNamed } from "../vars/host-named.ts";
import { loadInventory } from "./inventory.ts";
import { matchHosts } from "./pattern.ts";

const TESTDATA = join(import.meta.dirname, "testdata");
const EXPECTED = JSON.parse(readFileSync(join(TESTDATA, "expected.json"), "utf8")) as Record<
  string,
  Expected
>;
const settings = loadSettings({
  env: { ANSIBLE_CONFIG: "/nonexistent.cfg", HOME: "/nonexistent" },
  cwd: TESTDATA,
});

interface Expected {
  readonly groups: Record<
    string,
    {
      hosts: string[];
      children: string[];
      depth: number;
      priority: number;
      vars: unknown;
      beside: unknown;
    }
  >;
  readonly hosts: Record<string, { groups: string[]; vars: unknown; beside: unknown }>;
  readonly warnings: string[];
  readonly patterns: Record<string, { hosts: string[]; warnings: string[] }>;
}

async function load(name: string) {
  const warnings: string[] = [];
  const source = name.includes(",") ? name : join(TESTDATA, "inventories", name);
  const inventory = loadInventory({
    sources: [source],
    playbookDirs: [],
    settings,
    warn: (text) => warnings.push(text),
  });
  return { inventory, warnings };
}

describe.each(Object.keys(EXPECTED))("the inventory %s", async (name) => {
  const expected = EXPECTED[name] as Expected;
  const { inventory, warnings } = await load(name);

  it("has Ansible's groups, with members, children, depth, priority and variables", () => {
    const groups = Object.fromEntries(
      [...inventory.groups.values()].map((group) => [
        group.name,
        {
          hosts: group.hosts,
          children: [...group.children].sort(),
          depth: group.depth,
          priority: group.priority,
          vars: plain(group.vars.inline),
          beside: plain(group.vars.beside),
        },
      ]),
    );
    expect(groups).toEqual(expected.groups);
  });

  it("has Ansible's hosts in its order, with groups in merge order, and variables", () => {
    const hosts = [...inventory.hosts.values()].map((host) => [
      host.name,
      { groups: host.groups, vars: plain(host.vars.inline), beside: plain(host.vars.beside) },
    ]);
    // Of a source that could not be read Ansible leaves groups outside of `all`, whose variables count nevertheless.
    const known = Object.entries(expected.hosts).map(([host, rest]) => [
      host,
      { ...rest, groups: [...new Set(["all", ...rest.groups])] },
    ]);
    expect(hosts).toEqual(known);
  });

  it("warns as Ansible does", () => {
    // Where Ansible does not say the line, skein does.
    const withLine = (text: string) =>
      text.replace(": Adding group", ": HERE/inventories/loop.ini:4: Adding group");
    expect(warnings.map((text) => text.replaceAll(TESTDATA, "HERE"))).toEqual(
      expected.warnings.map(withLine),
    );
  });

  const patterns = Object.entries(expected.patterns);
  it.runIf(patterns.length > 0).each(patterns)(
    "matches %s to Ansible's hosts",
    (pattern, { hosts, warnings: said }) => {
      const warned: string[] = [];
      expect(
        matchHosts(inventory, pattern, undefined, { warn: (text) => warned.push(text) }),
      ).toEqual(hosts);
      expect(warned).toEqual(said);
    },
  );
});

/** JSON as generate.py writes it. */
function plain(value: Value): unknown {
  if (value instanceof PyTuple) return { $tuple: value.map(plain) };
  if (Array.isArray(value)) return value.map(plain);
  if (isDict(value))
    return Object.fromEntries(
      [...(value as Dict)].map(([key, item]) => [String(key), plain(item)]),
    );
  if (value instanceof PyFloat)
    return { $float: Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value) };
  if (typeof value === "number" && !Number.isInteger(value)) return { $float: String(value) };
  if (typeof value === "bigint") return { $int: String(value) };
  return value;
}

describe("an inventory", () => {
  it("makes up localhost only when asked for by name", async () => {
    const { inventory } = await load("plain.ini");
    expect(inventory.hosts.has("localhost")).toBe(false);
    expect(hostNamed(inventory, "localhost")).toMatchObject({
      implicit: true,
      groups: ["all"],
    });
    expect(hostNamed(inventory, "elsewhere")).toBeUndefined();
  });

  it("limits a pattern by another one", async () => {
    const { inventory } = await load("plain.ini");
    expect(matchHosts(inventory, "web", "www-a:db")).toEqual(["www-a"]);
    expect(() => matchHosts(inventory, "web", "@/nonexistent/limit")).toThrow(
      "Unable to find limit file",
    );
    expect(() => matchHosts(inventory, "web[99]")).toThrow(
      "No hosts matched the subscripted pattern 'web[99]'",
    );
  });

  it("reads many hosts in about linear time", async () => {
    const size = (count: number) => Array.from({ length: count }, (_, at) => `host${at}`).join(",");
    const time = async (source: string) => {
      const start = performance.now();
      loadInventory({ sources: [source], playbookDirs: [], settings, warn: () => {} });
      return performance.now() - start;
    };
    await time(size(1000));
    const few = await time(size(2_000));
    expect(await time(size(20_000))).toBeLessThan(100 * Math.max(1, few));
  });
});
