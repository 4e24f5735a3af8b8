import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolders } from "../load/make-folders.ts";

/**
 * Writes a file of the controller, with the folders above it.
 *
 * @throws Error with Ansible's words for folders that cannot be made (`makedirs_safe` of ansible/utils/path.py) and files
 * that cannot be written (`fetch_file` of ansible/plugins/connection/local.py).
 */
export function writeLocalFile(path: string, data: Uint8Array): void {
  const folder = dirname(path);
  try {
    makeFolders(folder);
  } catch (cause) {
    throw new Error(`Unable to create local directories(${folder}): ${pythonWords(cause)}`, {
      cause,
    });
  }
  try {
    writeFileSync(path, data);
  } catch (cause) {
    throw new Error(`failed to transfer file to ${path}: ${pythonWords(cause)}`, { cause });
  }
}

function pythonWords(error: unknown): string {
  const { code = "", errno = 0, path, message } = error as NodeJS.ErrnoException;
  const words = WORDS.get(code);
  if (words === undefined) return message;
  const where = path === undefined ? "" : `: b'${path}'`;
  return `[Errno ${Math.abs(errno)}] ${words}${where}`;
}

/** The system's names of errors (`strerror`), which Python shows and Node has words of its own for. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "Permission denied"],
  ["EDQUOT", "Disk quota exceeded"],
  ["EFBIG", "File too large"],
  ["EIO", "Input/output error"],
  ["EISDIR", "Is a directory"],
  ["ENAMETOOLONG", "File name too long"],
  ["ENOENT", "No such file or directory"],
  ["ENOSPC", "No space left on device"],
  ["ENOTDIR", "Not a directory"],
  ["EPERM", "Operation not permitted"],
  ["EROFS", "Read-only file system"],
]);
