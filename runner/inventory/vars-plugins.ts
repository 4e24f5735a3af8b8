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
  /** What those that count at a stage say beside files in these directories. */
  beside(
    directories: readonly string[],
    stage: VarsStage,
  ): {
    group(name: string): SaidVars | undefined;
    host(name: string): SaidVars | undefined;
  };
  /** Whether dicts of the same name become one (hash_behaviour). */
  readonly merge: boolean;
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

  function ask(stage: VarsStage, paths: readonly string[]) {
    const groups = [...builder.groups.keys()];
    const hosts = [...builder.hosts.keys()];
    const inventory = snapshotOf(builder);
    const said = host.vars({ stage, paths: [...new Set(paths)], groups, hosts, inventory });
    const merged = said.reduce<SaidVars[]>(
      (all, ofPath) => ofPath.map((each, index) => both(all[index], each, input.merge)),
      [],
    );
    return {
      groups: new Map(groups.map((name, index) => [name, merged[index]])),
      hosts: new Map(hosts.map((name, index) => [name, merged[groups.length + index]])),
    };
  }

  return {
    merge: input.merge,
    beside(directories, stage) {
      const said = ask(stage, directories);
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
  stage: VarsStage,
): EntityVars {
  if (plugins === undefined) return files;
  const said = plugins.beside(directories, stage);
  const { merge } = plugins;
  return {
    group: (name) => around(files.group(name), said.group(name), merge),
    host: (name) => around(files.host(name), said.host(name), merge),
  };
}

function around(
  files: Dict | undefined,
  said: SaidVars | undefined,
  merge: boolean,
): Dict | undefined {
  const [before, behind] = said ?? [];
  if ((before?.size ?? 0) === 0 && (behind?.size ?? 0) === 0) return files;
  return combined([before, files, behind], merge);
}

function both(left: SaidVars | undefined, right: SaidVars, merge: boolean): SaidVars {
  if (left === undefined) return right;
  return [combined([left[0], right[0]], merge), combined([left[1], right[1]], merge)];
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
