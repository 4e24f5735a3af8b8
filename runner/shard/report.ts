import type { ResultReport } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import type { Status } from "../model/result.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { scopeOf } from "./item-scope.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { statusOf } from "./task-result.ts";
import { isTrue, textOf, truth } from "./values.ts";

interface Reported {
  readonly host: string;
  readonly task: Task;
  readonly data: Dict;
  readonly delegate: string | undefined;
}

/** Tells the outside one item's result, and before it what it changed. */
export function reportItem(env: TaskEnv, item: Reported & { readonly label: string }): void {
  const report = reportOf(env, item, statusOf(item.data), false);
  // Plugins are told of each item when there are differences at all (ansible/executor/task_executor.py, _run_loop).
  reportDiff(env, item, report, env.options.fullResults);
  env.emit({ kind: "item", label: item.label, ...report });
}

/**
 * Tells the outside a task's result on a host, and before it what it notifies and what it changed
 * (`_process_pending_results` of ansible/plugins/strategy/__init__.py). Meta tasks, and for the screen includes, say nothing when
 * they went well: the main thread does.
 */
export function reportResult(
  env: TaskEnv,
  result: Reported & {
    readonly status: Status;
    readonly ignored: boolean;
    readonly loop: boolean;
    readonly notify: readonly string[];
  },
): void {
  const { host, task, status, loop } = result;
  if (env.options.fullResults || env.options.verbosity > 1)
    for (const handler of result.notify) env.emit({ kind: "handler-notified", handler, host });
  const silent = isSilent(env, task) && (status === "ok" || status === "changed");
  if (silent) return;
  const report = reportOf(env, result, status, result.ignored);
  reportDiff(env, result, report, env.options.fullResults && result.data.has("diff"));
  env.emit({ kind: "result", loop, ...report });
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
    task:
      task.name ?? (task.role === undefined ? task.action : `${task.role.name} : ${task.action}`),
    retriesLeft,
    data: env.options.fullResults || env.options.verbosity > 0 ? data : undefined,
  });
}

function isSilent(env: TaskEnv, { resolvedAction }: Task): boolean {
  return (
    resolvedAction === "ansible.builtin.meta" ||
    (INCLUDES.has(resolvedAction) && !env.options.fullResults)
  );
}

const INCLUDES = new Set([
  "ansible.builtin.include_tasks",
  "ansible.builtin.include_role",
  "ansible.builtin.include",
]);

function reportDiff(
  env: TaskEnv,
  { task, data }: Reported,
  report: ResultReport,
  always: boolean,
): void {
  if (report.status !== "ok" && report.status !== "changed") return;
  if (!showsDiff(env, task)) return;
  const diff = diffOf(data);
  if (diff === undefined && !always) return;
  env.emit({ kind: "file-diff", diff: diff ?? [], ...report });
}

function reportOf(
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
    ignoreErrors: ignored,
    ...nameOf(env, host, task),
  };
}

/** Callback plugins see the name of a task in each result as the host has it. */
function nameOf(env: TaskEnv, host: string, task: Task): Pick<ResultReport, "name"> {
  const { name } = task;
  if (!env.options.fullResults || name === undefined || !name.includes("{")) return {};
  try {
    return { name: textOf(render(env, name, scopeOf(env, host, task), task)) };
  } catch {
    return {};
  }
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
