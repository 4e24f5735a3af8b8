import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import type { VarScope } from "../vars/scope.ts";
import { connectionVars } from "./connection-vars.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { taskScope } from "./task-scope.ts";
import { isTrue } from "./values.ts";

/** The scope of a task on a host as it stands now, with the variables of its connection. */
export function scopeOf(
  env: TaskEnv,
  host: string,
  task: Task,
  watch?: { readonly name: string; hit: boolean },
): VarScope {
  // ansible_check_mode and ansible_diff_mode are the run's, whatever the task says (ansible/utils/vars.py, load_options_vars).
  const { checkMode, diffMode } = env.options;
  const fallback = connectionVars(env, host, task);
  const options = { checkMode, diffMode, fallback };
  return taskScope(env, host, task, watch === undefined ? options : { ...options, watch });
}

/** What the loop of a task sees: nothing of its connection, which may be another for each item. */
export function loopScopeOf(env: TaskEnv, host: string, task: Task): VarScope {
  const { checkMode, diffMode } = env.options;
  return taskScope(env, host, task, { checkMode, diffMode });
}

/** A boolean keyword of a task; false when it is absent or cannot be rendered. */
export function keyword(
  env: TaskEnv,
  task: Task,
  value: Value | undefined,
  scope: VarScope,
): boolean {
  if (value === undefined || value === null) return false;
  try {
    return isTrue(render(env, value, scope, task));
  } catch {
    return false;
  }
}
