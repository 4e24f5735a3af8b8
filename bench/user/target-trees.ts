import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Tree, toTree } from "../target/tree.ts";
import { type EngineOptions, runEngine } from "./run-engine.ts";

export interface TreeOptions extends Pick<EngineOptions, "cli" | "signal"> {
  readonly inventories: readonly string[];
  readonly hosts: readonly string[];
  /** How the hosts are reached: flags of the user's own run. */
  readonly flags: readonly string[];
  /** Absolute paths on the hosts, of which everything below is read, on the same file system. */
  readonly paths: readonly string[];
  /** A new one, for files of the reading. */
  readonly directory: string;
}

/**
 * Reads what is below some paths of the hosts of an inventory: as root, with one `raw` task, and without changing anything.
 *
 * @throws Error for a host that does not answer, or has no GNU find, with what was said.
 */
export async function readTrees(options: TreeOptions): Promise<ReadonlyMap<string, Tree>> {
  const { cli, signal, directory, flags, inventories, hosts } = options;
  const playbook = join(directory, "trees.yml");
  const listings = join(directory, "listings");
  await mkdir(listings);
  await writeFile(playbook, toPlaybook(options.paths, listings));
  const given = inventories.flatMap((source) => ["-i", source]);
  const args = [...given, playbook, ...flags];
  const measured = await runEngine({ engine: "skein", cli, args, directory, signal });
  if (measured.status !== 0) {
    const said = `${measured.stdout}${measured.stderr}`.trim().slice(-2000);
    throw new Error(`what is on the targets cannot be read (--tree):\n${said}`);
  }
  const trees = new Map<string, Tree>();
  for (const host of hosts) {
    const listing = await readFile(join(listings, fileOf(host)), "utf8").catch(() => undefined);
    // Those that --limit leaves out have none.
    if (listing !== undefined) trees.set(host, toTree(listing));
  }
  return trees;
}

/** What a run changed of a host: paths that are new, other than before, or gone. */
export function changesOf(before: Tree, after: Tree): Tree {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...paths].filter((path) => before[path] !== after[path]);
  return Object.fromEntries(changed.map((path) => [path, after[path] ?? "deleted"]));
}

/** The last line tells a listing that was cut short from a whole one. */
const END = "-- end of the listing";
const LIST = `
find "$@" -xdev -printf '%p\\t%y %m %u %g %l\\n' &&
find "$@" -xdev -type f -exec sha256sum {} + |
  sed 's/^\\([0-9a-f]*\\)  \\(.*\\)$/\\2\\tsha256 \\1/' && echo '${END}'
`;

function toPlaybook(paths: readonly string[], directory: string): string {
  const quoted = paths.map((path) => `'${path.replaceAll("'", `'\\''`)}'`).join(" ");
  const script = [`set --`, `for path in ${quoted}; do`]
    .concat(['[ -e "$path" ] && set -- "$@" "$path"', "done", "[ $# -gt 0 ] || set -- /dev/null"])
    .concat(LIST.trim())
    .join("\n");
  const always = { check_mode: false, changed_when: false, tags: "always" };
  const play = {
    hosts: "all",
    gather_facts: false,
    tasks: [
      {
        name: "read what is there",
        raw: script,
        become: true,
        register: "skein_listing",
        failed_when: `skein_listing.rc != 0 or '${END}' not in skein_listing.stdout`,
        ...always,
      },
      {
        name: "keep it",
        copy: {
          content: "{{ skein_listing.stdout }}",
          dest: `${directory}/{{ inventory_hostname | hash('sha1') }}`,
          mode: "0600",
        },
        delegate_to: "localhost",
        become: false,
        ...always,
      },
    ],
  };
  // JSON is YAML; nothing of the script may be read as a template.
  return JSON.stringify([play], null, 1);
}

function fileOf(host: string): string {
  return createHash("sha1").update(host).digest("hex");
}
