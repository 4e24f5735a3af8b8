import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

const found = new Map<string, string>();

/**
 * The path of a program of the controller. What was found stays found: a connection is asked for with each task.
 *
 * @throws Error in the words of the connection plugins
 */
export function findProgram(name: string, path = process.env["PATH"] ?? ""): string {
  if (isAbsolute(name)) return name;
  const key = `${path}\0${name}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  // Ansible looks there, too (module_utils/common/process.py, get_bin_path).
  for (const folder of [...path.split(delimiter), "/sbin", "/usr/sbin", "/usr/local/sbin"]) {
    const file = join(folder, name);
    if (folder === "" || !isProgram(file)) continue;
    found.set(key, file);
    return file;
  }
  throw new Error(`${name} command not found in PATH`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
