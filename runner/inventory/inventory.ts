import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isDirectory } from "../load/file-kind.ts";
import { expandPath } from "../load/path.ts";
import type { Settings } from "../load/settings.ts";
import { LoadError } from "../load/source.ts";
import {
  type BrokenVars,
  GROUP_VARS_SOURCES,
  type Group,
  type Host,
  type Inventory,
  type InventoryChange,
} from "../model/host.ts";
import { type Dict, dictOf } from "../model/value.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { combineInto } from "../vars/combine.ts";
import { orBroken } from "./broken-vars.ts";
import {
  createInventoryBuilder,
  type GroupDraft,
  type InventoryBuilder,
  LOCALHOST,
} from "./builder.ts";
import { applyChange } from "./change.ts";
import { createEntityVars, type EntityVars, NO_ENTITY_VARS } from "./entity-vars.ts";
import { readSource } from "./sources.ts";
import { stagesOf } from "./stages.ts";
import { createVarsPlugins, mixed, type VarsPlugins } from "./vars-plugins.ts";

export interface InventoryInput {
  /** Paths of files, scripts and directories, or `host,host` lists; later ones first in rank. */
  readonly sources: readonly string[];
  /** Directories of the playbooks, whose group_vars/ and host_vars/ count too. */
  readonly playbookDirs: readonly string[];
  readonly settings: Settings;
  readonly warn: (text: string) => void;
  readonly cwd?: string;
  /** The controller's interpreter, which modules on an implicit localhost run with. */
  readonly python?: string;
  /** Takes variables beside inventory and playbook whatever the settings say about their time. */
  readonly allStages?: boolean;
  /** Runs inventory and vars plugins in Python. Without it, sources that need one are an error. */
  readonly plugins?: InventoryPlugins;
}

/** What runs plugins, and where those of vars may be. */
export interface InventoryPlugins {
  readonly host: PluginHost;
  /** Directories of playbooks and roles. */
  readonly folders: readonly string[];
}

/**
 * Hosts and groups of all sources, with the variables beside them.
 *
 * Sources that no format fits are warned about, as Ansible does, and leave the rest as it is.
 *
 * Files of group_vars and host_vars that are broken are told where somebody needs them: see brokenVarsOf().
 *
 * @throws LoadError where the settings make an unparsed source an error, and for plugins that are not there. Behaviour: `inventory/manager.py`, `inventory/data.py`.
 */
export function loadInventory(input: InventoryInput): Inventory {
  return readInventory(input).inventory(false);
}

/** An inventory that a run adds to. */
export interface LiveInventory {
  readonly current: Inventory;
  /** Counts the changes, for those who keep a copy. */
  readonly version: number;
  /**
   * Adds a host or a group. @returns whether anything is different now.
   *
   * @throws InventoryError for a group that would contain itself.
   */
  change(change: InventoryChange): boolean;
  /** Takes variables from beside playbooks of further directories: those that were imported. */
  addPlaybooks(directories: readonly string[]): void;
  /** Reads the sources again; what the run added stays (`refresh_inventory` of `inventory/manager.py`). */
  refresh(): void;
}

/** Loads an inventory to which add_host and group_by can add. @throws as loadInventory. */
export function createLiveInventory(input: InventoryInput): LiveInventory {
  const playbookDirs = new Set(input.playbookDirs);
  const readAll = (): ReadInventory => readInventory({ ...input, playbookDirs: [...playbookDirs] });
  let reader = readAll();
  let current: Inventory | undefined = reader.inventory(false);
  let version = 0;
  const changes: InventoryChange[] = [];
  return {
    get current() {
      // Made anew when it is looked at: a loop of add_host pays once.
      current ??= reader.inventory(changes.length > 0);
      return current;
    },
    get version() {
      return version;
    },
    change(change) {
      if (!applyChange(reader.builder, change)) return false;
      changes.push(change);
      version++;
      current = undefined;
      return true;
    },
    addPlaybooks(directories) {
      for (const directory of directories) {
        if (playbookDirs.has(directory)) continue;
        playbookDirs.add(directory);
        reader.addPlaybook(directory);
        version++;
        current = undefined;
      }
    },
    refresh() {
      reader = readAll();
      for (const change of changes) {
        // group_by put a host into a group: one that is gone stays so, be it not the implicit localhost.
        const isGone = change.kind === "add-group" && !reader.builder.hosts.has(change.host);
        if (!isGone || LOCALHOST.has(change.host)) applyChange(reader.builder, change);
      }
      version++;
      current = undefined;
    },
  };
}

