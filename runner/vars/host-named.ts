import type { Host, Inventory } from "../model/host.ts";
import type { Dict } from "../model/value.ts";

/** The host of a name; the implicit one for `localhost` and its addresses when no inventory names it (`inventory/data.py`). */
export function hostNamed(inventory: Inventory, name: string): Host | undefined {
  return inventory.hosts.get(name) ?? inventory.implicit?.get(name);
}

const NONE: Dict = new Map();
const NOWHERE: ReadonlyMap<string, Dict> = new Map();

/** A host that a task is delegated to and nothing names: what holds for all hosts holds for it. */
export function strangerNamed(name: string): Host {
  const vars = { inline: NONE, beside: NONE, playbook: NOWHERE };
  return { name, groups: ["all"], vars, implicit: false };
}
