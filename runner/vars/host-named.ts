import type { Host, Inventory } from "../model/host.ts";

/** The host of a name; the implicit one for `localhost` and its addresses when no inventory names it (`inventory/data.py`). */
export function hostNamed(inventory: Inventory, name: string): Host | undefined {
  return inventory.hosts.get(name) ?? inventory.implicit?.get(name);
}
