import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const COLLECTION = "ansible_collections/debops/debops";
/** Where a checkout, an installed package and an installed collection have them. */
const LAYOUTS = [
  { playbook: "ansible/playbooks/common.yml", plugins: "ansible/plugins", roles: "ansible/roles" },
  { playbook: `${COLLECTION}/playbooks/common.yml`, plugins: "", roles: `${COLLECTION}/roles` },
  { playbook: "playbooks/common.yml", plugins: "plugins", roles: "roles" },
] as const;

/**
 * The real thing: the common playbook of a DebOps checkout, on one fresh copy of this machine at 370 ms.
 *
 * @throws Error when the directory has no such playbook.
 */
export function debopsCheckout(directory: string): Scenario {
  const root = resolve(directory);
  const layout = LAYOUTS.find(({ playbook }) => existsSync(join(root, playbook)));
  if (layout === undefined) {
    throw new Error(
      `--debops ${directory}: no common playbook there; looked for ${LAYOUTS.map(({ playbook }) => playbook).join(", ")}`,
    );
  }
  return {
    name: "debops",
    about: `DebOps' own common playbook (${join(root, layout.playbook)}) on one host at 370 ms`,
    runners: ["skein", "ansible", "mitogen"],
    runs: 1,
    run: playbooks(() => [
      {
        title: "",
        link: { rtt: 370 },
        disposable: true,
        files: {
          "play.yml": `- import_playbook: ${join(root, layout.playbook)}\n`,
          groups: "[debops_all_hosts:children]\ntargets\n[targets]\n",
        },
        args: ["-i", "hosts", "-i", "groups", "--become", "play.yml"],
        env: {
          ANSIBLE_ROLES_PATH: join(root, layout.roles),
          ...(layout.plugins === "" ? { ANSIBLE_COLLECTIONS_PATH: root } : toPlugins(root, layout)),
        },
      },
    ]),
  };
}

function toPlugins(
  root: string,
  { plugins }: { readonly plugins: string },
): Record<string, string> {
  const kinds = ["filter", "lookup", "connection"];
  return Object.fromEntries(
    kinds.map((kind) => [`ANSIBLE_${kind.toUpperCase()}_PLUGINS`, join(root, plugins, kind)]),
  );
}
