import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Task } from "../model/play.ts";
import { flatten } from "./flatten.ts";
import { findInstallation } from "./installation.ts";
import { loadPlaybook } from "./playbook.ts";
import { loadSettings } from "./settings.ts";

const root = mkdtempSync(join(tmpdir(), "defaults-"));
afterAll(() => rmSync(root, { recursive: true }));
const put = (path: string, text: string): string => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

const COLLECTION = "collections/ansible_collections/ns/coll";
for (const name of ["one", "two", "three"]) put(`${COLLECTION}/plugins/modules/${name}.py`, "");
put(
  `${COLLECTION}/meta/runtime.yml`,
  `
action_groups:
  pair:
    - one
    - ns.coll.two
    - nowhere
  wide:
    - metadata:
        extend_group: [pair, ns.coll.missing, no.such.group]
    - three
    - ansible.builtin.setup
  circle:
    - metadata: {extend_group: turn}
    - one
  turn:
    - two
    - metadata: {extend_group: [circle]}
  ns.coll.long: [moved]
  worst:
    - metadata: {extend_group: 3, other: x}
    - metadata: text
    - {wrong: key, keys: 2}
    - one
plugin_routing:
  modules:
    moved:
      redirect: ns.coll.three
`,
);
const env = { ...process.env, ANSIBLE_CONFIG: "/nonexistent.cfg", HOME: "/nonexistent" };
const installation = findInstallation(env);

