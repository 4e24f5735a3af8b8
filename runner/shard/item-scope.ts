import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import type { VarScope } from "../vars/scope.ts";
import { modeOf, render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { taskScope } from "./task-scope.ts";
import { isTrue } from "./values.ts";

/** The scope of a task on a host as it stands now. */
export function scopeOf(
  env: TaskEnv,
  host: string,
  task: Task,
  watch?: { readonly name: string; hit: boolean },
): VarScope {
  const flags = { checkMode: env.options.checkMode, diffMode: env.options.diffMode };
  if (task.checkMode === undefined && task.diff === undefined) {
    return taskScope(env, host, task, watch === undefined ? flags : { ...flags, watch });
  }
  let { checkMode, diffMode } = flags;
  try {
    const mode = modeOf(env, task, taskScope(env, host, task, flags));
    checkMode = mode.checkMode;
    diffMode = mode.diff;
  } catch {
    // Reported where the task itself reads it.
  }
  return taskScope(env, host, task, {
    checkMode,
    diffMode,
    ...(watch === undefined ? {} : { watch }),
  });
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
