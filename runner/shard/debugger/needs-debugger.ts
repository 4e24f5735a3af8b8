import type { Task } from "../../model/play.ts";
import type { Status } from "../../model/result.ts";
import type { Value } from "../../model/value.ts";
import type { VarScope } from "../../vars/scope.ts";
import { render } from "../rendering.ts";
import type { TaskEnv } from "../task-env.ts";
import { placeText, TaskError } from "../task-error.ts";

/** Whether a task's result opens the debugger (`needs_debugger` of ansible/executor/task_result.py). */
export function needsDebugger(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
  status: Status,
  ignored: boolean,
): boolean {
  const { enabled, ignoreErrors } = env.options.debugger;
  const isOn = enabled || env.play.play.strategy === "debug";
  if (!isOn && task.debugger === undefined) return false;
  const isFailed = status === "failed" && !(ignored && ignoreErrors);
  const isUnreachable = status === "unreachable";
  switch (wishOf(env, task, scope)) {
    case "always":
      return true;
    case "never":
      return false;
    case "on_failed":
      if (isFailed) return true;
      break;
    case "on_unreachable":
      if (isUnreachable) return true;
      break;
    case "on_skipped":
      if (status === "skipped") return true;
      break;
    default:
  }
  return isOn && (isFailed || isUnreachable);
}

/**
 * A wrong word fails the task that is to run, not the playbook (ansible/playbook/base.py, _post_validate_debugger).
 *
 * @throws TaskError
 */
export function checkDebugger(env: TaskEnv, task: Task, scope: VarScope): void {
  const wish = render(env, task.debugger ?? null, scope, task);
  if (typeof wish === "string" && wish !== "" && !WISHES.includes(wish)) {
    throw new TaskError(
      `'${wish}' is not a valid value for debugger. Must be one of ${WISHES.join(", ")}${placeText(task.origin)}`,
    );
  }
}

const WISHES: readonly string[] = ["always", "on_failed", "on_unreachable", "on_skipped", "never"];

/** A keyword that cannot be rendered failed the task for it. */
function wishOf(env: TaskEnv, task: Task, scope: VarScope): Value | undefined {
  if (task.debugger === undefined) return undefined;
  try {
    return render(env, task.debugger, scope, task);
  } catch {
    return undefined;
  }
}
