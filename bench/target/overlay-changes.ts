import { execFile } from "node:child_process";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Tree, toTree } from "./tree.ts";

const run = promisify(execFile);

/** One line for each entry: path, type, mode, owner, group, link, and for a file its checksum. Null bytes between them. */
const LIST = `
list() {
  [ -d "$1" ] || return 0
  cd "$1"
  find . -mindepth 1 \\( -type c -printf "$2/%P\\tdeleted\\0" -o -printf "$2/%P\\t%y %m %U %G %l\\0" \\)
  find . -type f -exec sha256sum -z {} + | sed -z "s#^\\\\\\\\\\{0,1\\}\\\\([0-9a-f]*\\\\)  \\\\./\\\\(.*\\\\)\\$#$2/\\\\2\\tsha256 \\\\1#"
}
list "$1/upper" ""
list "$1/root/home" /home
list "$1/root/tmp" /tmp
`;

/**
 * What differs between the machine and the copy of it that runs under this process, as `sandbox.sh` made it.
 *
 * @throws Error when the copy is gone.
 */
export async function overlayChanges(pid: number, directory: string): Promise<Tree> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const inside = children.trim().split(" ")[0];
  if (!inside) throw new Error("the copy of this machine has ended: nothing of it is left");
  const args = [
    "--target",
    inside,
    "--mount",
    "--",
    "sh",
    "-c",
    LIST,
    "sh",
    join(directory, "layers"),
  ];
  const { stdout } = await run("nsenter", args, { maxBuffer: 1 << 30 });
  const changed: Record<string, string> = {};
  for (const [path, text] of Object.entries(toTree(stdout, "\0"))) {
    // A folder on the way to what was changed is in the overlay too.
    const isOnTheWay = /^d /.test(text) && (await isAsHere(path, text));
    if (!path.startsWith(directory) && !isOnTheWay) changed[path] = text;
  }
  return changed;
}

async function isAsHere(path: string, text: string): Promise<boolean> {
  const [, mode, uid, gid] = text.split(" ");
  const here = await lstat(path).catch(() => undefined);
  return (
    here?.isDirectory() === true &&
    (here.mode & 0o7777).toString(8) === mode &&
    [here.uid, here.gid].join(" ") === [uid, gid].join(" ")
  );
}