interface ReadInventory {
  readonly builder: InventoryBuilder;
  /** Takes variables from beside a playbook of this directory. */
  addPlaybook(directory: string): void;
  /** The inventory as the builder has it now. */
  inventory(isChanged: boolean): Inventory;
}

function readInventory(input: InventoryInput): ReadInventory {
  const { settings } = input;
  const cwd = input.cwd ?? process.cwd();
  const warn = once(input.warn);
  const merge = settings.hashBehaviour.value === "merge";
  const builder = createInventoryBuilder({
    warn,
    merge,
    transform: settings.groupNameTransform.value,
  });
  const sources = input.sources
    .filter((source) => source !== "")
    .map((source) => (source.includes(",") ? source : expandPath(source, cwd)));
  let parsed = false;
  const reader = { builder, warn, settings, host: input.plugins?.host, done: [] };
  for (const source of sources) parsed = readSource(source, reader) || parsed;
  if (parsed) builder.reconcile();
  else if (settings.inventoryUnparsedIsFailed.value) {
    throw new LoadError("No inventory was parsed, please check your configuration and options.");
  } else if (settings.inventoryUnparsedWarning.value) {
    input.warn("No inventory was parsed, only implicit localhost is available");
  }
  const stages = stagesOf(settings, input.allStages === true);
  const duplicateKeys = settings.duplicateYamlKey.value;
  const known = new Map<string, EntityVars>();
  const filesIn = (directories: readonly string[]): EntityVars => {
    const key = directories.join("\0");
    let found = known.get(key);
    if (found === undefined) {
      found = createEntityVars(directories, { warn, merge, duplicateKeys });
      known.set(key, found);
    }
    return found;
  };
  const noFiles = (): EntityVars => NO_ENTITY_VARS;
  const besides = sources.map(directoryOf).filter((directory) => directory !== undefined);
  const said = varsPluginsOf(input, builder, merge);
  const early = stages.inventory ? filesIn : noFiles;
  if (stages.inventory || said !== undefined)
    settleEarly(builder, mixed(early, said, besides, "inventory"), merge);
  const late = (directories: readonly string[]): EntityVars =>
    mixed(stages.task ? filesIn : noFiles, said, directories, stages.late);
  const beside = late(besides);
  const playbooks = new Map<string, EntityVars>();
  const addPlaybook = (directory: string): void => {
    if (!playbooks.has(directory)) playbooks.set(directory, late([directory]));
  };
  for (const directory of input.playbookDirs) addPlaybook(resolve(cwd, directory));
  const precedence = precedenceOf(settings, warn);
  return {
    builder,
    addPlaybook,
    inventory(isChanged) {
      // Of a broken source what was read stays as it is, until something is added.
      if (parsed || isChanged) builder.reconcile();
      return finish({ builder, beside, playbooks, python: input.python, precedence });
    },
  };
}

function varsPluginsOf(
  { plugins, settings }: InventoryInput,
  builder: InventoryBuilder,
  merge: boolean,
): VarsPlugins | undefined {
  if (plugins === undefined) return undefined;
  return createVarsPlugins({
    host: plugins.host,
    folders: [
      ...plugins.folders.map((folder) => join(folder, "vars_plugins")),
      ...settings.varsPlugins.value,
    ],
    enabled: settings.varsPluginsEnabled.value,
    builder,
    merge,
  });
}

/** Makes what stands beside the inventory part of the inventory itself. */
function settleEarly(builder: InventoryBuilder, beside: EntityVars, merge: boolean): void {
  for (const group of builder.groups.values())
    combineInto(group.vars, beside.group(group.name) ?? EMPTY, merge);
  for (const host of builder.hosts.values())
    combineInto(host.vars, beside.host(host.name) ?? EMPTY, merge);
}

/** The order of group variables that the settings ask for. */
function precedenceOf(settings: Settings, warn: (text: string) => void): Inventory["precedence"] {
  return settings.variablePrecedence.value.flatMap((entry) => {
    const known = GROUP_VARS_SOURCES.find((each) => each === entry);
    if (known === undefined) warn(`Ignoring unknown variable precedence entry: ${entry}`);
    return known ?? [];
  });
}

const EMPTY: Dict = new Map();

function directoryOf(source: string): string | undefined {
  if (isDirectory(source)) return source;
  return source.includes(",") && !existsSync(source) ? undefined : dirname(source);
}

interface Parts {
  readonly builder: InventoryBuilder;
  readonly beside: EntityVars;
  /** By directory. */
  readonly playbooks: ReadonlyMap<string, EntityVars>;
  readonly python: string | undefined;
  readonly precedence: Inventory["precedence"];
}

