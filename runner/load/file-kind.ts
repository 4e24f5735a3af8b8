import { type Stats, statSync } from "node:fs";

/** Whether there is a directory at a path; false for paths that cannot be looked at. */
export function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Whether there is a plain file, or a link to one. */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false;
}

/** Whether there is anything. */
export function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Too long a name (a list of hosts), a file where a directory should be, a directory closed to us: nothing to be used.
    return undefined;
  }
}
