import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { isDirectory, isFile } from "../load/file-kind.ts";
import { expandPath } from "../load/path.ts";
import type { Settings } from "../load/settings.ts";
import { LoadError, readText } from "../load/source.ts";
import type { Group, Host, Inventory, InventoryChange, SourcedVars } from "../model/host.ts";
import type { Dict } from "../model/value.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { parseAddress } from "./address.ts";
import { createInventoryBuilder, type GroupDraft, type InventoryBuilder } from "./builder.ts";
import { applyChange } from "./change.ts";
import { createEntityVars, type EntityVars } from "./entity-vars.ts";
import { parseIniInventory } from "./ini.ts";
import { DECLINED, parsePluginInventory } from "./plugin.ts";
import { parseScriptInventory } from "./script.ts";
import { createVarsPlugins, mixed, type VarsPlugins } from "./vars-plugins.ts";
import { inventoryPluginOf, parseYamlInventory } from "./yaml.ts";

export interface InventoryInput {
  /** Paths of files, scripts and directories, or `host,host` lists; later ones first in rank. */
  readonly sources: readonly string[];
  /** Directories of the playbooks, whose group_vars/ and host_vars/ count too. */
  readonly playbookDirs: readonly string[];
  readonly settings: Settings;
  readonly warn: (text: string) => void;
  readonly cwd?: string;
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
 * @throws LoadError where the settings make an unparsed source an error, for inventory plugins in Python, and for broken
 * group_vars or host_vars. Behaviour: `inventory/manager.py`, `inventory/data.py`.
 */
export function loadInventory(input: InventoryInput): Inventory {
  return readInventory(input).inventory();
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
  /** Reads the sources again; what the run added stays (`refresh_inventory` of `inventory/manager.py`). */
  refresh(): void;
}

/** Loads an inventory to which add_host and group_by can add. @throws as loadInventory. */
export function createLiveInventory(input: InventoryInput): LiveInventory {
  let reader = readInventory(input);
  let current: Inventory | undefined = reader.inventory();
  let version = 0;
  const changes: InventoryChange[] = [];
  return {
    get current() {
      // Made anew when it is looked at: a loop of add_host pays once.
      current ??= reader.inventory();
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
    refresh() {
      reader = readInventory(input);
      for (const change of changes) applyChange(reader.builder, change);
      version++;
      current = undefined;
    },
  };
}

interface ReadInventory {
  readonly builder: InventoryBuilder;
  /** The inventory as the builder has it now. */
  inventory(): Inventory;
}

function readInventory(input: InventoryInput): ReadInventory {
  const cwd = input.cwd ?? process.cwd();
  const warn = once(input.warn);
  const builder = createInventoryBuilder(warn);
  const reader: SourceReader = {
    builder,
    warn,
    settings: input.settings,
    host: input.plugins?.host,
    done: [],
  };
  const sources = input.sources
    .filter((source) => source !== "")
    .map((source) => (source.includes(",") ? source : expandPath(source, cwd)));
  let parsed = false;
  for (const source of sources) parsed = readSource(source, reader) || parsed;
  if (!parsed) {
    if (input.settings.inventoryUnparsedIsFailed.value) {
      throw new LoadError("No inventory was parsed, please check your configuration and options.");
    }
    if (input.settings.inventoryUnparsedWarning.value) {
      input.warn("No inventory was parsed, only implicit localhost is available");
    }
  }
  builder.reconcile();
  const besides = sources.map(directoryOf).filter((directory) => directory !== undefined);
  const playbooks = input.playbookDirs.map((directory) => resolve(cwd, directory));
  const said = varsPluginsOf(input, builder);
  said?.addToInventory(besides);
  const beside = mixed(createEntityVars(besides, warn), said, besides);
  const playbook = mixed(createEntityVars(playbooks, warn), said, playbooks);
  return {
    builder,
    inventory() {
      builder.reconcile();
      return finish(builder, beside, playbook);
    },
  };
}

function varsPluginsOf(
  { plugins, settings }: InventoryInput,
  builder: InventoryBuilder,
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
  });
}

interface SourceReader {
  readonly builder: InventoryBuilder;
  readonly warn: (text: string) => void;
  readonly settings: Settings;
  readonly host: PluginHost | undefined;
  /** Sources that were read. */
  readonly done: string[];
}

const EMPTY: Dict = new Map();
/** What never is an inventory in a directory of inventories. */
const NEVER_SOURCES = /^\.|^host_vars$|^group_vars$|^vars_plugins$/;

