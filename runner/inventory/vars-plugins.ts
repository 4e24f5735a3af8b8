import { readdirSync } from "node:fs";
import type { Dict } from "../model/value.ts";
import type { SaidVars, VarsStage } from "../plugin-host/inventory-message.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { combineInto } from "../vars/combine.ts";
import type { InventoryBuilder } from "./builder.ts";
import type { EntityVars } from "./entity-vars.ts";
import { snapshotOf } from "./plugin.ts";

/** Vars plugins in Python, asked once for all groups and hosts. */
export interface VarsPlugins {
  /** What those that count at a stage say beside files in each of these directories. */
  beside(directories: readonly string[], stage: VarsStage): readonly SaidBeside[];
  /** Whether dicts of the same name become one (hash_behaviour). */
  readonly merge: boolean;
}

/** What plugins say in front of the files of one directory, and behind them. */
interface SaidBeside {
  group(name: string): SaidVars | undefined;
  host(name: string): SaidVars | undefined;
}

export interface VarsPluginsInput {
  readonly host: PluginHost;
  /** Directories that may hold vars plugins. */
  readonly folders: readonly string[];
  /** `vars_plugins_enabled`: those of collections count when they are named there. */
  readonly enabled: readonly string[];
  readonly merge: boolean;
  readonly builder: InventoryBuilder;
}

/** Undefined when there is none, which costs no Python. */
export function createVarsPlugins(input: VarsPluginsInput): VarsPlugins | undefined {
  const { host, builder } = input;
  const isNamed = input.enabled.some((name) => /^(?!ansible\.builtin\.)\w+\.\w+\.\w+/.test(name));
  if (!isNamed && !input.folders.some(holdsPlugins)) return undefined;

  return {
    merge: input.merge,
    beside(paths, stage) {
      const groups = [...builder.groups.keys()];
      const hosts = [...builder.hosts.keys()];
      const said = host.vars({ stage, paths, groups, hosts, inventory: snapshotOf(builder) });
      const groupAt = new Map(groups.map((name, index) => [name, index]));
      const hostAt = new Map(hosts.map((name, index) => [name, groups.length + index]));
      return said.map((ofPath) => ({
        group: (name) => ofPath[groupAt.get(name) ?? -1],
        host: (name) => ofPath[hostAt.get(name) ?? -1],
      }));
    },
  };
}

/**
 * Variables of files with what plugins say around those of the same directory; directories one over the other
 * (`get_vars_from_inventory_sources` of vars/plugins.py).
 */
export function mixed(
  filesIn: (directories: readonly string[]) => EntityVars,
  plugins: VarsPlugins | undefined,
  directories: readonly string[],
  stage: VarsStage,
): EntityVars {
  if (plugins === undefined) return filesIn(directories);
  // One that is named again counts where it is named last.
  const unique = [...new Set(directories.toReversed())].toReversed();
  const said = plugins.beside(unique, stage);
  const files = unique.map((directory) => filesIn([directory]));
  const find = (kind: "group" | "host", name: string): Dict | undefined => {
    const parts = files.flatMap((own, index) => {
      const [before, behind] = said[index]?.[kind](name) ?? [];
      return [before, own[kind](name), behind];
    });
    const known = parts.filter((part) => part !== undefined && part.size > 0);
    // Of a file that says nothing it is known that it is there.
    return known.length > 0
      ? combined(known, plugins.merge)
      : parts.find((part, index) => index % 3 === 1 && part !== undefined);
  };
  return { group: (name) => find("group", name), host: (name) => find("host", name) };
}

function combined(parts: readonly (Dict | undefined)[], merge: boolean): Dict {
  const all: Dict = new Map();
  for (const part of parts) if (part !== undefined) combineInto(all, part, merge);
  return all;
}

function holdsPlugins(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith(".py") && name !== "__init__.py");
  } catch {
    return false;
  }
}
