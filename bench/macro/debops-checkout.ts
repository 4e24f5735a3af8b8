import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Prepared, playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const COLLECTION = "ansible_collections/debops/debops";
/** Where a checkout, an installed collection and the collection itself have the playbook's folder. */
const CONTENTS = ["ansible", COLLECTION, "."] as const;

/**
 * The real thing: the common playbook of a DebOps checkout, on one fresh copy of this machine at 370 ms. Its tasks install
 * packages: they fail where the copy reaches no mirror.
 *
 * @throws Error when the directory has no such playbook.
 */
export function debopsCheckout(directory: string): Scenario {
  const contents = CONTENTS.map((content) => resolve(directory, content));
  const content = contents.find((path) => existsSync(join(path, "playbooks/common.yml")));
  if (content === undefined) {
    throw new Error(
      `--debops ${directory}: no common playbook there; looked for ${CONTENTS.map((path) => join(path, "playbooks/common.yml")).join(", ")}`,
    );
  }
  return {
    name: "debops",
    about: `DebOps' own common playbook (of ${content}) on one host at 370 ms`,
    runners: ["skein", "ansible", "mitogen"],
    runs: 1,
    run: playbooks(() => [
      {
        title: "",
        link: { rtt: 370 },
        disposable: true,
        files: {
          "play.yml": "- import_playbook: debops.debops.common\n",
          groups: "[debops_all_hosts:children]\ntargets\n[targets]\n",
        },
        prepare: (place) => asCollection(content, place),
        args: ["-i", "hosts", "-i", "groups", "--become", "play.yml"],
      },
    ]),
  };
}

/** A checkout is called otherwise than a collection has to be. */
async function asCollection(content: string, place: string): Promise<Prepared> {
  const collections = join(place, "collections");
  await mkdir(join(collections, COLLECTION, ".."), { recursive: true });
  await symlink(content, join(collections, COLLECTION));
  return {
    env: {
      ANSIBLE_COLLECTIONS_PATH: collections,
      // Older plays name their roles without the collection.
      ANSIBLE_ROLES_PATH: join(content, "roles"),
    },
  };
}
