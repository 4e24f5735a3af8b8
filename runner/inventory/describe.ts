import type { Group, Host, Inventory } from "../model/host.ts";
import type { Dict, Value } from "../model/value.ts";
import { combineInto } from "../vars/combine.ts";
import { inventoryLayers } from "../vars/precedence.ts";
import { brokenAmong, brokenVarsOf } from "./broken-vars.ts";

/** What a description of an inventory depends on. */
export interface DescribeOptions {
  readonly inventory: Inventory;
  readonly extraVars: Dict;
  /** Variables where they are defined, instead of all that a host sees. */
  readonly export: boolean;
  /** What stands beside playbooks of this directory counts for hosts. */
  readonly playbookDir: string;
  /** Whether what stands beside a playbook counts as defined there too. */
  readonly exportPlaybook: boolean;
  /** hash_behaviour = merge. */
  readonly merge: boolean;
}

/**
 * An inventory as ansible-inventory shows it (`cli/inventory.py`). Variables are as written, never rendered.
 *
 * Its functions throw a LoadError when a file of variables is broken that they show.
 */
export interface Description {
  /** As an inventory script prints it for --list. */
  list(): Dict;
  /** As a YAML inventory. */
  tree(): Dict;
  /** As a TOML inventory: every group by itself. */
  tables(): Dict;
  host(name: string): Dict;
  /** One line for each group, host and, when wanted, variable. `show` makes text of a value. */
  graph(group: string, show: ((value: Value) => string) | undefined): readonly string[];
}

export function describeInventory(options: DescribeOptions): Description {
  const { inventory } = options;
  const groupOf = (name: string): Group => inventory.groups.get(name) as Group;
  const hostVars = (name: string): Dict => varsOfHost(options, name);

  return {
    list() {
      const result: Dict = new Map();
      addToList(groupOf("all"), result, new Set(), options);
      const all: Dict = new Map();
      for (const name of inventory.hosts.keys()) {
        const vars = hostVars(name);
        if (vars.size > 0) all.set(name, vars);
      }
      result.set("_meta", new Map([["hostvars", all]]));
      return result;
    },
    tree: () => treeOf(groupOf("all"), new Set(), options),
    tables: () => tablesOf(groupOf("all"), new Set(), options),
    host: hostVars,
    graph(group, show) {
      const varLines = (vars: Dict, depth: number): string[] =>
        show === undefined
          ? []
          : [...vars]
              .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
              .map(([name, value]) => branch(`{${String(name)} = ${show(value)}}`, depth));
      const lines = (name: string, depth: number): string[] => {
        const { children, hosts } = groupOf(name);
        return [
          branch(`@${name}:`, depth),
          ...children.flatMap((child) => lines(child, depth + 1)),
          ...(name === "all" ? [] : hosts).flatMap((host) => [
            branch(host, depth + 1),
            ...varLines(show === undefined ? new Map() : hostVars(host), depth + 2),
          ]),
          ...varLines(
            show === undefined ? new Map() : varsOfGroup(groupOf(name), options),
            depth + 1,
          ),
        ];
      };
      return lines(group, 0);
    },
  };
}

function branch(text: string, depth: number): string {
  return depth === 0 ? text : `${"  |".repeat(depth)}--${text}`;
}

function addToList(group: Group, result: Dict, seen: Set<string>, options: DescribeOptions): void {
  const entry: Dict = new Map();
  result.set(group.name, entry);
  if (group.name !== "all" && group.hosts.length > 0) entry.set("hosts", [...group.hosts]);
  if (group.children.length > 0) entry.set("children", [...group.children]);
  for (const child of group.children) {
    if (seen.has(child)) continue;
    addToList(options.inventory.groups.get(child) as Group, result, seen, options);
    seen.add(child);
  }
  if (options.export) {
    const vars = varsOfGroup(group, options);
    if (vars.size > 0) entry.set("vars", vars);
  }
  if (entry.size === 0) result.delete(group.name);
}

