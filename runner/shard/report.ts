import type { ResultReport } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import type { Status } from "../model/result.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import type { TaskEnv } from "./task-env.ts";
import { statusOf } from "./task-result.ts";
import { isTrue, truth } from "./values.ts";

interface Reported {
  readonly host: string;
  readonly task: Task;
  readonly data: Dict;
  readonly delegate: string | undefined;
}

/** Tells the outside one item's result. */
export function reportItem(env: TaskEnv, item: Reported & { readonly label: string }): void {
  const status = statusOf(item.data);
  env.emit({ kind: "item", label: item.label, ...report(env, item, status, false) });
}

/** Tells the outside a task's result on a host. Includes and meta tasks say nothing when they went well: the main thread does. */
export function reportResult(
  env: TaskEnv,
  result: Reported & { readonly status: Status; readonly ignored: boolean; readonly loop: boolean },
): void {
  const silent =
    SILENT.has(result.task.resolvedAction) &&
    (result.status === "ok" || result.status === "changed");
  if (silent) return;
  env.emit({
    kind: "result",
    loop: result.loop,
    ...report(env, result, result.status, result.ignored),
  });
}

/** Tells that an attempt was not enough. */
export function reportRetry(
  env: TaskEnv,
  host: string,
  task: Task,
  retriesLeft: number,
  data: Dict,
): void {
  env.emit({
    kind: "retry",
    host,
    task: task.name ?? task.action,
    retriesLeft,
    data: env.options.fullResults || env.options.verbosity > 0 ? data : undefined,
  });
}

const SILENT = new Set([
  "ansible.builtin.include_tasks",
  "ansible.builtin.include_role",
  "ansible.builtin.include",
  "ansible.builtin.meta",
]);

function report(
  env: TaskEnv,
  { host, task, data, delegate }: Reported,
  status: Status,
  ignored: boolean,
): ResultReport {
  return {
    host,
    delegate,
    status,
    action: task.action,
    data: isShown(env, data, status) ? data : undefined,
    diff: showsDiff(env, task) ? diffOf(data) : undefined,
    ignoreErrors: ignored,
  };
}

/** Whether anything of a result can appear at this verbosity; what cannot stays in the shard. */
function isShown(env: TaskEnv, data: Dict, status: Status): boolean {
  return (
    env.options.fullResults ||
    env.options.verbosity > 0 ||
    data.has("_ansible_delegated_vars") ||
    status === "failed" ||
    status === "unreachable" ||
    truth(data.get("_ansible_verbose_always")) ||
    truth(data.get("_ansible_no_log")) ||
    data.has("warnings") ||
    data.has("deprecations") ||
    data.has("exception")
  );
}

/** Modules return diffs unasked; only --diff, or the task's own `diff: true`, shows them. */
function showsDiff(env: TaskEnv, task: Task): boolean {
  return task.diff === undefined || task.diff === null ? env.options.diffMode : isTrue(task.diff);
}

function diffOf(data: Dict): readonly Value[] | undefined {
  const diff = data.get("diff");
  if (Array.isArray(diff)) return diff.length > 0 ? diff : undefined;
  return isDict(diff) && diff.size > 0 ? [diff] : undefined;
}
