import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Place } from "./context.ts";
import { expandPath } from "./path.ts";

/**
 * The file that an include of this name means: beside the files that lead to it (nearest first), then in
 * the role's tasks/ or handlers/, then beside the playbook. When none exists, the last candidate is
 * returned, for the message (`playbook/helpers.py`, `playbook/included_file.py`).
 */
export function findIncludedFile(name: string, place: Place): string {
  const { role, play } = place;
  if (isAbsolute(name) || name.startsWith("~")) return expandPath(name, "/");
  const subdir = place.inHandlers ? "handlers" : "tasks";
  const isRole = role !== undefined;
  let cumulative: string | undefined;
  for (const directory of place.includeDirs) {
    cumulative =
      cumulative === undefined || isAbsolute(cumulative)
        ? (cumulative ?? directory)
        : join(directory, cumulative);
    const found = isRole
      ? relativeTo(join(role.path, subdir, cumulative), subdir, name, play.basedir, true)
      : relativeTo(play.basedir, cumulative, name, play.basedir, false);
    if (existsSync(found)) return found;
  }
  return isRole
    ? relativeTo(role.path, subdir, name, play.basedir, true)
    : expandPath(name, play.basedir);
}

/** The first existing place of a file, in a role's or playbook's directory (`path_dwim_relative` of `parsing/dataloader.py`). */
function relativeTo(
  path: string,
  subdir: string,
  name: string,
  basedir: string,
  isRole: boolean,
): string {
  // In a role's tasks/ the search starts at the role.
  const base =
    isRole && /(?:^|\/)tasks\/?(?:$|\/)/.test(path) && basename(path) !== "" ? dirname(path) : path;
  const candidates = [
    join(path, subdir, name),
    join(base, subdir, name),
    ...(isRole ? [join(base, "tasks", name)] : []),
    join(path, name),
    join(base, name),
    expandPath(join(subdir, name), basedir),
    expandPath(name, basedir),
  ];
  return candidates.find((candidate) => existsSync(candidate)) ?? (candidates.at(-1) as string);
}
