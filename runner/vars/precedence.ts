import {
  GROUP_VARS_SOURCES,
  type Group,
  type GroupVarsSource,
  type Host,
  type Inventory,
  type SourcedVars,
} from "../model/host.ts";
import type { Role, Task } from "../model/play.ts";
import type { Dict } from "../model/value.ts";

/** One source of variables. Values of a `final` layer (facts, registered results, set_fact) are never templates. */
export interface Layer {
  readonly vars: ReadonlyMap<unknown, unknown>;
  readonly final: boolean;
  /** Names of a final layer whose values the playbook made without anything from outside. */
  readonly trusted?: ReadonlySet<unknown>;
  /** Names of a final layer whose values are templates all the same: what include_vars registers. */
  readonly templates?: ReadonlySet<unknown>;
}

/** What a run learned about one host: the layers that change while it goes on. */
export interface HostLayers {
  /** `ansible_facts` and the facts injected under their `ansible_` names. */
  readonly facts: Layer;
  /** include_vars. */
  readonly included: Layer;
  /** set_fact and register. */
  readonly set: Layer;
}

/** The layers of a play that are the same for all its hosts and tasks. */
export interface PlayLayers {
  readonly vars: Dict;
  readonly roles: readonly Role[];
}

export interface LayerSources {
  readonly extra: Layer;
  readonly play: PlayLayers;
  /** vars_files as they resolved for this host, last one first. */
  readonly varsFiles: readonly Layer[];
  readonly host: HostLayers;
  readonly inventory: readonly Layer[];
  readonly task: Task | undefined;
}

/**
 * All layers that apply to a task on a host, highest precedence first (ansible/vars/manager.py,
 * VariableManager.get_vars). Empty ones are left out, so that a look-up passes only what can answer.
 */
export function layersFor(sources: LayerSources): readonly Layer[] {
  const { task, play, host } = sources;
  const layers: Layer[] = [];
  const add = (layer: Layer): void => {
    if (layer.vars.size > 0) layers.push(layer);
  };
  const addVars = (vars: Dict): void => {
    if (vars.size > 0) layers.push({ vars, final: false });
  };

  add(sources.extra);
  if (task !== undefined) {
    for (let i = (task.includeVars?.length ?? 0) - 1; i >= 0; i--) addVars(task.includeVars![i]!);
    if (task.role !== undefined) eachRoleInnermostFirst(task.role, (role) => addVars(role.params));
  }
  // Registered results and facts change under our hands: they stay in even while empty.
  layers.push(host.set, host.included);
  if (task !== undefined) {
    for (let i = task.vars.length - 1; i >= 0; i--) addVars(task.vars[i]!);
    if (task.role !== undefined) eachRoleInnermostFirst(task.role, (role) => addVars(role.vars));
  }
  for (let i = play.roles.length - 1; i >= 0; i--) {
    if (play.roles[i]!.isPrivate !== true) addVars(play.roles[i]!.vars);
  }
  for (const layer of sources.varsFiles) add(layer);
  addVars(play.vars);
  layers.push(host.facts);
  for (const layer of sources.inventory) layers.push(layer);
  if (task?.role !== undefined) eachRoleInnermostFirst(task.role, (role) => addVars(role.defaults));
  for (let i = play.roles.length - 1; i >= 0; i--) {
    if (play.roles[i]!.isPrivate !== true) addVars(play.roles[i]!.defaults);
  }
  return layers;
}

/**
 * A host's variables from the inventory and the group_vars and host_vars folders, highest first
 * (in the order of VARIABLE_PRECEDENCE; then the host's own).
 *
 * @param playbookDir whose group_vars and host_vars count.
 */
export function inventoryLayers(
  host: Host,
  inventory: Inventory,
  playbookDir: string,
): readonly Layer[] {
  const all: Group[] = [];
  const groups: Group[] = [];
  for (const name of host.groups) {
    const group = inventory.groups.get(name);
    if (group !== undefined) (name === "all" ? all : groups).push(group);
  }
  const layers: Layer[] = [];
  const add = (
    owners: readonly { readonly vars: SourcedVars }[],
    source: keyof SourcedVars,
  ): void => {
    for (let i = owners.length - 1; i >= 0; i--) {
      const { vars: sourced } = owners[i]!;
      const vars = source === "playbook" ? sourced.playbook.get(playbookDir) : sourced[source];
      if (vars !== undefined && vars.size > 0) layers.push({ vars, final: false });
    }
  };
  add([host], "playbook");
  add([host], "beside");
  add([host], "inline");
  for (const step of (inventory.precedence ?? GROUP_VARS_SOURCES).toReversed()) {
    const [owners, source] = STEPS[step];
    add(owners === "all" ? all : groups, source);
  }
  return layers;
}

const STEPS: Readonly<Record<GroupVarsSource, readonly ["all" | "groups", keyof SourcedVars]>> = {
  all_inventory: ["all", "inline"],
  groups_inventory: ["groups", "inline"],
  all_plugins_inventory: ["all", "beside"],
  all_plugins_play: ["all", "playbook"],
  groups_plugins_inventory: ["groups", "beside"],
  groups_plugins_play: ["groups", "playbook"],
};

function eachRoleInnermostFirst(role: Role, visit: (role: Role) => void): void {
  visit(role);
  for (let i = role.parents.length - 1; i >= 0; i--) visit(role.parents[i]!);
}
