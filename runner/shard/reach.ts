import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import { TemplateError } from "../template/error.ts";
import { hostNamed } from "../vars/host-named.ts";
import type { VarScope } from "../vars/scope.ts";
import { becomeMethodOf, isNativeMethod } from "./become.ts";
import { commandPlugin } from "./command-connection/command-connection.ts";
import type { CommandInput, CommandLine } from "./command-connection/command-plugin.ts";
import { findProgram } from "./command-connection/find-program.ts";
import { isNative, transportOf } from "./connection.ts";
import { delegateOf } from "./delegate.ts";
import { firstOf, textOrNone } from "./read-vars.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { TaskError, twice } from "./task-error.ts";
import { delegateScope } from "./task-scope.ts";

/** Which host a task is to reach, and by what kind of connection. */
export interface Reach {
  /** Inventory name of the host that is reached. */
  readonly name: string;
  /** The delegate's inventory name. */
  readonly delegate: string | undefined;
  /** The variables that the connection is made of. */
  readonly vars: VarScope;
  /** The connection plugin; without its collection if that is Ansible's own. */
  readonly transport: string;
  /** The become plugin, if the task becomes somebody. */
  readonly method: string | undefined;
  /** One of both exists only as a plugin in Python: Ansible's own actions do the task. */
  readonly isForeign: boolean;
  /** The command that it is, if it is one. */
  readonly command?: CommandLine;
}

/** @throws TemplateError, NeedHostState */
export function reachOf(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
  delegate: string | undefined = delegateOf(env, host, task, scope),
): Reach {
  const name = delegate ?? host;
  // A delegate's connection variables are its own and the task's; loop variables are not among them.
  const vars = delegate === undefined ? scope : delegateScope(env, delegate, task);
  const named = transportIn(env, task, { scope, vars, name });
  const transport = withoutCollection(named);
  const methodNamed = becomeMethodOf({
    task,
    read: (variable) => vars.own(variable),
    keyword: (value) => keywordOf(env, task, scope, value),
    defaults: env.options.connection,
  });
  const method = methodNamed === undefined ? undefined : withoutCollection(methodNamed);
  const base = { name, delegate, vars, transport, method };
  const isHidden = (kind: "connection" | "become", whole: string, short: string): boolean =>
    !whole.startsWith("ansible.builtin.") && env.isHidden[kind](short);
  if (isHidden("connection", named, transport)) return { ...base, isForeign: true };
  if (methodNamed !== undefined && method !== undefined) {
    if (!isNativeMethod(method) || isHidden("become", methodNamed, method))
      return { ...base, isForeign: true };
  }
  if (isNative(transport)) return { ...base, isForeign: transport !== "local" && isWindows(vars) };
  const command = isWindows(vars)
    ? undefined
    : commandPlugin(transport)?.(commandInput(env, task, scope, base));
  return command === undefined
    ? { ...base, isForeign: true }
    : { ...base, isForeign: false, command };
}

/** The short names of plugins that skein has, too. */
function withoutCollection(name: string): string {
  return name.replace(/^(?:ansible\.(?:builtin|legacy)\.|community\.general\.(?=doas$))/, "");
}

/** What is typed there is PowerShell or cmd: Ansible's own way of running things (`ansible_shell_type`). */
function isWindows(vars: VarScope): boolean {
  const shell = vars.own("ansible_shell_type");
  return shell === "powershell" || shell === "cmd";
}

function commandInput(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
  { name, vars }: Pick<Reach, "name" | "vars">,
): CommandInput {
  const { connection: defaults } = env.options;
  return {
    host: name,
    variable: (...names) => firstOf((variable) => vars.own(variable), names.toReversed()),
    environment: (...names) => firstOf((variable) => process.env[variable], names.toReversed()),
    get remoteUser() {
      return textOrNone(keywordOf(env, task, scope, task.remoteUser)) ?? defaults.remoteUser;
    },
    defaults,
    program: findProgram,
  };
}

function transportIn(
  env: TaskEnv,
  task: Task,
  {
    scope,
    vars,
    name,
  }: { readonly scope: VarScope; readonly vars: VarScope; readonly name: string },
): string {
  try {
    return transportOf({
      task,
      read: (variable) => vars.own(variable),
      keyword: (value) => keywordOf(env, task, scope, value),
      implicit: hostNamed(env.inventory, name)?.implicit === true,
      defaults: env.options.connection,
    });
  } catch (error) {
    // A delegate's own is rendered where its connection is made (ansible/playbook/base.py, post_validate).
    const isOwn = vars === scope && error instanceof TemplateError && error.kind === "undefined";
    if (!isOwn) throw error;
    throw new TaskError(
      `The field 'connection' has an invalid value, which includes an undefined variable. The error was: ${twice(error)}. ${twice(error)}`,
      { cause: error },
    );
  }
}

/** A keyword of the task, rendered with the variables of the host that it is for. */
export function keywordOf(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
  value: Value | undefined,
): Value | undefined {
  return value === undefined ? undefined : render(env, value, scope, task);
}
