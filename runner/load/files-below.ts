import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { isDirectory } from "./file-kind.ts";

/** YAML and JSON files of a directory of variables, in the order in which Ansible merges them (`parsing/dataloader.py`). */
export function filesBelow(directory: string): string[] {
  const files: string[] = [];
  for (const name of readdirSync(directory).sort()) {
    if (name.startsWith(".") || name.endsWith("~")) continue;
    const path = join(directory, name);
    const extension = extname(name);
    if (isDirectory(path)) {
      if (extension === "") files.push(...filesBelow(path));
    } else if (extension === "" || [".yml", ".yaml", ".json"].includes(extension)) files.push(path);
  }
  return files;
}
