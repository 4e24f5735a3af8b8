import { readdirSync } from "node:fs";
import type { Dict } from "../model/value.ts";
import type { SaidVars } from "../plugin-host/inventory-message.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import type { InventoryBuilder } from "./builder.ts";
import type { EntityVars } from "./entity-vars.ts";
import { snapshotOf } from "./plugin.ts";

/** Vars plugins in Python, asked once for all groups and hosts. */
export interface VarsPlugins {
  /** Those that count while the inventory is read set variables of the inventory itself. */
  addToInventory(directories: readonly string[]): void;
  /** What the others say beside files in these directories. */
  beside(directories: readonly string[]): {
    group(name: string): SaidVars | undefined;
    host(name: string): SaidVars | undefined;
  };
}

export interface VarsPluginsInput {
  readonly host: PluginHost;
  /** Directories that may hold vars plugins. */
  readonly folders: readonly string[];
  /** `vars_plugins_enabled`: those of collections count when they are named there. */
  readonly enabled: readonly string[];
  readonly builder: InventoryBuilder;
}

/** Undefined when there is none, which costs no Python. */
export function createVarsPlugins(input: VarsPluginsInput): VarsPlugins | undefined {
  const { host, builder } = input;
  const isNamed = input.enabled.some((name) => /^(?!ansible\.builtin\.)\w+\.\w+\.\w+/.test(name));
  if (!isNamed && !input.folders.some(holdsPlugins)) return undefined;

  function ask(stage: "inventory" | "task", paths: readonly string[]) {
    const groups = [...builder.groups.keys()];
    const hosts = [...builder.hosts.keys()];
    const inventory = snapshotOf(builder);
    const said = host.vars({ stage, paths: [...new Set(paths)], groups, hosts, inventory });
    const merged = said.reduce<SaidVars[]>(
      (all, ofPath) => ofPath.map((each, index) => merge(all[index], each)),
      [],
    );
    return {
      groups: new Map(groups.map((name, index) => [name, merged[index]])),
      hosts: new Map(hosts.map((name, index) => [name, merged[groups.length + index]])),
    };
  }

  return {
    addToInventory(directories) {
      const said = ask("inventory", directories);
      for (const draft of builder.groups.values()) add(draft.vars, said.groups.get(draft.name));
      for (const draft of builder.hosts.values()) add(draft.vars, said.hosts.get(draft.name));
    },
    beside(directories) {
      const said = ask("task", directories);
      return {
        group: (name) => said.groups.get(name),
        host: (name) => said.hosts.get(name),
      };
    },
  };
}

/** Variables of files with what plugins say around them. */
export function mixed(
  files: EntityVars,
  plugins: VarsPlugins | undefined,
  directories: readonly string[],
): EntityVars {
  if (plugins === undefined) return files;
  const said = plugins.beside(directories);
  return {
    group: (name) => around(files.group(name), said.group(name)),
    host: (name) => around(files.host(name), said.host(name)),
  };
}

function around(files: Dict | undefined, said: SaidVars | undefined): Dict | undefined {
  const [before, behind] = said ?? [];
  if ((before?.size ?? 0) === 0 && (behind?.size ?? 0) === 0) return files;
  return new Map([...(before ?? []), ...(files ?? []), ...(behind ?? [])]);
}

function merge(left: SaidVars | undefined, right: SaidVars): SaidVars {
  if (left === undefined) return right;
  return [new Map([...left[0], ...right[0]]), new Map([...left[1], ...right[1]])];
}

function add(vars: Dict, said: SaidVars | undefined): void {
  for (const part of said ?? []) for (const [key, value] of part) vars.set(key, value);
}

function holdsPlugins(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith(".py") && name !== "__init__.py");
  } catch {
    return false;
  }
}
