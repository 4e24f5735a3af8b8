import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLink, type Link, type LinkAsk } from "../link/link.ts";
import { startTargets, type Targets } from "../target/targets.ts";
import { exportInventory, inventoryHosts } from "./inventory.ts";

/** A copy of this machine for each host of an inventory. Gone when disposed of. */
export interface Sandboxes extends AsyncDisposable {
  /** Arguments that lead a run to the copies instead of to the hosts: the same inventory, and where they are. */
  readonly inventory: readonly string[];
  readonly hosts: readonly string[];
  readonly link: Link | undefined;
  /** Where a capture sees what goes to them. */
  readonly tap: Targets["tap"] & { readonly filter: string };
  /** Untouched copies again. */
  renew(): Promise<void>;
  /** What was changed in a copy: path → kind, mode, owner and content. */
  changes(host: string): Promise<Readonly<Record<string, string>>>;
}

export interface SandboxesOptions {
  /** A directory of theirs. */
  readonly directory: string;
  readonly inventories: readonly string[];
  readonly link: LinkAsk | undefined;
}

/** Each is an overlay, an sshd and its sessions: more than these are no way to try a playbook. */
const MOST = 50;

/** @throws Error when the inventory cannot be read, has no hosts or too many, or when this machine allows no copies of it. */
export async function startSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const { directory, inventories } = options;
  const hosts = (await inventoryHosts(inventories)).map(({ name }) => name);
  if (hosts.length === 0) throw new Error("the inventory has no hosts");
  if (hosts.length > MOST) {
    throw new Error(
      `the inventory has ${hosts.length} hosts, and ${MOST} copies of this machine are the most: give a smaller one`,
    );
  }
  const link = options.link === undefined ? undefined : await createLink(options.link);
  const all = new Map<string, Targets>();
  const dispose = async (): Promise<void> => {
    await Promise.all([...all.values()].map((targets) => targets[Symbol.asyncDispose]()));
    await link?.[Symbol.asyncDispose]();
  };
  try {
    for (const [index, host] of hosts.entries()) {
      const own = join(directory, `s${index}`);
      await mkdir(own);
      all.set(host, await startTargets({ directory: own, hosts: 1, link, disposable: true }));
    }
    const original = join(directory, "inventory.yml");
    const places = join(directory, "sandboxes.yml");
    await writeFile(original, await exportInventory(inventories));
    await writeFile(places, toPlaces(all));
    const targets = [...all.values()];
    return {
      inventory: ["-i", original, "-i", places],
      hosts,
      link,
      tap: {
        ...targets[0]!.tap,
        filter: targets.map(({ port }) => `tcp port ${port}`).join(" or "),
      },
      renew: async () => {
        for (const one of targets) await one.renew();
      },
      changes: (host) => all.get(host)!.changes(),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** JSON, which is YAML: a later source outranks the inventory's own words about a host. */
function toPlaces(all: ReadonlyMap<string, Targets>): string {
  const hosts = Object.fromEntries(
    [...all].map(([name, targets]) => [
      name,
      {
        ansible_connection: "ssh",
        ansible_host: targets.addresses[0],
        ansible_port: targets.port,
        ansible_user: targets.user,
        ansible_ssh_private_key_file: targets.keyFile,
        ansible_python_interpreter: "/usr/bin/python3",
        ansible_ssh_common_args: `-o UserKnownHostsFile=${targets.knownHostsFile} -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes`,
      },
    ]),
  );
  return `${JSON.stringify({ all: { hosts } }, null, 1)}\n`;
}
