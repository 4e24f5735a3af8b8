import { type HopSpec, type LinkSpec, resolveSsh, type SshRequest, type SshWorld } from "#router";
import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import type { ConnectionDefaults } from "../pool/messages.ts";
import { hopOf, isNativeMethod } from "./become.ts";
import type { CommandLine } from "./command-connection/command-plugin.ts";
import { firstOf, type ReadVar, textOrNone } from "./read-vars.ts";
import { isTrue } from "./values.ts";

/** How a task reaches its host: the link, and the account on it. */
export interface Route {
  readonly link: LinkSpec;
  /** Empty for the login account. */
  readonly become: readonly HopSpec[];
  /** Equal for equal links, so that a link is made once. */
  readonly key: string;
  readonly remoteTmp: string;
}

export interface RouteOptions {
  /** Inventory name. */
  readonly host: string;
  /** What {@link transportOf} says. */
  readonly transport: string;
  /** The command that the connection is, if it is one. */
  readonly command: CommandLine | undefined;
  /** The become plugin, if the task becomes somebody. */
  readonly method: string | undefined;
  readonly task: Task;
  readonly read: ReadVar;
  /** Where commands of a local connection begin. */
  readonly playbookDir?: string | undefined;
  /** Renders a task keyword. */
  readonly keyword: (value: Value | undefined) => Value | undefined;
  readonly defaults: ConnectionDefaults;
  readonly ssh: SshResolver;
}

/**
 * The connection plugin of a task: the variable outranks the keyword, which outranks the flag and the configuration. A localhost that no
 * inventory names is reached without ssh (ansible/inventory/data.py).
 */
export function transportOf({
  task,
  read,
  keyword,
  implicit,
  defaults,
}: Pick<RouteOptions, "task" | "read" | "keyword" | "defaults"> & {
  readonly implicit: boolean;
}): string {
  return (
    firstOf(read, ["ansible_connection"]) ??
    textOrNone(keyword(task.connection)) ??
    (implicit ? "local" : defaults.transport)
  );
}

/** Whether a connection is one of skein's own. */
export function isNative(transport: string): boolean {
  return OWN.has(transport);
}

const OWN: ReadonlySet<string> = new Set(["local", "ssh", "smart", "paramiko", "paramiko_ssh"]);

/**
 * The route of a task from variables, task keywords, flags and configuration, in Ansible's order: variables outrank keywords,
 * which outrank flags and configuration (ansible/playbook/play_context.py and the `vars` of each connection plugin).
 *
 * @throws Error naming the variable when its value cannot be used.
 */
export function routeOf(options: RouteOptions): Route {
  const { host, transport, command, task, read, keyword, defaults, ssh } = options;
  const pythons = interpreters(
    firstOf(read, ["ansible_python_interpreter"]) ?? defaults.interpreter,
  );
  const become = hopsOf(options);
  const remoteTmp = firstOf(read, ["ansible_remote_tmp"]) ?? defaults.remoteTmp;
  if (transport === "local") {
    // What runs here begins in the playbook's folder (ansible/plugins/action/__init__.py, _low_level_execute_command).
    const { playbookDir: cwd } = options;
    return {
      link: { kind: "local", name: host, pythons, ...(cwd === undefined ? {} : { cwd }) },
      become,
      key: `local\0${host}\0${pythons.join(":")}\0${cwd ?? ""}`,
      remoteTmp,
    };
  }
  if (command !== undefined) {
    return {
      link: { kind: "command", name: host, argv: command, pythons },
      become,
      key: ["command", ...command, "", ...pythons].join("\0"),
      remoteTmp,
    };
  }
  if (!isNative(transport))
    throw new Error(
      `the connection '${transport}' of ${host} is a plugin in Python: it has no route`,
    );
  const address = firstOf(read, ["ansible_host", "ansible_ssh_host"]) ?? host;
  const port =
    firstOf(read, ["ansible_port", "ansible_ssh_port"]) ??
    textOrNone(keyword(task.port)) ??
    defaults.port;
  const checking = firstOf(read, ["ansible_host_key_checking", "ansible_ssh_host_key_checking"]);
  const isChecked = checking === undefined ? defaults.hostKeyChecking : isTrue(checking);
  const request: SshRequest = {
    name: host,
    host: address,
    port: port === undefined ? undefined : toPort(port, host),
    user:
      firstOf(read, ["ansible_user", "ansible_ssh_user"]) ??
      textOrNone(keyword(task.remoteUser)) ??
      defaults.remoteUser,
    password:
      firstOf(read, ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"]) ??
      defaults.password,
    privateKeyFile:
      firstOf(read, ["ansible_private_key_file", "ansible_ssh_private_key_file"]) ??
      defaults.privateKeyFile,
    hostKeyChecking: isChecked ? undefined : false,
    connectTimeout: Number(
      firstOf(read, ["ansible_ssh_timeout", "ansible_timeout"]) ?? defaults.timeout,
    ),
    firstArgs: firstOf(read, ["ansible_ssh_args"]) ?? defaults.sshArgs,
    lastArgs: [
      firstOf(read, ["ansible_ssh_common_args"]) ?? defaults.sshCommonArgs,
      firstOf(read, ["ansible_ssh_extra_args"]) ?? defaults.sshExtraArgs,
    ].join(" "),
    executable: firstOf(read, ["ansible_ssh_executable"]) ?? defaults.sshExecutable,
    pythons,
  };
  return { ...ssh(request), become, remoteTmp };
}

/** @throws Error for a become plugin that is Python's alone, which has no route */
function hopsOf(options: RouteOptions): readonly HopSpec[] {
  const { method } = options;
  if (method === undefined) return [];
  if (!isNativeMethod(method))
    throw new Error(`the become method '${method}' is a plugin in Python`);
  return [hopOf(method, options)];
}

/** The connection that a request leads to, and the key of its link. */
export type SshResolver = (request: SshRequest) => Pick<Route, "link" | "key">;

/** Makes an {@link SshResolver}. Equal requests are resolved once: each task of each host makes one. */
export function createSshResolver(world: SshWorld): SshResolver {
  const known = new Map<string, Pick<Route, "link" | "key">>();
  return (request) => {
    const id = JSON.stringify(Object.values(request).map((value) => value ?? null));
    let route = known.get(id);
    if (route === undefined) {
      route = { link: resolveSsh(request, world), key: `ssh\0${id}` };
      known.set(id, route);
    }
    return route;
  };
}

function toPort(given: string | number, host: string): number {
  const port = Number(given);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`ansible_port of host ${host} is not a port number`);
  return port;
}

/** Interpreters in the order of discovery (INTERPRETER_PYTHON_FALLBACK; distributions of today have /usr/bin/python3). */
const DISCOVERY: readonly string[] = [
  "/usr/bin/python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python3.9",
  "python3.8",
  "python3.7",
  "python3.6",
  "python3.5",
  "/usr/libexec/platform-python",
  "python2.7",
  "/usr/bin/python",
  "python",
];

/** Whether the configured interpreter is found on the target rather than named. */
export function isDiscovered(configured: string): boolean {
  return /^auto(_legacy)?(_silent)?$/.test(configured);
}

function interpreters(configured: string): readonly string[] {
  return isDiscovered(configured) ? DISCOVERY : [configured];
}
