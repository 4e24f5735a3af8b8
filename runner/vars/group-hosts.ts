import type { Inventory } from "../model/host.ts";

/** Names of all hosts of a group and of the groups below it, each once; groups are walked level by level. */
export function groupHosts(inventory: Inventory, group: string): readonly string[] {
  let cache = members.get(inventory);
  if (cache === undefined) {
    cache = new Map();
    members.set(inventory, cache);
  }
  let found = cache.get(group);
  if (found === undefined) {
    found = walk(inventory, group);
    cache.set(group, found);
  }
  return found;
}

const members = new WeakMap<Inventory, Map<string, readonly string[]>>();

function walk(inventory: Inventory, start: string): readonly string[] {
  const hosts = new Set<string>();
  const seen = new Set<string>([start]);
  let level = [start];
  while (level.length > 0) {
    const next: string[] = [];
    for (const name of level) {
      const group = inventory.groups.get(name);
      if (group === undefined) continue;
      for (const host of group.hosts) hosts.add(host);
      for (const child of group.children) {
        if (seen.has(child)) continue;
        seen.add(child);
        next.push(child);
      }
    }
    level = next;
  }
  return [...hosts];
}