function finish(parts: Parts): Inventory {
  const { builder, python, precedence } = parts;
  const depths = depthsOf(builder.groups);
  const groups = new Map<string, Group>();
  for (const draft of builder.groups.values()) {
    groups.set(draft.name, {
      name: draft.name,
      hosts: [...draft.hosts],
      children: [...draft.children],
      parents: [...draft.parents],
      depth: depths.get(draft.name) ?? 0,
      priority: draft.priority,
      ...sourced(draft.vars, parts, (files) => files.group(draft.name)),
    });
  }
  const lineages = createLineages(groups);
  const hosts = new Map<string, Host>();
  const sources = new Map<string, { readonly file: string; readonly dir: string }>();
  const places = new Map<string, { readonly file: string; readonly dir: string }>();
  for (const draft of builder.hosts.values()) {
    hosts.set(draft.name, {
      name: draft.name,
      groups: lineages(draft.groups),
      ...sourced(draft.vars, parts, (files) => files.host(draft.name)),
      implicit: false,
    });
    const file = builder.sources.get(draft.name) ?? "";
    let place = places.get(file);
    if (place === undefined) {
      place = { file, dir: existsSync(file) ? dirname(file) : "" };
      places.set(file, place);
    }
    sources.set(draft.name, place);
  }
  const implicit = new Map<string, Host>();
  for (const name of LOCALHOST) {
    if (hosts.has(name)) continue;
    const inline = dictOf({
      ...(python === undefined ? {} : { ansible_python_interpreter: python }),
      ansible_connection: "local",
    });
    const vars = sourced(inline, parts, (files) => files.host(name));
    // It is in no group, but variables of `all` are everybody's.
    implicit.set(name, { name, groups: ["all"], ...vars, implicit: true });
  }
  return { hosts, groups, sources, implicit, precedence };
}

/** What stands beside inventory and playbooks of a group or a host; files that cannot be used are the fault of whoever needs them. */
function sourced(
  inline: Dict,
  { beside, playbooks }: Pick<Parts, "beside" | "playbooks">,
  read: (files: EntityVars) => Dict | undefined,
): Pick<Group, "vars" | "broken"> {
  const broken = new Map<string, BrokenVars>();
  const readFrom = (files: EntityVars, place: string): Dict | undefined => {
    const found = orBroken(() => read(files));
    if (found === undefined || found instanceof Map) return found;
    broken.set(place, found);
    return undefined;
  };
  const adjacent = readFrom(beside, "");
  let playbook: Map<string, Dict> | undefined;
  for (const [place, files] of playbooks) {
    const found = readFrom(files, place);
    if (found === undefined) continue;
    playbook ??= new Map();
    playbook.set(place, found);
  }
  const vars = {
    inline: inline.size === 0 ? EMPTY : inline,
    beside: adjacent ?? EMPTY,
    playbook: playbook ?? NOWHERE,
  };
  return broken.size === 0 ? { vars } : { vars, broken };
}

const NOWHERE: ReadonlyMap<string, Dict> = new Map();

/** Length of the longest way from `all`. */
function depthsOf(groups: ReadonlyMap<string, GroupDraft>): Map<string, number> {
  const depths = new Map<string, number>();
  const depth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    let deepest = -1;
    for (const parent of groups.get(name)?.parents ?? [])
      deepest = Math.max(deepest, depth(parent));
    depths.set(name, deepest + 1);
    return deepest + 1;
  };
  for (const name of groups.keys()) depth(name);
  return depths;
}

/** All groups of a host in merge order; hosts that are in the same groups share one list. */
function createLineages(
  groups: ReadonlyMap<string, Group>,
): (direct: ReadonlySet<string>) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (direct) => {
    const key = [...direct].join("\0");
    let found = known.get(key);
    if (found === undefined) {
      const all = new Set<string>();
      const open = [...direct];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (all.has(name)) continue;
        all.add(name);
        open.push(...(groups.get(name)?.parents ?? []));
      }
      all.add("all");
      found = [...all]
        .map((name) => groups.get(name) as Group)
        .sort(byMergeOrder)
        .map((group) => group.name);
      known.set(key, found);
    }
    return found;
  };
}

function byMergeOrder(left: Group, right: Group): number {
  return (
    left.depth - right.depth ||
    left.priority - right.priority ||
    (left.name < right.name ? -1 : left.name > right.name ? 1 : 0)
  );
}

function once(warn: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    warn(text);
  };
}