/** The tasks of a play, and what was warned of. @param more the environment besides */
function load(
  play: string,
  more: Readonly<Record<string, string>> = {},
): { readonly tasks: readonly Task[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const { plays } = loadPlaybook(put("site.yml", play), {
    settings: loadSettings({ env: { ...env, ...more }, cwd: root }),
    extraVars: new Map(),
    installation,
    warn: (text) => warnings.push(text),
  });
  return { tasks: flatten(plays[0]!.sections[1].children), warnings };
}

const layersOf = ({ moduleDefaults }: Task): unknown =>
  moduleDefaults.map((layer) => (layer instanceof Map ? Object.fromEntries(layer) : layer));

describe("module_defaults", () => {
  it.each([
    ["a group of the collection", "group/ns.coll.pair: {a: 1}", "ns.coll.one", [{ a: 1 }]],
    [
      "a group that names its action in full",
      "group/ns.coll.pair: {a: 1}",
      "ns.coll.two",
      [{ a: 1 }],
    ],
    ["a group without the action", "group/ns.coll.pair: {a: 1}", "ns.coll.three", []],
    ["a group that extends another", "group/ns.coll.wide: {a: 1}", "ns.coll.one", [{ a: 1 }]],
    ["actions of another collection", "group/ns.coll.wide: {a: 1}", "setup", [{ a: 1 }]],
    ["groups that extend each other", "group/ns.coll.circle: {a: 1}", "ns.coll.two", [{ a: 1 }]],
    [
      "a group that stands with its full name",
      "group/ns.coll.long: {a: 1}",
      "ns.coll.three",
      [{ a: 1 }],
    ],
    ["a group of ansible.builtin", "group/testgroup: {a: 1}", "ping", [{ a: 1 }]],
    [
      "the action over its groups",
      "{ns.coll.one: {a: 1}, group/ns.coll.pair: {a: 2}}",
      "ns.coll.one",
      [{ a: 2 }, { a: 1 }],
    ],
    [
      "groups in their order",
      "{group/ns.coll.wide: {a: 1}, group/ns.coll.pair: {a: 2}}",
      "ns.coll.one",
      [{ a: 1 }, { a: 2 }],
    ],
    ["a short name", "ping: {a: 1}", "ansible.builtin.ping", [{ a: 1 }]],
    ["a name of ansible.legacy", "ansible.legacy.ping: {a: 1}", "ping", [{ a: 1 }]],
    ["what a name was redirected to", "ns.coll.moved: {a: 1}", "ns.coll.three", [{ a: 1 }]],
    ["a template of the whole", "ping: '{{ x }}'", "ping", ["{{ x }}"]],
  ])("give %s", (_title, defaults, action, expected) => {
    const { tasks } = load(
      `- hosts: a\n  module_defaults: ${defaults.startsWith("{") ? defaults : `{${defaults}}`}\n  tasks: [{${action}: }]\n`,
    );
    expect(layersOf(tasks[0]!)).toEqual(expected);
  });

  it("do not reach a name behind `action:`, nor a template of one", () => {
    const { tasks } = load(`
- hosts: a
  module_defaults: {ping: {a: 1}}
  tasks:
    - action: ping
    - local_action: {module: ping}
    - action: "{{ 'ping' }}"
    - ping:
`);
    expect(tasks.map(layersOf)).toEqual([[], [], [], [{ a: 1 }]]);
  });

  it("of an inner level take the place of those of the outer one, key by key", () => {
    const { tasks } = load(`
- hosts: a
  module_defaults:
    - ns.coll.one: {a: 1, b: 1}
      group/ns.coll.pair: {c: 1}
    - ns.coll.two: {a: 1}
  tasks:
    - block:
        - ns.coll.one:
        - ns.coll.two:
          module_defaults: {group/ns.coll.pair: {d: 3}}
      module_defaults: {ns.coll.one: {b: 2}}
`);
    expect(tasks.map(layersOf)).toEqual([
      [{ c: 1 }, { b: 2 }],
      [{ d: 3 }, { a: 1 }],
    ]);
  });

  it("of what gather_facts, package and service may run go with them", () => {
    const { tasks } = load(`
- hosts: a
  module_defaults:
    group/ns.coll.wide: {a: 1}
    setup: {b: 2}
    gather_facts: {c: 3}
  tasks: [{gather_facts: }, {service: }, {ping: }]
`);
    const [facts, service, ping] = tasks as [Task, Task, Task];
    expect(layersOf(facts)).toEqual([{ c: 3 }]);
    const ofSetup = facts.defaultsOfModules?.get("ansible.builtin.setup");
    expect(ofSetup?.map((layer) => [...(layer as Map<string, number>)])).toEqual([
      [["a", 1]],
      [["b", 2]],
    ]);
    expect(service.defaultsOfModules).toBe(facts.defaultsOfModules);
    expect(ping.defaultsOfModules).toBeUndefined();
  });

  it.each([
    ["group/ns.coll.none", "could not resolve the module_defaults group ns.coll.none"],
    ["group/none", "could not resolve the module_defaults group ansible.builtin.none"],
    ["group/no.such.group", "could not resolve the module_defaults group no.such.group"],
    ["nothing", "Could not resolve action ansible.legacy.nothing in module_defaults"],
    ["ns.coll.nothing", "Could not resolve action ns.coll.nothing in module_defaults"],
    ["two.parts", "Could not resolve action ansible.legacy.two.parts in module_defaults"],
  ])("for %s are an error that says where", (name, message) => {
    const play = `- hosts: a\n  module_defaults:\n    ping: {}\n    ${name}: {a: 1}\n`;
    expect(() => load(play)).toThrow(
      expect.objectContaining({
        detail: expect.stringContaining(message) as string,
        origin: expect.objectContaining({ line: 4, column: 5 }) as unknown,
      }),
    );
  });

  it("warn of metadata that is none, unless the settings silence it", () => {
    const play =
      "- hosts: a\n  module_defaults: {group/ns.coll.worst: {a: 1}}\n  tasks: [{ns.coll.one: }]\n";
    const { tasks, warnings } = load(play);
    expect(layersOf(tasks[0]!)).toEqual([{ a: 1 }]);
    const start =
      "Invalid metadata was found for action_group ns.coll.worst while loading module_defaults.";
    expect(warnings).toEqual([
      `${start} The metadata contains unexpected keys: other The metadata contains unexpected key types: extend_group is 3 (expected type list)`,
      `${start} The group contains multiple metadata entries. The metadata is not a dictionary. Got text`,
      `${start} The only expected key is metadata, but got keys: keys, wrong`,
    ]);
    expect(load(play, { ANSIBLE_VALIDATE_ACTION_GROUP_METADATA: "no" }).warnings).toEqual([]);
  });
});
