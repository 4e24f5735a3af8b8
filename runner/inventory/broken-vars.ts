import { LoadError } from "../load/source.ts";
import type { BrokenVars, Group, Host, Inventory } from "../model/host.ts";

/** What a file of variables says, or why it says nothing. @throws what is no LoadError. */
export function orBroken<T>(read: () => T): { readonly value?: T; readonly broken?: BrokenVars } {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const { detail, origin, hint } = error;
    return { broken: { detail, origin, hint } };
  }
}

/**
 * Why the variables of a host cannot be had, be it for one of its groups; undefined when they can. Ansible reads the files of a group
 * when it first needs a host of it (`get_vars` of `vars/manager.py`), so that broken ones of others do no harm.
 */
export function brokenVarsOf(inventory: Inventory, host: Host): LoadError | undefined {
  if (!holdsBroken(inventory)) return undefined;
  for (const name of host.groups) {
    const broken = inventory.groups.get(name)?.broken;
    if (broken !== undefined) return toError(broken);
  }
  return host.broken === undefined ? undefined : toError(host.broken);
}

/** The same for a group's own variables. */
export function brokenGroup({ broken }: Group): LoadError | undefined {
  return broken === undefined ? undefined : toError(broken);
}

/** Of any kind of fault Ansible says that the file cannot be parsed (`plugins/vars/host_group_vars.py`). */
function toError({ detail, origin, hint }: BrokenVars): LoadError {
  return new LoadError(detail, origin, hint === undefined ? {} : { hint });
}

const known = new WeakMap<Inventory, boolean>();

/** Whether there is anything to look for: asked for each task. */
function holdsBroken(inventory: Inventory): boolean {
  let found = known.get(inventory);
  if (found === undefined) {
    const { groups, hosts, implicit } = inventory;
    found = [...groups.values(), ...hosts.values(), ...(implicit?.values() ?? [])].some(
      ({ broken }) => broken !== undefined,
    );
    known.set(inventory, found);
  }
  return found;
}
