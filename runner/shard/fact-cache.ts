import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stringifyJson } from "../model/json.ts";
import { JsonError, parseJson } from "../model/json-reader.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { openText } from "../vault/keyring.ts";

/** Facts that outlive the run (`fact_caching`), by host. */
export interface FactCache {
  /** What is known of a host, or undefined when that is nothing or too old. @throws Error for a file that is no JSON. */
  load(host: string): Dict | undefined;
  /** Adds to what is known of a host. */
  update(host: string, facts: Dict): void;
  forget(host: string): void;
}

/** Settings of the cache; `directory` is undefined when facts last as long as the run. */
export interface FactCacheSettings {
  readonly directory: string | undefined;
  readonly prefix: string;
  /** Seconds; 0 for ever. */
  readonly timeout: number;
}

/**
 * Files of JSON in a directory, as Ansible's `jsonfile` keeps them (ansible/plugins/cache/__init__.py, jsonfile.py): both can
 * use the same directory.
 *
 * @throws Error when the directory cannot be made or used.
 */
export function createFactCache({ directory, prefix, timeout }: FactCacheSettings): FactCache {
  if (directory === undefined)
    return { load: () => undefined, update: () => undefined, forget: () => undefined };
  mkdirSync(directory, { recursive: true });
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `error in 'jsonfile' cache, configured path (${directory}) does not have necessary permissions (rwx), disabling plugin`,
      { cause },
    );
  }
  const known = new Map<string, Dict>();
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
      if (isDict(facts)) return each(facts, unsealed);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
    unlinkSync(file);
    throw new Error(
      `The cache file ${file} was corrupt, or did not otherwise contain valid data. It has been removed, so you can re-run your command now.`,
    );
  };
  return {
    load(host) {
      const facts = known.get(host) ?? read(host);
      if (facts !== undefined) known.set(host, facts);
      return facts;
    },
    update(host, facts) {
      const all: Dict = new Map([...(this.load(host) ?? []), ...facts]);
      known.set(host, all);
      const file = fileOf(host);
      const part = `${file}.${process.pid}.part`;
      writeFileSync(part, stringifyJson(each(all, sealed)), { mode: 0o600 });
      renameSync(part, file);
    },
    forget(host) {
      known.delete(host);
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
