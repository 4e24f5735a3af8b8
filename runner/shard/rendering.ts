import type { Condition, Task } from "../model/play.ts";
import { isDict, type Value } from "../model/value.ts";
import type { VarScope } from "../vars/scope.ts";
import type { TaskEnv } from "./task-env.ts";
import { failedCondition } from "./task-error.ts";
import { isTrue } from "./values.ts";

/** Whether a condition holds. @throws TaskError with Ansible's message. */
export function holds(env: TaskEnv, task: Task, condition: Condition, scope: VarScope): boolean {
  try {
    return env.environment.condition(condition.source, condition.origin).test(scope);
  } catch (error) {
    throw failedCondition(error as Error, task.origin);
  }
}

/** Renders a keyword of a task. */
export function render(env: TaskEnv, value: Value, scope: VarScope, task: Task): Value {
  if (typeof value !== "string" && !Array.isArray(value) && !isDict(value)) return value;
  return env.environment.renderValue(value, scope, task.origin);
}

/** check_mode and diff of a task against the run's flags. */
export function modeOf(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
): { readonly checkMode: boolean; readonly diff: boolean } {
  const keyword = (value: Value | undefined, fallback: boolean): boolean =>
    value === undefined || value === null ? fallback : isTrue(render(env, value, scope, task));
  return {
    checkMode: keyword(task.checkMode, env.options.checkMode),
    diff: keyword(task.diff, env.options.diffMode),
  };
}
