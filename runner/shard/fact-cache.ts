import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringifyJson } from "../model/json.ts";
import { JsonError, parseJson } from "../model/json-reader.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { openText } from "../vault/keyring.ts";

/** Facts that outlive the run (`fact_caching`), by host. */
export interface FactCache {
  /** What is known of a host, or undefined when that is nothing or too old. @throws Error for a file that is no JSON. */
  load(host: string): Dict | undefined;
  /** Adds to what is known of a host. */
  update(host: string, facts: Dict): void;
  forget(host: string): void;
}

/** Settings of the cache: facts last as long as the run, or are kept in files of a directory, or by a plugin in Python. */
export interface FactCacheSettings {
  readonly kind: "none" | "files" | "plugin";
  readonly plugin: string;
  readonly directory: string | undefined;
  readonly prefix: string;
  /** Seconds; 0 for ever. */
  readonly timeout: number;
}

/** The cache of the settings. The directory is there. */
export function createFactCache(
  settings: FactCacheSettings,
  plugins: Pick<PluginHost, "cache">,
): FactCache {
  if (settings.kind === "plugin") return cacheOf(pluginStore(settings.plugin, plugins));
  if (settings.directory === undefined)
    return { load: () => undefined, update: () => undefined, forget: () => undefined };
  return cacheOf(fileStore(settings.directory, settings));
}

/** Where facts are kept, as they are written there. */
interface Store {
  read(host: string): Dict | undefined;
  write(host: string, facts: Dict): void;
  remove(host: string): void;
}

/** What was read once in a run stays known; what is encrypted stays so in the store. */
function cacheOf(store: Store): FactCache {
  const known = new Map<string, Dict>();
  const load = (host: string): Dict | undefined => {
    let facts = known.get(host);
    if (facts !== undefined) return facts;
    facts = store.read(host);
    if (facts === undefined) return undefined;
    facts = each(facts, unsealed);
    known.set(host, facts);
    return facts;
  };
  return {
    load,
    update(host, facts) {
      const all: Dict = new Map([...(load(host) ?? []), ...facts]);
      known.set(host, all);
      store.write(host, each(all, sealed));
    },
    forget(host) {
      known.delete(host);
      store.remove(host);
    },
  };
}

function pluginStore(plugin: string, plugins: Pick<PluginHost, "cache">): Store {
  return {
    read: (host) => plugins.cache(plugin, { kind: "get", host }),
    write: (host, facts) => void plugins.cache(plugin, { kind: "set", host, facts }),
    remove: (host) => void plugins.cache(plugin, { kind: "delete", host }),
  };
}

/**
 * Files of JSON in a directory, as Ansible's `jsonfile` keeps them (ansible/plugins/cache/__init__.py, jsonfile.py): both can
 * use the same directory.
 */
function fileStore(
  directory: string,
  { prefix, timeout }: Pick<FactCacheSettings, "prefix" | "timeout">,
): Store {
  // A host's name comes from the inventory and must not lead out of the directory.
  const fileOf = (host: string): string => join(directory, (prefix + host).replaceAll("/", "_"));
  const read = (host: string): Dict | undefined => {
    const file = fileOf(host);
    let text: string;
    try {
      if (timeout > 0 && Date.now() / 1000 - statSync(file).mtimeMs / 1000 > timeout)
        return undefined;
      text = readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
    try {
      const facts = parseJson(text);
      if (isDict(facts)) return facts;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
    unlinkSync(file);
    throw new Error(
      `The cache file ${file} was corrupt, or did not otherwise contain valid data. It has been removed, so you can re-run your command now.`,
    );
  };
  return {
    read,
    write(host, facts) {
      const file = fileOf(host);
      const part = `${file}.${process.pid}.part`;
      writeFileSync(part, stringifyJson(facts), { mode: 0o600 });
      renameSync(part, file);
    },
    remove(host) {
      try {
        unlinkSync(fileOf(host));
      } catch {
        // There was none.
      }
    },
  };
}

/** Encrypted text stays so in the file. */
function sealed(value: Value): Value {
  return value instanceof VaultText ? new Map([[SEALED, value.ciphertext]]) : value;
}

function unsealed(value: Value): Value {
  const ciphertext = isDict(value) && value.size === 1 ? value.get(SEALED) : undefined;
  return typeof ciphertext === "string" ? new VaultText(ciphertext, openText) : value;
}

const SEALED = "__ansible_vault";

function each(facts: Dict, change: (value: Value) => Value): Dict {
  return new Map([...facts].map(([name, value]) => [name, change(value)]));
}
