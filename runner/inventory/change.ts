import type { InventoryChange } from "../model/host.ts";
import { stringifyJson } from "../model/json.ts";
import type { InventoryBuilder } from "./builder.ts";

/**
 * Carries out what add_host or group_by asks for (add_dynamic_host and add_dynamic_group of ansible/inventory/manager.py).
 *
 * @returns whether anything is different now.
 * @throws InventoryError for a group that would contain itself.
 */
export function applyChange(builder: InventoryBuilder, change: InventoryChange): boolean {
  return change.kind === "add-host" ? addHost(builder, change) : addGroup(builder, change);
}

function addHost(
  builder: InventoryBuilder,
  { host: name, groups, vars }: Extract<InventoryChange, { kind: "add-host" }>,
): boolean {
  let changed = false;
  if (!builder.hosts.has(name)) {
    builder.startSource("");
    changed = true;
  }
  const host = builder.addHost(name, changed ? "all" : undefined);
  for (const [key, value] of vars) {
    const known = host.vars.get(key);
    if (known !== undefined && stringifyJson(known) === stringifyJson(value)) continue;
    host.vars.set(key, value);
    changed = true;
  }
  for (const group of groups) {
    if (!builder.groups.has(group)) changed = true;
    changed = join(builder, group, name) || changed;
  }
  return changed;
}

function addGroup(
  builder: InventoryBuilder,
  { group: name, parents, host }: Extract<InventoryChange, { kind: "add-group" }>,
): boolean {
  let changed = false;
  const group = builder.addGroup(name);
  for (const parent of parents) {
    if (!builder.groups.has(parent)) changed = true;
    const above = builder.addGroup(parent);
    if (above.children.has(name)) continue;
    builder.addChild(parent, name);
    changed = true;
  }
  if (group.hosts.has(host)) return changed;
  join(builder, name, host);
  return true;
}

/** Puts a host into a group. @returns whether it was not there. */
function join(builder: InventoryBuilder, group: string, host: string): boolean {
  const { hosts } = builder.addGroup(group);
  const fresh = !hosts.has(host);
  builder.addHost(host, group);
  return fresh;
}
