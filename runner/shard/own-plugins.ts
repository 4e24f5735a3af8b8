import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Tells whether a plugin of the user's own stands in the place of one of that name that comes with Ansible. */
export type IsHidden = (name: string) => boolean;

/**
 * Plugins beside the playbook, in a role or in a configured folder come before those that come with Ansible. Folders are read once.
 *
 * @param folders of playbooks and roles; more may come
 * @param configured folders of such plugins
 */
export function createOwnPlugins(
  kind: "connection" | "become",
  folders: () => readonly string[],
  configured: readonly string[],
): IsHidden {
  const names = new Set(configured.flatMap(pluginsIn));
  let seen = 0;
  return (name) => {
    const now = folders();
    for (; seen < now.length; seen++)
      for (const plugin of pluginsIn(join(now[seen]!, `${kind}_plugins`))) names.add(plugin);
    return names.has(name);
  };
}

function pluginsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".py"))
      .map((file) => file.slice(0, -".py".length));
  } catch {
    return [];
  }
}
