import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Tells which connections are hidden by plugins of the user's own. */
export type IsHidden = (name: string) => boolean;

/**
 * A plugin beside the playbook, in a role or in a configured folder comes before one of the same name that comes with Ansible. Folders
 * are read once.
 *
 * @param folders of playbooks and roles; more may come
 * @param configured folders of plugins (`connection_plugins`)
 */
export function createOwnConnections(
  folders: () => readonly string[],
  configured: readonly string[],
): IsHidden {
  const names = new Set(configured.flatMap(pluginsIn));
  let seen = 0;
  return (name) => {
    const now = folders();
    for (; seen < now.length; seen++)
      for (const plugin of pluginsIn(join(now[seen]!, "connection_plugins"))) names.add(plugin);
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
