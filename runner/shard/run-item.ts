import type { Task } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import type { VarScope } from "../vars/scope.ts";
import type { Effects, Prepared } from "./action/action.ts";
import { applyEffects, type Gathered } from "./effects.ts";
import { scopeOf } from "./item-scope.ts";
import { afterStart } from "./job.ts";
import { TIMED_OUT } from "./module/module-result.ts";
import { statsIn } from "./plugin-action/side-effects.ts";
import { type PreparedItem, prepareItem } from "./prepare-item.ts";
import { render, warnOfBraces } from "./rendering.ts";
import { reportRetry } from "./report.ts";
import { runPrepared } from "./run-prepared.ts";
import { type Target, targetOf } from "./target.ts";
import { type TaskEnv, withHostStates } from "./task-env.ts";
import { placeText, TaskError } from "./task-error.ts";
import { isSettled, judge, withResult } from "./task-result.ts";
import { hostScope } from "./task-scope.ts";
import { textOf, truth } from "./values.ts";
import { withDeadline } from "./with-deadline.ts";

/**
 * Runs a task without a loop, or one item of a loop: once, or with `until` as often as it takes
 * (ansible/executor/task_executor.py, _execute).
 */
export async function runItem(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
  gathered: Gathered,
  locals: Dict = new Map(),
  label?: string,
  from?: "outside",
): Promise<Dict> {
  const retries = task.until.length === 0 ? 0 : retriesOf(env, task, scope);
  for (let attempt = 1; ; attempt++) {
    const item = await withHostStates(env, () => prepareItem(env, host, task, scope));
    gathered.delegate = item.delegate;
    const target = lazyTarget(env, host, task, item);
    let data = await withDeadline(env, item.timeoutSeconds ?? 0, (own) =>
      runPrepared(own, target, item.prepared),
    );
    if (task.async !== undefined && !isUnreachable(data))
      data = await afterStart(env, host, target, item.job, data);
    if (isUnreachable(data)) {
      keepSecret(item, data, gathered);
      return data;
    }
    // changed_when and failed_when may read it.
    if (task.until.length > 0 && item.isSkipped !== true && !isSettled(data))
      data.set("attempts", attempt);
    await withHostStates(env, () =>
      finishItem(env, host, task, item, data, gathered, locals, label),
    );
    if (retries === 0 || truth(data.get("skipped")) || isSettled(data)) return data;
    const seen = withResult(task, data, scope);
    const done = task.until.every((condition) => {
      warnOfBraces(env, task, condition.source, seen);
      // A condition that cannot be evaluated fails the task with its own error, whatever the result was.
      return env.environment.condition(condition.source, condition.origin).test(seen);
    });
    if (done) return data;
    if (attempt > retries) {
      data.set("attempts", retries);
      data.set("failed", true);
      return data;
    }
    data.set("retries", retries + 1);
    reportRetry(env, host, task, retries + 1 - attempt, data);
    await env.sleep(delayOf(env, task, scope));
    scope = freshScope(env, host, task, locals, from);
  }
}

/** Completes a raw result: marks, changed_when and failed_when, the interpreter found, effects. */
export function finishItem(
  env: TaskEnv,
  host: string,
  task: Task,
  item: PreparedItem,
  data: Dict,
  gathered: Gathered,
  locals: Dict,
  label: string | undefined,
): void {
  if (data.get("msg") === TIMED_OUT) {
    const { timeoutSeconds } = item;
    const [seconds, name] = [timeoutSeconds ?? 0, task.action];
    data.set(
      "msg",
      `The ${name} action failed to execute in the expected time frame (${seconds}) and was terminated`,
    );
  }
  keepSecret(item, data, gathered);
  if (item.prepared.kind === "done" && item.prepared.effects?.include !== undefined) {
    // What an include answers is never judged.
    data.set("changed", false);
  } else if (item.isSkipped !== true) judge(env, task, data, item.scope);
  if (item.delegate !== undefined)
    data.set("_ansible_delegated_vars", delegatedVars(env, item.delegate));
  else if (env.options.fullResults && typeof task.delegateTo === "string")
    data.set("_ansible_delegated_vars", delegatedVars(env, host));
  applyEffects(
    env,
    host,
    task,
    data,
    effectsOf(item.prepared, data),
    locals,
    label,
    gathered,
    item.delegate,
  );
}

/** Marks a result that must not be shown (no_log), whatever became of it: the item of a loop is in it. */
export function keepSecret({ noLog }: PreparedItem, data: Dict, gathered: Gathered): void {
  if (!noLog) return;
  data.set("_ansible_no_log", true);
  gathered.noLog = true;
}

export function isUnreachable(data: Dict): boolean {
  return truth(data.get("unreachable"));
}

function effectsOf(prepared: Prepared, data: Dict): Effects | undefined {
  if (prepared.kind === "plugin" || prepared.kind === "foreign") return statsIn(data);
  return prepared.kind === "done" ? (prepared.effects ?? NO_EFFECTS) : undefined;
}

const NO_EFFECTS = {};

function delegatedVars(env: TaskEnv, delegate: string): Dict {
  const vars = new Map<Value, Value>([["ansible_delegated_host", delegate]]);
  const scope = hostScope(env, delegate, { checkMode: false, diffMode: false });
  const address = scope.get("ansible_host");
  if (typeof address === "string") vars.set("ansible_host", address);
  if (!env.options.fullResults) return vars;
  const { transport, port, remoteUser } = env.options.connection;
  const defaults = [
    ["ansible_host", delegate],
    ["ansible_port", port ?? null],
    ["ansible_user", remoteUser ?? null],
    ["ansible_connection", transport],
  ] as const;
  for (const [name, fallback] of defaults) {
    const value = scope.get(name);
    vars.set(name, value === MISSING || value === undefined ? fallback : (value as Value));
  }
  return vars;
}

/** Where the item runs, resolved when something is really to be sent. */
export function lazyTarget(
  env: TaskEnv,
  host: string,
  task: Task,
  item: PreparedItem,
): () => Target {
  return () => targetOf(env, host, task, item.scope, item.reach);
}

/** The scope of an item after something changed. */
function freshScope(
  env: TaskEnv,
  host: string,
  task: Task,
  locals: Dict,
  from: "outside" | undefined,
): VarScope {
  const scope = scopeOf(env, host, task);
  return locals.size === 0 ? scope : scope.with(locals as ReadonlyMap<string, unknown>, from);
}

function retriesOf(env: TaskEnv, task: Task, scope: VarScope): number {
  const value =
    task.retries === undefined || task.retries === null
      ? 3
      : Number(render(env, task.retries, scope, task));
  if (Number.isNaN(value))
    throw new TaskError(
      `the field 'retries' has an invalid value (${textOf(task.retries as Value)}), and could not be converted to an int.${placeText(task.origin)}`,
    );
  return Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

function delayOf(env: TaskEnv, task: Task, scope: VarScope): number {
  const value =
    task.delay === undefined || task.delay === null
      ? 5
      : Number(render(env, task.delay, scope, task));
  return Number.isFinite(value) && value >= 0 ? value : 1;
}
