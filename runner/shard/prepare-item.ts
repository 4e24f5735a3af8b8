import { dirname } from "node:path";
import type { Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { omitToken, trackUnsafe } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { copyMarks } from "../template/kept-text.ts";
import type { VarScope } from "../vars/scope.ts";
import { type ActionInput, done, type Prepared } from "./action/action.ts";
import { moduleCall } from "./action/module.ts";
import { findAction, reachesHost } from "./action/registry.ts";
import { checkDebugger } from "./debugger/needs-debugger.ts";
import { delegateOf } from "./delegate.ts";
import { findFile } from "./find-file.ts";
import { asyncDir, type Job, jobOf, refuseJob, type WaitedJob } from "./job.ts";
import { checkKeywordTypes } from "./keyword-types.ts";
import type { ModuleFlags } from "./module/invocation.ts";
import { renderDefaults } from "./module-defaults.ts";
import { foreignAction } from "./plugin-action/foreign-action.ts";
import { type Reach, reachOf } from "./reach.ts";
import { holds, modeOf, render, warnOfBraces } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { taskEnvironment } from "./task-environment.ts";
import { invalidArguments, TaskError, undefinedArgument } from "./task-error.ts";
import { isTrue, textOf } from "./values.ts";

/** A task (or one loop item) decided for a host: what to do, and what its flags are. */
export interface PreparedItem {
  readonly prepared: Prepared;
  readonly scope: VarScope;
  readonly noLog: boolean;
  /** Set for a job that is to be waited for. */
  readonly job?: WaitedJob;
  /** The host it runs on in this one's place. */
  readonly delegate?: string | undefined;
  /** How that one is reached; left out of what reaches none. */
  readonly reach?: Reach;
  readonly timeoutSeconds?: number;
  /** Its condition did not hold: the result is complete as it is. */
  readonly isSkipped?: boolean;
}

/**
 * Evaluates `when`, renders the arguments and asks the action what is to be done. Nothing is sent.
 *
 * @throws TaskError with Ansible's words for what cannot be evaluated: it fails the whole task, whatever other items did; NeedHostState.
 */
export function prepareItem(env: TaskEnv, host: string, task: Task, scope: VarScope): PreparedItem {
  const noLog =
    task.noLog === undefined ? env.options.noLog : isTrue(render(env, task.noLog, scope, task));
  const skipped = task.when.find((condition) => !holds(env, task, condition, scope));
  if (skipped !== undefined)
    return { prepared: done(skippedResult()), scope, noLog, isSkipped: true };
  if (task.debugger !== undefined) checkDebugger(env, task, scope);
  const delegate = delegateOf(env, host, task, scope);
  const reach = reachesHost(task) ? reachOf(env, host, task, scope, delegate) : undefined;
  const isForeign = reach?.isForeign === true;
  checkKeywordTypes(env, task, scope);
  // From here on it is likely that something will be sent: the connection can be made meanwhile.
  if (!isForeign) env.warmUp(host, task, scope);
  const unsafeArgs = new Set<Value>();
  const args = renderArguments(env, task, scope, { unsafe: unsafeArgs, isForeign });
  const job = task.async === undefined ? undefined : jobOf(env, task, scope);
  const input = { ...actionInput(env, host, task, scope, args, noLog, job), unsafeArgs };
  const refused = job === undefined || isForeign ? undefined : refuseJob(input);
  if (refused !== undefined) return { prepared: refused, scope, noLog, delegate };
  return {
    prepared: isForeign ? foreignAction(input) : prepareAction(input),
    scope,
    noLog,
    delegate,
    ...(reach === undefined ? {} : { reach }),
    timeoutSeconds: input.flags.timeoutSeconds,
    ...(job === undefined || job.poll <= 0 ? {} : { job: { ...job, input, isForeign } }),
  };
}

/** What a task reports when its condition does not hold. */
export function skippedResult(): Dict {
  return new Map<Value, Value>([
    ["changed", false],
    ["skipped", true],
    ["skip_reason", "Conditional result was False"],
  ]);
}

/**
 * The arguments of a task with its module_defaults below them.
 *
 * @throws TaskError, TemplateError, NeedHostState.
 */
export function renderArguments(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
  { unsafe = new Set(), isForeign = false }: RenderOptions = {},
): Dict {
  let own: Value;
  let args: Dict;
  try {
    args = renderDefaults(task.moduleDefaults, task, env.environment, scope);
    own =
      isForeign || task.plugin !== undefined || TRACKED.has(shortName(task))
        ? renderTracked(env, task, scope, unsafe)
        : env.environment.renderValue(task.args, scope, task.origin, { keys: false });
  } catch (error) {
    if (error instanceof TemplateError && error.kind === "undefined")
      throw undefinedArgument(error, task.origin);
    if (error instanceof TemplateError && error.kind === "value")
      throw invalidArguments(error, task);
    throw error;
  }
  const variable = isDict(own) ? own.get("_variable_params") : undefined;
  if (variable !== undefined && !isDict(variable))
    throw new TaskError(`invalid or malformed argument: '${textOf(variable)}'`);
  if (isDict(variable)) for (const [key, value] of variable) args.set(key, value);
  for (const [key, value] of own as Dict) if (key !== "_variable_params") args.set(key, value);
  if (isDict(own)) copyMarks(own, args);
  for (const [key, value] of args) {
    if (value === omitToken) args.delete(key);
    else if (isDict(value) || Array.isArray(value)) args.set(key, withoutOmitted(value));
  }
  return args;
}

interface RenderOptions {
  /** Takes the names of arguments that values from outside went into. */
  readonly unsafe?: Set<Value>;
  /** They are for an action of Ansible's own. */
  readonly isForeign?: boolean;
}

/** Actions that render an argument again, or hand it on as a variable; plugins may do so as well. */
const TRACKED: ReadonlySet<string> = new Set(["assert", "debug", "set_fact"]);

function renderTracked(env: TaskEnv, task: Task, scope: VarScope, unsafe: Set<Value>): Dict {
  const keys = shortName(task) === "set_fact";
  const args: Dict = new Map();
  for (const entry of task.args) {
    // A fact that is encrypted text is set as it is, to be decrypted where it is read.
    const isSecret = keys && entry[1] instanceof VaultText;
    const tracked = trackUnsafe(() =>
      env.environment.renderValue(
        new Map([isSecret ? [entry[0], null] : entry]),
        scope,
        task.origin,
        {
          keys,
        },
      ),
    );
    for (const [key, value] of tracked.value as Dict) {
      args.set(key, isSecret ? entry[1] : value);
      if (tracked.unsafe) unsafe.add(key);
    }
  }
  return args;
}

function withoutOmitted(value: Value): Value {
  if (Array.isArray(value))
    return value.some(hasOmit)
      ? value.filter((item) => item !== omitToken).map(withoutOmitted)
      : value;
  if (!isDict(value) || !hasOmit(value)) return value;
  const kept: Dict = new Map();
  for (const [key, item] of value) if (item !== omitToken) kept.set(key, withoutOmitted(item));
  return kept;
}

function hasOmit(value: Value): boolean {
  if (value === omitToken) return true;
  if (Array.isArray(value)) return value.some(hasOmit);
  if (isDict(value)) for (const item of value.values()) if (hasOmit(item)) return true;
  return false;
}

function prepareAction(input: ActionInput): Prepared {
  if (input.task.choice !== undefined && CONTROL.test(input.task.resolvedAction)) {
    throw new TaskError(
      `A template cannot name ${input.task.action}, which is more than an action: write it as the task's own key`,
    );
  }
  if (input.task.plugin !== undefined) return { kind: "plugin", input };
  const action = findAction(input.task.resolvedAction);
  if (action !== undefined) return action.prepare(input);
  if (input.task.choice !== undefined && input.task.modulePath === undefined)
    throw notFound(input.task);
  return moduleCall(input, "", input.args);
}

/** What the main thread has to know of before the task is due. */
const CONTROL =
  /^ansible\.(?:builtin|legacy)\.(?:include|include_tasks|include_role|import_\w+|meta)$/;

/** Names that templates made up are looked up when their task is due; all others while the playbook is loaded. */
function notFound({ action }: Task): TaskError {
  return new TaskError(`The module ${action} was not found in configured module paths`);
}

function actionInput(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
  args: Dict,
  noLog: boolean,
  job: Job | undefined,
): Omit<ActionInput, "unsafeArgs"> {
  const { checkMode, diff } = modeOf(env, task, scope);
  const timeout =
    task.timeout === undefined
      ? env.options.taskTimeout
      : Number(render(env, task.timeout, scope, task));
  const flags: ModuleFlags = {
    checkMode,
    diff,
    noLog,
    remoteTmp: env.options.connection.remoteTmp,
    isolation: isolationOf(scope),
    environment:
      job === undefined
        ? taskEnvironment(env, task, scope)
        : { ANSIBLE_ASYNC_DIR: asyncDir(scope), ...taskEnvironment(env, task, scope) },
    timeoutSeconds: job === undefined && Number.isFinite(timeout) ? timeout : 0,
    job: job?.spec,
  };
  return {
    host,
    task,
    args,
    scope,
    flags,
    get asyncDir() {
      return asyncDir(scope);
    },
    environment: env.environment,
    catalogue: env.catalogue,
    options: env.options,
    role: task.role,
    invoke(name, moduleArgs, more, file) {
      const path =
        file ??
        (name === "" || name === shortName(task)
          ? (task.modulePath ?? env.catalogue.corePath(name))
          : env.catalogue.corePath(name));
      return env.catalogue.invoke(
        name === "" ? task.action : name,
        path,
        moduleArgs,
        more === undefined ? flags : { ...flags, ...more },
      );
    },
    holds(source) {
      warnOfBraces(env, task, source, scope);
      return env.environment.condition(source, task.origin).test(scope);
    },
    findFile: (folder, name) => findFile(folder, name, searchStack(task, scope)),
  };
}

/** Where an action looks: the task's search path, and the playbook's folder once more as the last resort. */
function searchStack(task: Task, { context }: VarScope): readonly string[] {
  const { searchPaths } = context;
  const last = searchPaths.at(-1);
  return last !== undefined && dirname(task.origin.file) === last
    ? [...searchPaths, last]
    : searchPaths;
}

/** The user's own `library/copy.py` is to be used for `copy`; other names an action asks for are the core's. */
function shortName(task: Task): string {
  return task.resolvedAction.slice(task.resolvedAction.lastIndexOf(".") + 1);
}

/** `skein_task_isolation: fork`, and Mitogen's name for the same. */
function isolationOf(scope: VarScope): "warm" | "fork" {
  for (const name of ["skein_task_isolation", "mitogen_task_isolation"]) {
    const value = scope.get(name);
    if (typeof value === "string") return value === "fork" ? "fork" : "warm";
  }
  return "warm";
}