function treeOf(group: Group, seen: Set<string>, options: DescribeOptions): Dict {
  const entry: Dict = new Map();
  const children: Dict = new Map();
  for (const child of group.children) {
    const below = options.inventory.groups.get(child) as Group;
    for (const [name, value] of treeOf(below, seen, options)) children.set(name, value);
  }
  if (children.size > 0) entry.set("children", children);
  const hosts: Dict = new Map();
  for (const host of group.name === "all" ? [] : group.hosts) {
    // The first time a host is met it has its variables.
    hosts.set(host, seen.has(host) ? new Map() : varsOfHost(options, host));
    seen.add(host);
  }
  if (hosts.size > 0) entry.set("hosts", hosts);
  if (options.export) {
    const vars = varsOfGroup(group, options);
    if (vars.size > 0) entry.set("vars", vars);
  }
  return new Map([[group.name, entry]]);
}

function tablesOf(group: Group, seen: Set<string>, options: DescribeOptions): Dict {
  const { groups } = options.inventory;
  const isTop = group.name === "all";
  const entry: Dict = new Map();
  const result: Dict = new Map([[group.name, entry]]);
  const children: string[] = [];
  for (const name of group.children) {
    const child = groups.get(name) as Group;
    if (name === "ungrouped" && child.hosts.length === 0) continue;
    if (!isTop) children.push(name);
    // Of a group that is met again the hosts have had their variables: so does Ansible lose them.
    for (const [below, table] of tablesOf(child, seen, options)) result.set(below, table);
  }
  const hosts: Dict = new Map();
  for (const host of isTop ? [] : group.hosts) {
    hosts.set(host, seen.has(host) ? new Map() : varsOfHost(options, host));
    seen.add(host);
  }
  if (children.length > 0) entry.set("children", children);
  if (hosts.size > 0) entry.set("hosts", hosts);
  if (options.export) {
    const vars = varsOfGroup(group, options);
    if (vars.size > 0) entry.set("vars", vars);
  }
  if (entry.size === 0) result.delete(group.name);
  return result;
}

function varsOfHost(options: DescribeOptions, name: string): Dict {
  const { inventory, merge, playbookDir } = options;
  const host = inventory.hosts.get(name) as Host;
  const error = brokenVarsOf(inventory, host, playbookDir);
  if (error !== undefined) throw error;
  const vars: Dict = new Map();
  if (options.export) {
    for (const each of definedVars(host, options)) combineInto(vars, each, merge);
  } else {
    for (const layer of inventoryLayers(host, inventory, playbookDir).toReversed())
      combineInto(vars, layer.vars as Dict, merge);
    combineInto(vars, options.extraVars, merge);
  }
  return withoutInternal(vars);
}

function varsOfGroup(group: Group, options: DescribeOptions): Dict {
  const error = brokenAmong(group, options.playbookDir);
  if (error !== undefined) throw error;
  const vars: Dict = new Map();
  for (const each of definedVars(group, options)) combineInto(vars, each, options.merge);
  if (group.priority !== 1) vars.set("ansible_group_priority", group.priority);
  return withoutInternal(vars);
}

function definedVars(
  { vars }: Pick<Group, "vars">,
  { exportPlaybook, playbookDir }: DescribeOptions,
): readonly Dict[] {
  const { inline, beside, playbook } = vars;
  const last = exportPlaybook ? playbook.get(playbookDir) : undefined;
  return last === undefined ? [inline, beside] : [inline, beside, last];
}

function withoutInternal(vars: Dict): Dict {
  for (const name of INTERNAL) vars.delete(name);
  return vars;
}

/** What is no part of an inventory, although it is among its variables. */
const INTERNAL = [
  "ansible_diff_mode",
  "ansible_config_file",
  "ansible_facts",
  "ansible_forks",
  "ansible_inventory_sources",
  "ansible_limit",
  "ansible_playbook_python",
  "ansible_run_tags",
  "ansible_skip_tags",
  "ansible_verbosity",
  "ansible_version",
  "inventory_dir",
  "inventory_file",
  "inventory_hostname",
  "inventory_hostname_short",
  "groups",
  "group_names",
  "omit",
  "playbook_dir",
];
