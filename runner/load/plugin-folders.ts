import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isDirectory } from "./file-kind.ts";

/** Folders that hold modules, or action plugins, in the order in which they are searched. */
export interface PluginFolders {
  /** The folders now. Another array than last time when there are more. */
  now(): readonly string[];
}

/**
 * The folders of one kind: those beside playbooks and in roles, in the order in which these were loaded, whoever asks;
 * then the configured ones, their subfolders first, two levels of them (`_get_paths_with_context` of ansible/plugins/loader.py).
 *
 * @param loaded directories of the playbooks and roles loaded so far; may grow
 */
export function createPluginFolders(
  kind: "library" | "action_plugins",
  loaded: () => readonly string[],
  configured: readonly string[],
): PluginFolders {
  const last = [...new Set(configured.flatMap(withSubfolders))];
  const found: string[] = [];
  let seen = 0;
  let all: readonly string[] = last;
  return {
    now() {
      const directories = loaded();
      if (directories.length === seen) return all;
      const more = directories
        .slice(seen)
        .map((directory) => join(directory, kind))
        .filter(isDirectory);
      seen = directories.length;
      if (more.length === 0) return all;
      found.push(...more);
      all = [...found, ...last];
      return all;
    },
  };
}

function withSubfolders(folder: string): readonly string[] {
  const first = subfolders(folder);
  return [...first, ...first.flatMap(subfolders), folder];
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .map((name) => join(folder, name))
      .filter(isDirectory);
  } catch {
    return [];
  }
}
