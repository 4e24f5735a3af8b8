import type { InventoryChange } from "../../model/host.ts";
import { type Dict, isDict, type Value } from "../../model/value.ts";
import type { Effects } from "../action/action.ts";
import { plainVars } from "../action/inventory.ts";
import { isTrue, textOf, truth } from "../values.ts";

/** The host or group that a plugin's result adds to the inventory (ansible/plugins/strategy/__init__.py, _process_pending_results). */
export function changeIn(result: Dict, host: string): InventoryChange | undefined {
  if (truth(result.get("failed"))) return undefined;
  const added = result.get("add_host");
  if (isDict(added)) {
    const vars = added.get("host_vars");
    return {
      kind: "add-host",
      host: textOf(added.get("host_name") ?? ""),
      groups: textsOf(added.get("groups")),
      vars: isDict(vars) ? (plainVars(vars) as Dict) : new Map(),
    };
  }
  const group = result.get("add_group");
  if (group === undefined || group === null) return undefined;
  const parents = textsOf(result.get("parent_groups"));
  return { kind: "add-group", group: textOf(group), parents, host };
}

/** The figures for the end of the run in it; undefined when there are none (the same). */
export function statsIn(result: Dict): Effects | undefined {
  if (truth(result.get("failed"))) return undefined;
  const stats = result.get("ansible_stats");
  const data = isDict(stats) ? stats.get("data") : undefined;
  if (!isDict(stats) || !isDict(data)) return undefined;
  const facts = result.get("ansible_facts");
  return {
    stats: {
      data,
      perHost: isTrue(stats.get("per_host") ?? true),
      aggregate: isTrue(stats.get("aggregate") ?? false),
    },
    ...(isDict(facts) ? { facts } : {}),
  };
}

function textsOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}
