import { type Dirent, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { basename, join } from "node:path";

/** What is to be copied of a folder. `relative` is the path below the destination. */
export interface CopyTree {
  readonly files: readonly { readonly path: string; readonly relative: string }[];
  readonly folders: readonly string[];
  readonly links: readonly { readonly target: string; readonly relative: string }[];
}

/**
 * What is below a folder (`_walk_dirs` of ansible/plugins/action/copy.py). Names keep the folder itself unless the path ends
 * with a slash, as with rsync. A link stays a link where it is not to be followed, leads nowhere, or leads to a folder
 * that it stands in.
 *
 * @throws Error of the system for a folder that cannot be read.
 */
export function copyTree(source: string, follow: boolean): CopyTree {
  const tree = { files: [], folders: [], links: [] } as {
    files: { path: string; relative: string }[];
    folders: string[];
    links: { target: string; relative: string }[];
  };
  const visit = (folder: string, relative: string, above: readonly string[]): void => {
    const inside = [...above, identity(statSync(folder))];
    if (relative !== "") tree.folders.push(relative);
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort(byKindAndName)) {
      const path = join(folder, entry.name);
      const below = join(relative, entry.name);
      if (!entry.isSymbolicLink()) {
        if (entry.isDirectory()) visit(path, below, inside);
        else tree.files.push({ path, relative: below });
        continue;
      }
      const found = follow ? targetOf(path) : undefined;
      if (found?.isFile() === true) tree.files.push({ path, relative: below });
      else if (found?.isDirectory() === true && !inside.includes(identity(found)))
        visit(path, below, inside);
      else tree.links.push({ target: readlinkSync(path), relative: below });
    }
  };
  const isInside = source.endsWith("/");
  const top = isInside ? source.slice(0, -1) : source;
  visit(top, isInside ? "" : basename(top), []);
  return tree;
}

/** What is no folder comes first, so that what is wrong at the top is said first. */
function byKindAndName(one: Dirent, other: Dirent): number {
  if (one.isDirectory() !== other.isDirectory()) return one.isDirectory() ? 1 : -1;
  return one.name < other.name ? -1 : 1;
}

/** Undefined for a link that leads nowhere, or to itself. */
function targetOf(link: string): Stats | undefined {
  try {
    return statSync(link);
  } catch {
    return undefined;
  }
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
