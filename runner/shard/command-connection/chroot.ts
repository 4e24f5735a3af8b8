import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CommandInput, CommandLine } from "./command-plugin.ts";

/** A tree on this machine that can be a root (community.general, plugins/connection/chroot.py). @throws Error in its words */
export function chroot({ host, variable, defaults, program }: CommandInput): CommandLine {
  const root = variable("ansible_host") ?? host;
  if (process.geteuid?.() !== 0) throw new Error("chroot connection requires running as root");
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`${root} is not a directory`);
  if (!hasShell(root))
    throw new Error(`${root} does not look like a chrootable dir (/bin/sh missing)`);
  const shell = variable("ansible_executable") ?? defaults.executable;
  return [program(variable("ansible_chroot_exe") ?? defaults.chrootExe), root, shell, "-c"];
}

/** Where a link leads is known only inside: any link will do. */
function hasShell(root: string): boolean {
  const found = lstatSync(join(root, "bin/sh"), { throwIfNoEntry: false });
  return found !== undefined && (found.isSymbolicLink() || (found.mode & 0o111) !== 0);
}
