import type { Settings } from "../load/settings.ts";

/** When group_vars/ and host_vars/ count. */
export interface Stages {
  /** Right behind reading the inventory: variables become part of it. */
  readonly inventory: boolean;
  /** Whenever a task asks for variables. */
  readonly task: boolean;
  /** When what stands beside inventory and playbook is asked for. */
  readonly late: "task" | "all";
}

/**
 * The times at which files of variables count by the settings (`get_vars_from_path` of `vars/plugins.py`).
 *
 * @param all whether an inventory is shown, which asks for the variables of all times.
 */
export function stagesOf(settings: Settings, all: boolean): Stages {
  const late = all ? "all" : "task";
  const enabled = settings.varsPluginsEnabled.value.some((name) =>
    /^(?:ansible\.(?:builtin|legacy)\.)?host_group_vars$/.test(name),
  );
  if (!enabled) return { inventory: false, task: false, late };
  const own = settings.hostGroupVarsStage.value;
  if (own !== undefined) {
    // With a time of their own that is but one of them, they are not among those of all times.
    return { inventory: own !== "task", task: all ? own === "all" : own !== "inventory", late };
  }
  const atStart = settings.varsPluginStage.value === "start";
  return { inventory: atStart, task: all || !atStart, late };
}
