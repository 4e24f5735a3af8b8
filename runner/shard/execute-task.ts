import type { Task } from "../model/play.ts";
import type { Status } from "../model/result.ts";
import { titleOf } from "../model/title-of.ts";
import type { Dict, Value } from "../model/value.ts";
import type { HostDelta, HostOutcome } from "../pool/messages.ts";
import { MISSING, trackUnsafe } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import type { VarScope } from "../vars/scope.ts";
import { holdsTemplate } from "./action/set-fact.ts";
import { needsDebugger } from "./debugger/needs-debugger.ts";
import type { Gathered } from "./effects.ts";
import { setVars } from "./host-state.ts";
import { keyword, loopScopeOf, scopeOf } from "./item-scope.ts";
import { isBoolean } from "./keyword-types.ts";
import { loopItems, withLoopControl } from "./loop.ts";
import { skippedResult } from "./prepare-item.ts";
import { holds, render } from "./rendering.ts";
import { reportResult } from "./report.ts";
import { runItem } from "./run-item.ts";
import { runLoop } from "./run-loop.ts";
import { type TaskEnv, withHostStates } from "./task-env.ts";
import { TaskFailure, tracebackOf, twice } from "./task-error.ts";
import { loopResult, registered, statusOf } from "./task-result.ts";
import { isTrue, textOf } from "./values.ts";

/** What a task did on a host, besides its result. */
export interface TaskRun {
  readonly outcome: HostOutcome;
  readonly delta: HostDelta;
  /** What delegate_facts changed on other hosts. */
  readonly elsewhere: ReadonlyMap<string, HostDelta>;
  /** The whole result, when it opens the debugger. */
  readonly debug?: Dict;
}

/**
 * Runs a task on a host of this shard: loop, when, arguments, action, result, register, notify. Item and result events are emitted
 * as they come. Never throws for what a playbook or a target did: that is a failed or unreachable outcome.
 */
export async function executeTask(env: TaskEnv, host: string, task: Task): Promise<TaskRun> {
  const gathered: Gathered = {
    includes: [],
    meta: undefined,
    noLog: false,
    stats: [],
    delegate: undefined,
    elsewhere: new Map(),
    facts: new Map(),
    included: new Map(),
    set: new Map(),
    trusted: [],
    templates: [],
  };
  const data = await run(env, host, task, gathered).catch((error: unknown) => {
    gathered.delegate ??= writtenDelegate(task);
    return failedTask(error);
  });
  const left = env.actions.leave(host);
  if (left !== undefined) await left;
  const status = statusOf(data);
  const scope = scopeOf(env, host, task);
  // Also of a task that failed before its result could be marked.
  if (task.noLog !== undefined && isSecretTask(env, task, scope)) data.set("_ansible_no_log", true);
  const ignored =
    (status === "failed" && keyword(env, task, task.ignoreErrors, scope)) ||
    (status === "unreachable" && keyword(env, task, task.ignoreUnreachable, scope));
  register(env, host, task, data, status, ignored, gathered);
  const notify = status === "changed" ? notified(env, task, scope) : [];
  reportResult(env, {
    host,
    task,
    data,
    status,
    ignored,
    delegate: gathered.delegate,
    loop: data.has("results"),
    notify,
  });
  return {
    outcome: {
      host,
      status,
      ignored,
      changed: data.get("changed") === true,
      notify,
      includes: status === "failed" || status === "unreachable" ? [] : gathered.includes,
      meta: gathered.meta,
      ...(gathered.stats.length === 0 ? {} : { stats: gathered.stats }),
      shared: undefined,
      elsewhere: [],
    },
    delta: gathered,
    elsewhere: gathered.elsewhere,
    ...(needsDebugger(env, task, scope, status, ignored) ? { debug: data } : {}),
  };
}

/** Whether no_log holds; when that cannot be said, it does. */
function isSecretTask(env: TaskEnv, task: Task, scope: VarScope): boolean {
  try {
    const value = render(env, task.noLog!, scope, task);
    return value !== null && (isTrue(value) || !isBoolean(value));
  } catch {
    return true;
  }
}

async function run(env: TaskEnv, host: string, task: Task, gathered: Gathered): Promise<Dict> {
  const scope = scopeOf(env, host, task);
  const around = task.loop === undefined ? scope : loopScopeOf(env, host, task);
  let items: { readonly value: readonly Value[] | undefined; readonly unsafe: boolean };
  try {
    items = await withHostStates(env, () =>
      trackUnsafe(() => loopItems(task, around, env.environment)),
    );
  } catch (error) {
    return failedLoop(env, task, scope, error as Error);
  }
  if (items.value === undefined) {
    const data = await runItem(env, host, task, scope, gathered);
    if (!data.has("changed")) data.set("changed", false);
    return data;
  }
  const looping = withLoopControl(task, scope, env.environment);
  if (items.value.length > 0) warnOfCollision(env, looping, scope);
  // What a lookup gave is never a template, wherever it was made of (ansible/executor/task_executor.py, _get_loop_items).
  const from = items.unsafe || task.loop?.lookup !== undefined ? "outside" : undefined;
  const results = await runLoop(env, host, looping, { items: items.value, from }, gathered).finally(
    () => {
      gathered.delegate = writtenDelegate(task);
    },
  );
  const data = loopResult(results);
  if (gathered.noLog) data.set("_ansible_no_log", true);
  return data;
}

