import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { KnownHostsEntry, KnownHostsIndex } from "./known-hosts.ts";
import { createKnownHostsIndex, parseKnownHosts } from "./known-hosts.ts";

/** The known_hosts files of a process, read once. */
export interface KnownHostsFiles {
  /** Entries of several files; a file that does not exist has none. */
  index(paths: readonly string[]): Promise<KnownHostsIndex>;
  /** Adds a line to a file, and to what is known from now on. */
  learn(path: string, line: string): Promise<void>;
}

/** Makes a {@link KnownHostsFiles}. */
export function createKnownHostsFiles(): KnownHostsFiles {
  const files = new Map<string, Promise<readonly KnownHostsEntry[]>>();
  const indexes = new Map<string, Promise<KnownHostsIndex>>();
  const entriesOf = (path: string) => {
    let entries = files.get(path);
    if (entries === undefined) {
      entries = readEntries(path);
      files.set(path, entries);
    }
    return entries;
  };
  return {
    index(paths) {
      const id = paths.join("\0");
      let index = indexes.get(id);
      if (index === undefined) {
        index = Promise.all(paths.map(entriesOf)).then((all) => createKnownHostsIndex(all.flat()));
        indexes.set(id, index);
      }
      return index;
    },
    async learn(path, line) {
      const known = entriesOf(path);
      files.set(
        path,
        known.then((entries) => [...entries, ...parseKnownHosts(line, path).entries]),
      );
      indexes.clear();
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await appendFile(path, `${line}\n`, { mode: 0o600 });
    },
  };
}

async function readEntries(path: string): Promise<readonly KnownHostsEntry[]> {
  try {
    return parseKnownHosts(await readFile(path, "utf8"), path).entries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`the known_hosts file ${path} cannot be read: ${(error as Error).message}`);
  }
}
