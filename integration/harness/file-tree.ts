import type { Target } from "./target-container.ts";

/** Prints `path type mode owner group detail`: detail is a file's sha256, a link's destination, else nothing. */
const LIST = `
for top do
  [ -e "$top" ] || continue
  find "$top" -printf '%p\\t%y\\t%m\\t%u\\t%g\\t%l\\n'
  find "$top" -type f -exec sha256sum {} + | sed 's/^\\([0-9a-f]*\\)  \\(.*\\)$/\\2\\tsha256\\t\\1/'
done
`;

/**
 * What stands below the given folders of a target: path → `type mode owner group content`. Times are left out: no two runs agree.
 */
export async function fileTree(
  target: Target,
  folders: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const listed = await target.exec("sh", "-c", LIST, "sh", ...folders);
  const tree: Record<string, string> = {};
  const sums = new Map<string, string>();
  for (const line of listed.split("\n")) {
    const [path, kind, ...rest] = line.split("\t");
    if (path === undefined || path === "") continue;
    if (kind === "sha256") sums.set(path, rest[0]!);
    else tree[path] = [kind, ...rest].join(" ").trim();
  }
  for (const [path, sum] of sums) tree[path] = `${tree[path]} ${sum}`;
  return tree;
}