function readSource(source: string, reader: SourceReader): boolean {
  if (isDirectory(source)) {
    const { inventoryIgnoreExtensions, inventoryIgnorePatterns } = reader.settings;
    const patterns = inventoryIgnorePatterns.value.map((pattern) => new RegExp(pattern));
    let parsed = false;
    for (const name of readdirSync(source).sort()) {
      if (NEVER_SOURCES.test(name) || patterns.some((pattern) => pattern.test(name))) continue;
      if (inventoryIgnoreExtensions.value.some((extension) => name.endsWith(extension))) continue;
      parsed = readSource(join(source, name), reader) || parsed;
    }
    return parsed;
  }
  reader.builder.startSource(source);
  const failures: string[] = [];
  for (const [plugin, parse] of parsersFor(source, reader)) {
    try {
      if (parse() === DECLINED) continue;
      reader.done.push(source);
      return true;
    } catch (error) {
      if (error instanceof UnsupportedPlugin)
        throw new LoadError(error.message, undefined, {
          hint: "Write the hosts to a file, or let a script print them (--list).",
        });
      if (!(error instanceof Error)) throw error;
      const detail =
        error instanceof LoadError ? error.message.replace(/^ERROR! /, "") : error.message;
      failures.push(`\n* Failed to parse ${source} with ${plugin} plugin: ${detail}`);
    }
  }
  if (source === "/etc/ansible/hosts" && !existsSync(source)) return false;
  for (const failure of failures) reader.warn(failure);
  if (reader.settings.inventoryAnyUnparsedIsFailed.value) {
    throw new LoadError(`Completely failed to parse inventory source ${source}`);
  }
  reader.warn(`Unable to parse ${source} as an inventory source`);
  return false;
}

class UnsupportedPlugin extends Error {}

type Parse = () => unknown;

/** What is here without Python. */
const NATIVE: ReadonlySet<string> = new Set(["host_list", "script", "auto", "yaml", "ini"]);

/** Formats to try on a source, in Ansible's order. */
function* parsersFor(source: string, reader: SourceReader): Generator<readonly [string, Parse]> {
  const { builder, settings, host, done } = reader;
  const enabled = settings.inventoryEnabled.value.map((name) =>
    name.replace(/^ansible\.builtin\./, ""),
  );
  const inPython = (name: string): readonly [string, Parse] => [
    name,
    () => {
      if (host === undefined)
        throw new UnsupportedPlugin(`the inventory plugin '${name}' cannot be run here`);
      return parsePluginInventory(host, name, source, done, builder);
    },
  ];
  const files = enabled.findIndex((name) => name === "yaml" || name === "ini");
  const others = enabled.filter(
    (name) => !NATIVE.has(name) && (name !== "toml" || extname(source) === ".toml"),
  );
  yield* others.filter((name) => enabled.indexOf(name) < files).map(inPython);
  yield* nativeParsers(source, reader, inPython);
  yield* others.filter((name) => enabled.indexOf(name) >= files).map(inPython);
}

/** Formats that are read here. */
function* nativeParsers(
  source: string,
  { builder, warn }: SourceReader,
  inPython: (name: string) => readonly [string, Parse],
): Generator<readonly [string, Parse]> {
  if (!existsSync(source)) {
    if (source.includes(",")) yield ["host_list", () => addHostList(source, builder)];
    return;
  }
  if (mayRun(source)) yield ["script", () => parseScriptInventory(source, builder)];
  const text = readText(source);
  const extension = extname(source);
  if (extension === ".yml" || extension === ".yaml") {
    if (inventoryPluginOf(text) !== undefined) yield inPython("auto");
    else
      yield [
        "auto",
        () => {
          throw new Error(
            `no root 'plugin' key found, '${source}' is not a valid YAML inventory plugin config file`,
          );
        },
      ];
  }
  const yaml = () => parseYamlInventory(text, source, builder, warn);
  const wantsYaml =
    extension === "" || extension === ".yml" || extension === ".yaml" || extension === ".json";
  const looksLikeYaml = extension !== "" || mayBeYaml(text);
  if (wantsYaml && looksLikeYaml) yield ["yaml", yaml];
  let iniFailure: unknown;
  yield [
    "ini",
    () => {
      try {
        parseIniInventory(text, source, builder);
      } catch (error) {
        iniFailure = error;
        throw error;
      }
    },
  ];
  // The message of the YAML parser is wanted only where nothing else fits.
  if (wantsYaml && !looksLikeYaml && iniFailure !== undefined) yield ["yaml", yaml];
}

/** Spares INI files of many hosts the YAML parser: a mapping starts with a key or a bracket. */
function mayBeYaml(text: string): boolean {
  const first = /^(?!\s*(?:[#;]|$)|---\s*$)(.*)$/m.exec(text)?.[1] ?? "";
  return /:(?:\s|$)/.test(first) || /^\s*[{"'&!?%]/.test(first) || first.startsWith("--- ");
}

function addHostList(source: string, builder: InventoryBuilder): void {
  for (const part of source.split(",")) {
    const text = part.trim();
    if (text === "") continue;
    const address = parseAddress(text, false) ?? { host: text, port: undefined };
    if (!builder.hosts.has(address.host)) builder.addHost(address.host, "ungrouped", address.port);
  }
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return isFile(file);
  } catch {
    return readFileSync(file).subarray(0, 2).toString("latin1") === "#!";
  }
}

function directoryOf(source: string): string | undefined {
  if (isDirectory(source)) return source;
  return source.includes(",") && !existsSync(source) ? undefined : dirname(source);
}

function finish(builder: InventoryBuilder, beside: EntityVars, playbook: EntityVars): Inventory {
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
      vars: sourced(draft.vars, beside.group(draft.name), playbook.group(draft.name)),
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
      vars: sourced(draft.vars, beside.host(draft.name), playbook.host(draft.name)),
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
  return { hosts, groups, sources };
}

function sourced(inline: Dict, beside: Dict | undefined, playbook: Dict | undefined): SourcedVars {
  return {
    inline: inline.size === 0 ? EMPTY : inline,
    beside: beside ?? EMPTY,
    playbook: playbook ?? EMPTY,
  };
}

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
