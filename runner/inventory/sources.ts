import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { isDirectory, isFile } from "../load/file-kind.ts";
import type { Settings } from "../load/settings.ts";
import { LoadError, readText } from "../load/source.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { expandHosts, parseAddress } from "./address.ts";
import type { InventoryBuilder } from "./builder.ts";
import { parseIniInventory } from "./ini.ts";
import { DECLINED, parsePluginInventory } from "./plugin.ts";
import { parseScriptInventory } from "./script.ts";
import { inventoryPluginOf, parseYamlInventory } from "./yaml.ts";

/** What reading sources needs. */
export interface SourceReader {
  readonly builder: InventoryBuilder;
  readonly warn: (text: string) => void;
  readonly settings: Settings;
  /** Runs plugins that exist only in Python. */
  readonly host: PluginHost | undefined;
  /** Sources that were read. */
  readonly done: string[];
}

/** What never is an inventory in a directory of inventories. */
const NEVER_SOURCES = /^\.|^host_vars$|^group_vars$|^vars_plugins$/;

/**
 * Reads a source with the first enabled plugin that can; a directory's entries one after the other, by name
 * (`InventoryManager.parse_source` of `inventory/manager.py`).
 *
 * @returns whether anything of it could be read; what could not is warned about.
 * @throws LoadError where the settings make that an error, and for plugins that skein does not have.
 */
export function readSource(source: string, reader: SourceReader): boolean {
  const { settings, warn } = reader;
  if (isDirectory(source)) {
    const patterns = settings.inventoryIgnorePatterns.value.map((pattern) => new RegExp(pattern));
    let parsed = false;
    for (const name of readdirSync(source).sort()) {
      if (NEVER_SOURCES.test(name) || patterns.some((pattern) => pattern.test(name))) continue;
      const ignored = settings.inventoryIgnoreExtensions.value;
      if (ignored.some((extension) => name.endsWith(extension))) continue;
      parsed = readSource(join(source, name), reader) || parsed;
    }
    return parsed;
  }
  reader.builder.startSource(source);
  const failures: (readonly [plugin: string, error: unknown])[] = [];
  for (const name of enabledPlugins(settings)) {
    try {
      if (!tryPlugin(name, source, reader)) continue;
      reader.done.push(source);
      return true;
    } catch (error) {
      if (error instanceof UnsupportedPlugin)
        throw new LoadError(error.message, undefined, {
          hint: "Write the hosts to a file, or let a script print them (--list).",
        });
      failures.push([name, error]);
    }
  }
  // The default source need not be there.
  if (source === "/etc/ansible/hosts" && !existsSync(source)) return false;
  for (const [plugin, error] of failures)
    warn(`\n* Failed to parse ${source} with ${plugin} plugin: ${detailOf(error)}`);
  if (settings.inventoryAnyUnparsedIsFailed.value)
    throw new LoadError(`Completely failed to parse inventory source ${source}`);
  warn(`Unable to parse ${source} as an inventory source`);
  return false;
}

class UnsupportedPlugin extends Error {}

/** A plugin that was spared: what is wrong with the source is found out when somebody must be told. */
class NotTried extends Error {
  readonly attempt: () => void;
  constructor(attempt: () => void) {
    super();
    this.attempt = attempt;
  }
}

function detailOf(error: unknown): string {
  if (error instanceof NotTried) {
    try {
      error.attempt();
    } catch (found) {
      return detailOf(found);
    }
  }
  if (error instanceof LoadError) return error.message.replace(/^ERROR! /, "");
  if (error instanceof Error) return error.message;
  throw error;
}

/** Short names, since the plugins of ansible.builtin are ours. */
function enabledPlugins(settings: Settings): readonly string[] {
  return settings.inventoryEnabled.value.map((name) =>
    name.replace(/^ansible\.(?:builtin|legacy)\./, ""),
  );
}

/** Gives DECLINED when it turns out not to want the source. */
type Parse = (source: string, reader: SourceReader) => unknown;

/** Our plugins: whether they want a source, and how they read it. */
const PLUGINS: Readonly<Record<string, readonly [(source: string) => boolean, Parse]>> = {
  host_list: [isHostList, (source, { builder }) => addHostList(source, builder, false)],
  advanced_host_list: [isHostList, (source, { builder }) => addHostList(source, builder, true)],
  script: [mayRun, (source, { builder }) => parseScriptInventory(source, builder)],
  auto: [(source) => /\.ya?ml$/.test(source) && existsSync(source), parseAuto],
  yaml: [
    (source) => ["", ".yml", ".yaml", ".json"].includes(extname(source)) && existsSync(source),
    parseYaml,
  ],
  ini: [existsSync, (source, { builder }) => parseIniInventory(readText(source), source, builder)],
};

function tryPlugin(name: string, source: string, reader: SourceReader): boolean {
  const own = PLUGINS[name];
  if (own === undefined) {
    // The one of ansible.builtin that is left to Python is told by the name.
    if (name === "toml" && !(source.endsWith(".toml") && existsSync(source))) return false;
    return inPython(name, source, reader) !== DECLINED;
  }
  const [wants, parse] = own;
  return wants(source) && parse(source, reader) !== DECLINED;
}

function inPython(name: string, source: string, { host, done, builder }: SourceReader): unknown {
  if (host === undefined)
    throw new UnsupportedPlugin(`the inventory plugin '${name}' cannot be run here`);
  return parsePluginInventory(host, name, source, done, builder);
}

function parseAuto(source: string, reader: SourceReader): unknown {
  if (inventoryPluginOf(readText(source)) !== undefined) return inPython("auto", source, reader);
  throw new Error(
    `no root 'plugin' key found, '${source}' is not a valid YAML inventory plugin config file`,
  );
}

function parseYaml(source: string, { builder, warn, settings }: SourceReader): void {
  const text = readText(source);
  // Spares INI files of many hosts the YAML parser, where INI gets its turn.
  if (extname(source) === "" && !mayBeYaml(text) && enabledPlugins(settings).includes("ini"))
    throw new NotTried(() => parseYamlInventory(text, source, builder, warn));
  parseYamlInventory(text, source, builder, warn);
}

/** A mapping starts with a key or a bracket. */
function mayBeYaml(text: string): boolean {
  const first = /^(?!\s*(?:[#;]|$)|---\s*$)(.*)$/m.exec(text)?.[1] ?? "";
  return /:(?:\s|$)/.test(first) || /^\s*[{"'&!?%]/.test(first) || first.startsWith("--- ");
}

function isHostList(source: string): boolean {
  return source.includes(",") && !existsSync(source);
}

function addHostList(source: string, builder: InventoryBuilder, ranges: boolean): void {
  for (const part of source.split(",")) {
    const text = part.trim();
    if (text === "") continue;
    const { hosts, port } = ranges ? expandHosts(text) : plainAddress(text);
    for (const host of hosts)
      if (!builder.hosts.has(host)) builder.addHost(host, "ungrouped", port);
  }
}

function plainAddress(text: string): {
  readonly hosts: readonly string[];
  readonly port: number | undefined;
} {
  const address = parseAddress(text, false);
  return { hosts: [address?.host ?? text], port: address?.port };
}

function mayRun(file: string): boolean {
  if (!isFile(file)) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return readFileSync(file).subarray(0, 2).toString("latin1") === "#!";
  }
}
