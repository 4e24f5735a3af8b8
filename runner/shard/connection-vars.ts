import type { Task } from "../model/play.ts";
import { MISSING } from "../template/environment.ts";
import { hostNamed } from "../vars/host-named.ts";
import type { VarScope } from "../vars/scope.ts";
import { delegateOf } from "./delegate.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { hostScope } from "./task-scope.ts";

/**
 * Variables of a task's connection that nobody has set: how its host, or the one it is delegated to, is reached by keywords, flags and
 * settings. Conditions, arguments and templates may read them; the loop, other hosts and the name of the task do not know them
 * (`update_vars` of ansible/playbook/play_context.py).
 *
 * @returns what answers a name, MISSING for any other
 */
export function connectionVars(
  env: TaskEnv,
  host: string,
  task: Task,
): (name: string, scope: VarScope) => unknown {
  // What a keyword is made of may ask for the very variable that the keyword would be the value of.
  const asked = new Set<Find>();
  return (name, scope) => {
    const find = TABLE[name];
    if (find === undefined || asked.has(find)) return MISSING;
    asked.add(find);
    try {
      return find({ env, task, scope, ...reachedBy(env, host, task, scope) }) ?? MISSING;
    } finally {
      asked.delete(find);
    }
  };
}

interface Asked {
  readonly env: TaskEnv;
  readonly task: Task;
  readonly scope: VarScope;
  /** The host that is reached, and its variables. */
  readonly name: string;
  readonly vars: VarScope;
}

type Find = (asked: Asked) => unknown;

function reachedBy(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
): Pick<Asked, "name" | "vars"> {
  const delegate = delegateOf(env, host, task, scope);
  return delegate === undefined
    ? { name: host, vars: scope }
    : {
        name: delegate,
        vars: hostScope(env, delegate, { checkMode: false, diffMode: false }),
      };
}

const address: Find = ({ vars, name }) => ownOf(vars, "ansible_ssh_host", "ansible_host") ?? name;

const user: Find = ({ env, task, scope, vars }) =>
  ownOf(vars, "ansible_ssh_user", "ansible_user") ??
  keyword(env, task, task.remoteUser, scope) ??
  env.options.connection.remoteUser;

/** The keyword is no part of it, other than that of the account. */
const port: Find = ({ env, vars }) =>
  ownOf(vars, "ansible_ssh_port", "ansible_port") ?? env.options.connection.port;

const transport: Find = ({ env, task, scope, vars, name }) => {
  const implicit = hostNamed(env.inventory, name)?.implicit === true;
  const { transport: wanted } = env.options.connection;
  return (
    ownOf(vars, "ansible_connection") ??
    keyword(env, task, task.connection, scope) ??
    (implicit ? "local" : wanted === "smart" ? "ssh" : wanted)
  );
};

const executable: Find = ({ env, vars }) =>
  ownOf(vars, "ansible_shell_executable") ?? env.options.connection.executable;

const keyFile: Find = ({ env, vars }) =>
  ownOf(vars, "ansible_ssh_private_key_file", "ansible_private_key_file") ??
  env.options.connection.privateKeyFile;

const timeout: Find = ({ env, vars }) =>
  ownOf(vars, "ansible_ssh_timeout", "ansible_timeout") ?? env.options.connection.timeout;

const TABLE: Readonly<Record<string, Find>> = {
  __proto__: null as never,
  ansible_connection: transport,
  ansible_host: address,
  ansible_ssh_host: address,
  ansible_user: user,
  ansible_ssh_user: user,
  ansible_port: port,
  ansible_ssh_port: port,
  ansible_shell_executable: executable,
  ansible_private_key_file: keyFile,
  ansible_ssh_private_key_file: keyFile,
  ansible_timeout: timeout,
  ansible_ssh_timeout: timeout,
};

function ownOf(vars: VarScope, ...names: readonly string[]): unknown {
  for (const name of names) {
    const value = vars.own(name);
    if (value !== MISSING && value !== null) return value;
  }
  return undefined;
}

function keyword(env: TaskEnv, task: Task, value: Task["remoteUser"], scope: VarScope): unknown {
  return value === undefined ? undefined : (render(env, value, scope, task) ?? undefined);
}