/** The delegate of a task as a whole, where each item has its own: what is written, as Ansible's callbacks see it. */
function writtenDelegate({ delegateTo }: Task): string | undefined {
  return delegateTo === undefined || delegateTo === null ? undefined : textOf(delegateTo);
}

/** A loop variable hides a variable of the same name (ansible/executor/task_executor.py, _run_loop). */
function warnOfCollision(env: TaskEnv, task: Task, scope: VarScope): void {
  const { loopVar } = task.loopControl;
  if (scope.raw(loopVar) === MISSING) return;
  env.emit({
    kind: "warning",
    each: true,
    text: `${titleOf(task)}: The loop variable '${loopVar}' is already in use. You should set the \`loop_var\` value in the \`loop_control\` option for the task to something else to avoid variable collisions and unexpected behavior.`,
  });
}

/** A task whose condition or arguments cannot be evaluated fails as a whole. */
function failedTask(error: unknown): Dict {
  if (!(error instanceof Error)) throw error;
  if (error instanceof TaskFailure) return error.result;
  const traceback = tracebackOf(error);
  if (traceback !== undefined) {
    return new Map<Value, Value>([
      ["changed", false],
      ["failed", true],
      ["exception", traceback],
    ]);
  }
  return new Map<Value, Value>([
    ["failed", true],
    ["msg", error.message],
  ]);
}

/** A loop that cannot be rendered fails the task, unless its condition does not hold anyway. */
function failedLoop(env: TaskEnv, task: Task, scope: VarScope, error: Error): Dict {
  const isUndefined = error instanceof TemplateError && error.kind === "undefined";
  try {
    if (isUndefined && task.when.some((condition) => !holds(env, task, condition, scope)))
      return skippedResult();
  } catch {
    // The loop's own error says more.
  }
  const traceback = tracebackOf(error);
  if (traceback !== undefined) {
    return new Map<Value, Value>([
      ["failed", true],
      ["msg", `Unexpected failure during module execution: ${error.message}`],
      ["exception", traceback],
      ["stdout", ""],
    ]);
  }
  return new Map<Value, Value>([
    ["failed", true],
    ["msg", isUndefined ? twice(error) : error.message],
  ]);
}

function register(
  env: TaskEnv,
  host: string,
  task: Task,
  data: Dict,
  status: Status,
  ignored: boolean,
  gathered: Gathered,
): void {
  const vars: Dict = new Map();
  if (task.register !== undefined) vars.set(task.register, registered(data));
  if (status === "failed" && !ignored && env.play.isRescued) {
    vars.set("ansible_failed_result", registered(data));
    vars.set(
      "ansible_failed_task",
      new Map<Value, Value>([
        ["name", task.name ?? null],
        ["action", task.action],
        ["args", task.args],
      ]),
    );
  }
  if (vars.size === 0) return;
  const own = new Set<Value>(
    task.register !== undefined && isOwn(task, data, gathered) ? [task.register] : [],
  );
  const isTemplate = own.size > 0 && (isIncludeVars(task) || holdsTemplate(data, env.environment));
  const templates = isTemplate ? own : new Set<Value>();
  setVars(env.state(host), vars, own, templates);
  gathered.trusted.push(...own);
  gathered.templates.push(...templates);
  for (const [key, value] of vars) gathered.set.set(key, value);
}

/**
 * Whether a result has nothing from outside in it, so that templates in it are rendered where it is read (`_ACTION_WITH_CLEAN_FACTS` of
 * ansible/constants.py): files of variables are the controller's own; facts are what their arguments were made of.
 */
function isOwn(task: Task, data: Dict, { set, trusted }: Gathered): boolean {
  if (isIncludeVars(task)) return true;
  if (!/^ansible\.(builtin|legacy)\.set_fact$/.test(task.resolvedAction)) return false;
  // The item of a loop, and what an error quotes, may be from anywhere.
  if (task.loop !== undefined || data.get("failed") === true) return false;
  return [...set.keys()].every((name) => trusted.includes(name));
}

function isIncludeVars({ resolvedAction }: Task): boolean {
  return /^ansible\.(builtin|legacy)\.include_vars$/.test(resolvedAction);
}

/** Names to notify, rendered; items of a loop notify with their own variables when the name reads them. */
function notified(env: TaskEnv, task: Task, scope: VarScope): readonly string[] {
  const names: string[] = [];
  for (const entry of task.notify) {
    const rendered = render(env, entry, scope, task);
    for (const name of Array.isArray(rendered) ? rendered : [rendered]) names.push(textOf(name));
  }
  return names;
}
