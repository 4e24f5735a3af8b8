import { readdirSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { type ConfigLine, parseConfigFile } from "./config-file.ts";
import type { SshWorld } from "./resolve-ssh.ts";

/** The world of this process. Files are read once. */
export function createSshWorld(env: Readonly<Record<string, string | undefined>>): SshWorld {
  const files = new Map<string, readonly ConfigLine[]>();
  return {
    home: homedir(),
    user: userInfo().username,
    env,
    configFile(path) {
      let lines = files.get(path);
      if (lines === undefined) {
        lines = readLines(path);
        files.set(path, lines);
      }
      return lines;
    },
    glob,
  };
}

function readLines(path: string): readonly ConfigLine[] {
  try {
    return parseConfigFile(readFileSync(path, "utf8"), path);
  } catch {
    // ssh goes without it, too.
    return [];
  }
}

/** Wildcards in the last part of a path: what `Include` is used with. */
function glob(pattern: string): readonly string[] {
  const folder = dirname(pattern);
  const name = basename(pattern);
  if (!/[*?[]/.test(pattern)) return [pattern];
  if (/[*?[]/.test(folder)) return glob(folder).flatMap((each) => glob(join(each, name)));
  const source = name
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const regex = new RegExp(`^${source}$`);
  try {
    return readdirSync(folder)
      .filter((each) => regex.test(each) && (name.startsWith(".") || !each.startsWith(".")))
      .sort()
      .map((each) => join(folder, each));
  } catch {
    return [];
  }
}
