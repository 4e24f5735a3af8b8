import type { Dict, Value } from "../model/value.ts";
import { setCombined } from "../vars/combine.ts";

/** A group while sources are being read. */
export interface GroupDraft {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly parents: Set<string>;
  readonly vars: Dict;
  priority: number;
}

/** A host while sources are being read. */
export interface HostDraft {
  readonly name: string;
  readonly vars: Dict;
  /** Groups that list it themselves. */
  readonly groups: Set<string>;
}

/** An inventory that cannot be as a source wants it. */
export class InventoryError extends Error {}

/** Hosts and groups as several sources make them together (`inventory/data.py`, `inventory/group.py`). */
export interface InventoryBuilder {
  readonly groups: ReadonlyMap<string, GroupDraft>;
  readonly hosts: ReadonlyMap<string, HostDraft>;
  /** The source in which a host was met first. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names what is read from now on. */
  startSource(source: string): void;
  /** Its name may differ from the one given: see `transform`. */
  addGroup(name: string): GroupDraft;
  hasGroup(name: string): boolean;
  addHost(name: string, group: string | undefined, port?: number): HostDraft;
  addChild(group: string, child: string): void;
  setHostVar(host: HostDraft, name: Value, value: Value): void;
  setGroupVar(group: string, name: Value, value: Value): void;
  /** Brings all groups under `all`, and hosts without a group into `ungrouped`. */
  reconcile(): void;
}

export interface BuilderOptions {
  readonly warn: (text: string) => void;
  /** Whether dicts of the same name become one (hash_behaviour). */
  readonly merge: boolean;
  /** What is done about group names that could not be a variable's (TRANSFORM_INVALID_GROUP_CHARS). */
  readonly transform: "never" | "always" | "ignore" | "silently";
}

/** An empty inventory: `all` with `ungrouped` in it. */
export function createInventoryBuilder({
  warn,
  merge,
  transform,
}: BuilderOptions): InventoryBuilder {
  const groups = new Map<string, GroupDraft>();
  const hosts = new Map<string, HostDraft>();
  const sources = new Map<string, string>();
  let source = "";
  let localhost: string | undefined;

  const safeName = (name: string): string => {
    const keeps = transform === "never" || transform === "ignore";
    if (keeps || isSafeName(name)) return name;
    return name.replace(/^[\d\W]|[^\p{L}\p{N}_]/gu, "_");
  };
  const groupNamed = (name: string): GroupDraft => {
    const found = groups.get(safeName(name));
    if (found === undefined) throw new InventoryError(`Could not find group ${name} in inventory`);
    return found;
  };

  const builder: InventoryBuilder = {
    groups,
    hosts,
    sources,
    startSource(name) {
      source = name;
    },
    hasGroup: (name) => groups.has(safeName(name)),
    addGroup(given) {
      if (given === "")
        throw new InventoryError(`Invalid empty/false group name provided: ${given}`);
      const name = safeName(given);
      if (transform === "always" && name !== given) {
        warn(
          "Invalid characters were found in group names and automatically replaced, use -vvvv to see details",
        );
      }
      let group = groups.get(name);
      if (group === undefined) {
        if (transform === "never" && !isSafeName(name)) {
          warn(
            "Invalid characters were found in group names but not replaced, use -vvvv to see details",
          );
        }
        group = {
          name,
          hosts: new Set(),
          children: new Set(),
          parents: new Set(),
          vars: new Map(),
          priority: 1,
        };
        groups.set(name, group);
      }
      return group;
    },
    addHost(name, group, port) {
      if (name === "") throw new InventoryError(`Invalid empty host name provided: ${name}`);
      const home = group === undefined ? undefined : groupNamed(group);
      let host = hosts.get(name);
      if (host === undefined) {
        host = { name, vars: new Map(), groups: new Set() };
        hosts.set(name, host);
        sources.set(name, source);
        if (port !== undefined) host.vars.set("ansible_port", port);
        if (LOCALHOST.has(name)) {
          if (localhost === undefined) localhost = name;
          else
            warn(
              `A duplicate localhost-like entry was found (${name}). First found localhost was ${localhost}`,
            );
        }
      }
      if (home !== undefined) {
        home.hosts.add(name);
        host.groups.add(home.name);
      }
      return host;
    },
    addChild(parent, child) {
      const above = groupNamed(parent);
      const below = groupNamed(child);
      if (above === below) throw new InventoryError("can't add group to itself");
      if (above.children.has(below.name)) return;
      if (isAncestor(groups, below.name, above.name)) {
        throw new InventoryError(
          `Adding group '${child}' as child to '${parent}' creates a recursive dependency loop.`,
        );
      }
      above.children.add(below.name);
      below.parents.add(above.name);
    },
    setGroupVar(group, name, value) {
      const target = groupNamed(group);
      if (name === "ansible_group_priority") {
        const priority = Number(value);
        if (!Number.isInteger(priority))
          throw new InventoryError(`invalid literal for int() with base 10: '${String(value)}'`);
        target.priority = priority;
      } else setCombined(target.vars, name, value, merge);
    },
    setHostVar: (host, name, value) => setCombined(host.vars, name, value, merge),
    reconcile() {
      for (const group of groups.values()) {
        if (group.name !== "all" && group.parents.size === 0) builder.addChild("all", group.name);
      }
      const ungrouped = groupNamed("ungrouped");
      for (const host of hosts.values()) {
        const named = [...host.groups].some((group) => group !== "all" && group !== "ungrouped");
        if (named) {
          ungrouped.hosts.delete(host.name);
          host.groups.delete("ungrouped");
        } else if (!host.groups.has("ungrouped")) {
          ungrouped.hosts.add(host.name);
          host.groups.add("ungrouped");
        }
        if (groups.has(host.name)) warn(`Found both group and host with same name: ${host.name}`);
      }
    },
  };
  builder.addGroup("all");
  builder.addGroup("ungrouped");
  builder.addChild("all", "ungrouped");
  return builder;
}

/** Names that mean the controller itself. */
export const LOCALHOST: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"]);

function isAncestor(
  groups: ReadonlyMap<string, GroupDraft>,
  wanted: string,
  from: string,
): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === wanted) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(groups.get(name)?.parents ?? []));
  }
  return false;
}

/** Whether a group's name could be a variable's; the expression for all alphabets is costly to compile and seldom needed. */
function isSafeName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || !/^[\d\W]|[^\p{L}\p{N}_]/u.test(name);
}
