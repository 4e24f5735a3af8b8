import type { JobSpec } from "#router";
import type { Task } from "../model/play.ts";
import { type Dict, dictOf, type Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import type { VarScope } from "../vars/scope.ts";
import { type ActionInput, failedWith, type Prepared } from "./action/action.ts";
import { asyncStatus } from "./action/async-status.ts";
import { foreignStatus } from "./plugin-action/foreign-action.ts";
import { render } from "./rendering.ts";
import { runPrepared } from "./run-prepared.ts";
import type { Target } from "./target.ts";
import type { TaskEnv } from "./task-env.ts";
import { TaskError } from "./task-error.ts";
import { textOf, truth } from "./values.ts";

/** A task with `async`: what the agent needs, and the seconds between looks. */
export interface Job {
  readonly spec: JobSpec;
  readonly poll: number;
}

/** A job that its task waits for. */
export interface WaitedJob extends Job {
  readonly input: ActionInput;
  /** It runs over a connection plugin in Python. */
  readonly isForeign: boolean;
}

/** @throws TaskError when async or poll are no numbers. */
export function jobOf(env: TaskEnv, task: Task, scope: VarScope): Job | undefined {
  const seconds = wholeNumber(env, task, scope, "async", task.async);
  if (seconds <= 0) return undefined;
  const poll =
    task.poll === undefined
      ? env.options.pollInterval
      : wholeNumber(env, task, scope, "poll", task.poll);
  return { spec: { prefix: `j${Math.floor(Math.random() * 1e12)}`, seconds }, poll };
}

/** Where jobs leave their results (`async_dir` of ansible/plugins/doc_fragments/shell_common.py). */
export function asyncDir(scope: VarScope): string {
  const named = scope.get("ansible_async_dir");
  return named === MISSING ? "~/.ansible_async" : textOf(named as Value);
}

/** The failure of a task that cannot be a job (ansible/plugins/action/__init__.py, run). */
export function refuseJob({ task, flags }: ActionInput): Prepared | undefined {
  // A plugin says for itself what it supports.
  if (task.plugin !== undefined) return undefined;
  if (!CAPABLE.test(task.resolvedAction))
    return failedWith("NoneType: None", "async is not supported for this task.");
  if (flags.checkMode)
    return failedWith("NoneType: None", "check mode and async cannot be used on same task.");
  return undefined;
}

/** Core actions that set _supports_async; all that are no core actions are plain modules. */
const CAPABLE =
  /^ansible\.(?:builtin|legacy)\.(?!(?:add_host|assemble|assert|async_status|copy|debug|fail|fetch|gather_facts|group_by|include|include_role|include_tasks|include_vars|meta|pause|raw|script|set_fact|set_stats|template|unarchive|validate_argument_spec|wait_for_connection)$)|^(?!ansible\.(?:builtin|legacy)\.)/;

/**
 * What follows the start of a job: nothing when nobody waits, else a look at it every few seconds until it is through or its
 * time is (ansible/executor/task_executor.py, _poll_async_result).
 */
export async function afterStart(
  env: TaskEnv,
  host: string,
  target: () => Target,
  waited: WaitedJob | undefined,
  started: Dict,
): Promise<Dict> {
  if (truth(started.get("skipped"))) return started;
  if (!truth(started.get("failed"))) started.set("changed", true);
  if (waited === undefined || truth(started.get("failed"))) return started;
  const job = started.get("ansible_job_id");
  if (typeof job !== "string")
    return dictOf({ failed: true, msg: "No job id was returned by the async task" });
  const { input, spec, poll, isForeign } = waited;
  const look = isForeign ? foreignStatus : asyncStatus;
  const tell = (state: "poll" | "ok" | "failed", status: Dict): void => {
    const field = (name: string): Value => status.get(name) ?? "None";
    env.emit({
      kind: "async",
      state,
      host,
      job,
      started: field("started"),
      finished: field("finished"),
    });
  };
  let status: Dict = started;
  for (let left = spec.seconds; left > 0; left -= poll) {
    await env.sleep(poll);
    status = await runPrepared(env, target, look(input, job, "status"));
    if (truth(status.get("unreachable"))) {
      // A job survives a lost connection, and so may its task.
      if (isForeign) await env.actions.leave(host);
      else
        target()
          .link.reset()
          .catch(() => undefined);
      if (left - poll <= 0) return status;
      continue;
    }
    if (isFinished(status) || truth(status.get("failed")) || truth(status.get("skipped"))) break;
    tell("poll", status);
  }
  if (!isFinished(status)) {
    const late = dictOf({
      failed: true,
      msg: `async task did not complete within the requested time - ${spec.seconds}s`,
      async_result: status,
    });
    tell("failed", status);
    return late;
  }
  await runPrepared(env, target, look(input, job, "cleanup"));
  tell(truth(status.get("failed")) ? "failed" : "ok", status);
  return status;
}

function isFinished(status: Dict): boolean {
  return Number(status.get("finished") ?? 0) === 1;
}

function wholeNumber(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
  name: string,
  value: Value | undefined,
): number {
  const rendered = value === undefined ? 0 : render(env, value, scope, task);
  const number = Number(rendered);
  if (Number.isInteger(number)) return number;
  throw new TaskError(
    `The value '${textOf(rendered as Value)}' of the keyword '${name}' is no whole number of seconds.`,
  );
}
