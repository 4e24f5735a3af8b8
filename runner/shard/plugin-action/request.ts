import type { Task } from "../../model/play.ts";
import type { Dict, Value } from "../../model/value.ts";
import type { ActionCall } from "../../plugin-host/action-host.ts";
import type { VarScope } from "../../vars/scope.ts";
import type { ActionInput } from "../action/action.ts";
import { render } from "../rendering.ts";
import type { TaskEnv } from "../task-env.ts";
import { delegateScope } from "../task-scope.ts";
import { isTrue, textOf } from "../values.ts";

/** What it gets for a connection: one to this machine, one that asks the shard, or a plugin in Python of its own. */
export type OnConnection = "local" | "asked" | "own";

export type RequestInput = Pick<
  ActionInput,
  "host" | "task" | "scope" | "args" | "unsafeArgs" | "flags"
>;

/**
 * What an action plugin is told of its task: the keywords, final, and everything that depends on where the task stands
 * (python/skein_task.py). What is null is as settings and flags say.
 *
 * @throws TemplateError, NeedHostState
 */
export function requestOf(
  env: TaskEnv,
  connection: OnConnection,
  input: RequestInput,
): Pick<ActionCall, "facts" | "scopes"> {
  const { host, task, scope, unsafeArgs } = input;
  const delegate = delegateTo(env, task, scope);
  const basedir = env.play.play.basedir ?? env.options.playbookDir;
  return {
    facts: new Map<string, unknown>([
      ["host", host],
      ["kind", "action"],
      ["connection", connection],
      ["basedir", basedir],
      ["search_path", ownPaths(scope.context.searchPaths, basedir)],
      ["path", `${task.origin.file}:${task.origin.line}`],
      ["resolved_action", task.resolvedAction],
      ["play", env.play.play.name ?? ""],
      ["role", roleOf(task)],
      ["unsafe", [...unsafeArgs].filter((name) => input.args.has(name))],
      ["task", keywordsOf(env, input, connection, delegate)],
    ]),
    scopes:
      delegate === undefined
        ? [scope]
        : [scope, delegateScope(env, delegate, task).with(new Map([["inventory_hostname", host]]))],
  };
}

/** Without the playbook's folder as the last resort, which Ansible's loader adds by itself. */
function ownPaths(paths: readonly string[], basedir: string): readonly string[] {
  return paths.length > 1 && paths.at(-1) === basedir ? paths.slice(0, -1) : paths;
}

/** The host that the task is delegated to, itself included. */
function delegateTo(env: TaskEnv, task: Task, scope: VarScope): string | undefined {
  if (task.delegateTo === undefined || task.delegateTo === null) return undefined;
  const name = textOf(render(env, task.delegateTo, scope, task)).trim();
  return name === "" ? undefined : name;
}

function roleOf({ role }: Task): unknown {
  if (role === undefined) return null;
  return new Map([
    ["name", role.name],
    ["path", role.path],
    ["collection", role.collection ?? null],
  ]);
}

/** The attributes of ansible/playbook/task.py and base.py as they are when a plugin runs. */
function keywordsOf(
  env: TaskEnv,
  input: RequestInput,
  connection: OnConnection,
  delegate: string | undefined,
): Dict {
  const { task, args, scope, flags } = input;
  const rendered = (value: Value | undefined): Value =>
    value === undefined ? null : render(env, value, scope, task);
  const text = (value: Value | undefined): Value => {
    const given = rendered(value);
    return given === null ? null : textOf(given);
  };
  const bool = (value: Value | undefined): Value => {
    const given = rendered(value);
    return given === null ? null : isTrue(given);
  };
  const number = (value: Value | undefined): Value => {
    const given = rendered(value);
    return given === null || Number.isNaN(Number(given)) ? null : Number(given);
  };
  const { ANSIBLE_ASYNC_DIR: _, ...environment } = flags.environment;
  return new Map<Value, Value>([
    ["name", nameOf(env, task, scope)],
    ["action", connection === "own" ? actionOf(task) : task.action],
    ["args", args],
    ["async_val", flags.job?.seconds ?? 0],
    ["poll", number(task.poll)],
    ["check_mode", flags.checkMode],
    ["diff", flags.diff],
    ["no_log", flags.noLog],
    ["timeout", flags.timeoutSeconds],
    ["environment", [new Map<Value, Value>(Object.entries(environment))]],
    ["become", bool(task.become)],
    ["become_user", text(task.becomeUser)],
    ["become_method", text(task.becomeMethod)],
    ["become_exe", text(task.becomeExe)],
    ["become_flags", text(task.becomeFlags)],
    ["connection", text(task.connection)],
    ["remote_user", text(task.remoteUser)],
    ["port", number(task.port)],
    ["delegate_to", delegate ?? null],
    ["delegate_facts", bool(task.delegateFacts)],
    ["register", task.register ?? null],
    ["retries", number(task.retries)],
    ["delay", number(task.delay)],
    ["run_once", bool(task.runOnce)],
    ["ignore_errors", bool(task.ignoreErrors)],
    ["ignore_unreachable", bool(task.ignoreUnreachable)],
    ["any_errors_fatal", bool(task.anyErrorsFatal)],
    ["throttle", number(task.throttle)],
    ["tags", [...task.tags]],
    ["vars", varsOf(task)],
    ["collections", collectionsOf(task)],
  ]);
}

/** Of another collection than Ansible's own, the module that was found: Ansible's action looks for it by this name. */
function actionOf({ action, resolvedAction, plugin }: Task): string {
  const isFound = plugin !== undefined || /^ansible\.(builtin|legacy)\./.test(resolvedAction);
  return isFound ? action : resolvedAction;
}

function nameOf(env: TaskEnv, task: Task, scope: VarScope): Value {
  if (task.name === undefined) return null;
  try {
    return textOf(env.environment.renderValue(task.name, scope, task.origin));
  } catch {
    return task.name;
  }
}

function varsOf(task: Task): Dict {
  const merged: Dict = new Map();
  for (const layer of task.vars) for (const [key, value] of layer) merged.set(key, value);
  return merged;
}

/** Behind the named ones stand the modules without a collection (ansible/playbook/collectionsearch.py). */
function collectionsOf({ plugin }: Task): Value {
  const named = plugin?.collections ?? [];
  if (named.length === 0) return null;
  const isWhole = named.includes("ansible.builtin") || named.includes("ansible.legacy");
  return isWhole ? [...named] : [...named, "ansible.legacy"];
}
