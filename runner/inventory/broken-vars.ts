import { LoadError } from "../load/source.ts";
import type { BrokenVars, Group, Host, Inventory } from "../model/host.ts";

/** What a file of variables says, or why it says nothing. @throws what is no LoadError. */
export function orBroken<T>(read: () => T): T | BrokenVars {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const { detail, origin, hint } = error;
    return { detail, origin, hint };
  }
}

/**
 * Why the variables of a host cannot be had, be it for one of its groups; undefined when they can. Ansible reads the files of a group
 * when it first needs a host of it (`get_vars` of `vars/manager.py`), so that broken ones of others do no harm.
 */
export function brokenVarsOf(
  inventory: Inventory,
  host: Host,
  playbookDir: string,
): LoadError | undefined {
  if (!holdsBroken(inventory)) return undefined;
  for (const name of host.groups) {
    const group = inventory.groups.get(name);
    const error = group === undefined ? undefined : brokenAmong(group, playbookDir);
    if (error !== undefined) return error;
  }
  return brokenAmong(host, playbookDir);
}

/** The same for what stands at a group or a host itself. Of any fault Ansible says that the file cannot be parsed (`plugins/vars/host_group_vars.py`). */
export function brokenAmong(
  { broken }: Pick<Group, "broken">,
  playbookDir: string,
): LoadError | undefined {
  const found = broken?.get("") ?? broken?.get(playbookDir);
  if (found === undefined) return undefined;
  const { detail, origin, hint } = found;
  return new LoadError(detail, origin, hint === undefined ? {} : { hint });
}

const known = new WeakMap<Inventory, boolean>();

/** Whether any group or host has files that cannot be used: asked for each task. */
export function holdsBroken(inventory: Inventory): boolean {
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
