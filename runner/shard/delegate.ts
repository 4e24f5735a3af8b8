import type { Task } from "../model/play.ts";
import type { VarScope } from "../vars/scope.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { textOf } from "./values.ts";

/** The host that a task, or an item of its loop, is delegated to; undefined for the host itself. */
export function delegateOf(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
): string | undefined {
  if (task.delegateTo === undefined || task.delegateTo === null) return undefined;
  const name = textOf(render(env, task.delegateTo, scope, task)).trim();
  return name === "" || name === host ? undefined : name;
}
