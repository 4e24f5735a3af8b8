import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { expandUser } from "../load/path.ts";
import type { Task } from "../model/play.ts";

/** Folders in which a task's files are searched: its role's (and the roles' that pulled it in), its own file's, the play's. */
export function searchPath(task: Task | undefined, playbookDir: string): readonly string[] {
  const folders: string[] = [];
  if (task?.role !== undefined) {
    folders.push(task.role.path);
    for (let i = task.role.parents.length - 1; i >= 0; i--)
      folders.push(task.role.parents[i]!.path);
  }
  if (task !== undefined) folders.push(dirname(task.origin.file));
  folders.push(playbookDir);
  return [...new Set(folders)];
}

/**
 * A file that the playbook brings along (ansible/parsing/dataloader.py, path_dwim_relative_stack): in each folder of the
 * search path first below `kind`, then directly.
 *
 * @throws Error that lists where it looked.
 */
export function findFile(kind: string, name: string, folders: readonly string[]): string {
  const wanted = expandUser(name);
  const tried = isAbsolute(wanted)
    ? [wanted]
    : folders.flatMap((folder) => {
        // Below a role's tasks/ the role comes first.
        const above = dirname(folder);
        return above.endsWith("/tasks")
          ? [join(dirname(above), kind, wanted), join(above, wanted)]
          : [join(folder, kind, wanted), join(folder, wanted)];
      });
  for (const path of tried) if (existsSync(path)) return path;
  const list = tried.map((path) => `\n\t${path}`).join("");
  throw new Error(
    `Could not find or access '${name}'\nSearched in:${list} on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option`,
  );
}
