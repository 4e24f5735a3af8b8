import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exists, isDirectory } from "../load/file-kind.ts";
import { filesBelow } from "../load/files-below.ts";
import { loadVarsFile } from "../load/vars-file.ts";
import type { DuplicateKeys } from "../load/yaml.ts";
import type { Dict } from "../model/value.ts";
import { combineInto } from "../vars/combine.ts";

/** Variables of groups and hosts from group_vars/ and host_vars/ of some directories. */
export interface EntityVars {
  /** Undefined when no file speaks of it. */
  group(name: string): Dict | undefined;
  host(name: string): Dict | undefined;
}

export interface EntityVarsOptions {
  readonly warn: (text: string) => void;
  /** Whether dicts of the same name become one (hash_behaviour). */
  readonly merge: boolean;
  readonly duplicateKeys: DuplicateKeys;
}

/** Where there is no such directory. */
export const NO_ENTITY_VARS: EntityVars = { group: () => undefined, host: () => undefined };

/**
 * Looks into group_vars/ and host_vars/ of directories, later ones first in rank (`plugins/vars/host_group_vars.py`).
 * Each directory is listed once, so that hosts without a file cost a lookup in a table.
 *
 * @throws LoadError when a file is asked for and cannot be used
 */
export function createEntityVars(
  directories: readonly string[],
  { warn, merge, duplicateKeys }: EntityVarsOptions,
): EntityVars {
  // One that is named again counts where it is named last.
  const unique = [...new Set(directories.toReversed())].toReversed();
  const groups = unique
    .map((directory) => indexOf(directory, "group_vars", warn))
    .filter((index) => index !== undefined);
  const hosts = unique
    .map((directory) => indexOf(directory, "host_vars", warn))
    .filter((index) => index !== undefined);
  const cache = new Map<string, Dict>();
  const read = (file: string): Dict => {
    let found = cache.get(file);
    if (found === undefined) {
      found = loadVarsFile(file, { warn, duplicateKeys });
      cache.set(file, found);
    }
    return found;
  };
  const find = (indexes: readonly Index[], name: string): Dict | undefined => {
    let result: Dict | undefined;
    for (const index of indexes) {
      for (const file of filesOf(index, name)) {
        result ??= new Map();
        combineInto(result, read(file), merge);
      }
    }
    return result;
  };
  return { group: (name) => find(groups, name), host: (name) => find(hosts, name) };
}

interface Index {
  readonly directory: string;
  readonly entries: ReadonlySet<string>;
}

const EXTENSIONS = ["", ".yml", ".yaml", ".json"];

function indexOf(
  directory: string,
  subdir: string,
  warn: (text: string) => void,
): Index | undefined {
  const path = join(directory, subdir);
  if (!exists(path)) return undefined;
  if (!isDirectory(path)) {
    warn(`Found ${subdir} that is not a directory, skipping: ${path}`);
    return undefined;
  }
  const real = realpathSync(path);
  return { directory: real, entries: new Set(readdirSync(real)) };
}

/** The first that exists of NAME, NAME.yml, NAME.yaml, NAME.json; of a directory, all files in it. */
function filesOf(index: Index, name: string): string[] {
  if (name.startsWith("/")) return [];
  for (const extension of EXTENSIONS) {
    if (!index.entries.has(name + extension)) continue;
    const path = join(index.directory, name + extension);
    return isDirectory(path) ? filesBelow(path) : [path];
  }
  return [];
}
