import type { InventorySnapshot } from "../plugin-host/inventory-message.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import type { InventoryBuilder } from "./builder.ts";

/** The plugin does not want the source. */
export const DECLINED: unique symbol = Symbol("declined");

/**
 * Lets an inventory plugin in Python add to what the sources before it made; `auto` runs the one that a YAML source names.
 *
 * @throws TemplateError with the plugin's message
 */
export function parsePluginInventory(
  host: PluginHost,
  plugin: string,
  source: string,
  sources: readonly string[],
  builder: InventoryBuilder,
): typeof DECLINED | undefined {
  const inventory = snapshotOf(builder);
  const found = host.inventory({ plugin, source, sources, inventory });
  if (found === undefined) return DECLINED;
  for (const { name } of found.groups) builder.addGroup(name);
  for (const { name, vars } of found.hosts) {
    const host = builder.addHost(name, undefined);
    for (const [key, value] of vars) host.vars.set(key, value);
  }
  for (const group of found.groups) {
    const draft = builder.addGroup(group.name);
    draft.priority = group.priority;
    for (const [key, value] of group.vars) draft.vars.set(key, value);
    for (const name of group.hosts) builder.addHost(name, group.name);
    for (const child of group.children) builder.addChild(group.name, child);
  }
  return undefined;
}

/** Groups and hosts as they are now. */
export function snapshotOf(builder: InventoryBuilder): InventorySnapshot {
  return {
    groups: [...builder.groups.values()].map(({ name, priority, vars, children, hosts }) => ({
      name,
      priority,
      vars,
      children: [...children],
      hosts: [...hosts],
    })),
    hosts: [...builder.hosts.values()].map(({ name, vars }) => ({
      name,
      source: builder.sources.get(name),
      vars,
    })),
  };
}
