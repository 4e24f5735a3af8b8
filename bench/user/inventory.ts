import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A host of an inventory, and where it is reached. */
export interface InventoryHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

interface Listed {
  readonly _meta: {
    readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly [group: string]: { readonly hosts?: readonly string[] } | Listed["_meta"];
}

/**
 * The hosts of an inventory, as Ansible understands it.
 *
 * @throws Error when ansible-inventory is not here, or cannot read it: with what it said.
 */
export async function inventoryHosts(
  sources: readonly string[],
): Promise<readonly InventoryHost[]> {
  const listed = JSON.parse(await ansibleInventory(sources, ["--list"])) as Listed;
  const names = new Set(Object.keys(listed._meta.hostvars));
  for (const group of Object.values(listed)) {
    if ("hosts" in group && Array.isArray(group.hosts))
      for (const name of group.hosts) names.add(name);
  }
  return [...names].map((name) => {
    const vars = listed._meta.hostvars[name] ?? {};
    return {
      name,
      address: String(vars["ansible_host"] ?? name),
      port: Number(vars["ansible_port"] ?? 22),
    };
  });
}

/** The same inventory in one YAML file's text, variables of its `group_vars` and `host_vars` included. */
export async function exportInventory(sources: readonly string[]): Promise<string> {
  return ansibleInventory(sources, ["--list", "--yaml"]);
}

async function ansibleInventory(
  sources: readonly string[],
  args: readonly string[],
): Promise<string> {
  const given = sources.flatMap((source) => ["-i", source]);
  try {
    const { stdout } = await run("ansible-inventory", [...given, ...args], {
      maxBuffer: 1 << 30,
      env: { ...process.env, ANSIBLE_NOCOLOR: "1" },
    });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") {
      throw new Error(
        "there is no ansible-inventory on PATH: what skein is compared with is needed",
      );
    }
    throw new Error(`ansible-inventory cannot read it: ${(stderr ?? String(error)).trim()}`);
  }
}
