import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../model/event.ts";
import type { Play } from "../model/play.ts";
import type { HostStats } from "../model/result.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { opened, VaultText } from "../model/vault-text.ts";
import type { Callback } from "../output/callback.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import type { ShardOptions } from "../pool/messages.ts";
import { flagsOf } from "../shard/plugin-action/config.ts";
import { TemplateError } from "../template/error.ts";
import type { Prepared } from "./prepare.ts";

/** Where the events of a run go. */
export interface Listeners {
  readonly output: Callback;
  /** Whether plugins are among them, which want whole results. */
  readonly isHeard: boolean;
}

/**
 * The screen, and behind it the callback plugins in Python, where there may be any: those that settings name, and those in folders
 * of playbooks, roles and settings. They hear an event when the screen has shown it, and what they print is printed then
 * (ansible/executor/task_queue_manager.py). With a `stdout_callback` of its own the screen is theirs.
 *
 * @throws TemplateError when the callback for the screen does not exist
 */
export function listenersOf(
  { output, plugins, settings }: Pick<Prepared, "output" | "plugins" | "settings">,
  options: ShardOptions,
): Listeners {
  const named = settings.stdoutCallback.value;
  const screen = ["default", "ansible.builtin.default"].includes(named) ? null : named;
  const folders = [
    ...options.plugins.folders.map((folder) => join(folder, "callback_plugins")),
    ...settings.callbackPlugins.value,
  ];
  const isLikely =
    screen !== null || settings.callbacksEnabled.value.length > 0 || folders.some(hasPlugins);
  if (!isLikely) return { output, isHeard: false };
  const config = new Map<string, unknown>([
    ["flags", flagsOf(options)],
    ["stdout", screen],
  ]);
  if (plugins.callbacks(config) === 0) return { output, isHeard: false };
  return { output: createListener(output, plugins, screen === null), isHeard: true };
}

function hasPlugins(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith(".py") && name !== "__init__.py");
  } catch {
    return false;
  }
}

function createListener(
  output: Callback,
  plugins: Pick<PluginHost, "event">,
  showsAll: boolean,
): Callback {
  let isGone = false;
  function tell(event: RunEvent, facts: Facts): void {
    try {
      told(plugins, event.kind, facts);
    } catch (error) {
      isGone = true;
      const text = `Callback plugins hear no more of this run: ${(error as Error).message}`;
      output.on({ kind: "warning", text });
    }
  }
  return {
    on(event) {
      const facts = isGone ? undefined : factsOf(event);
      if (showsAll || facts === undefined) output.on(event);
      if (facts !== undefined) tell(event, facts);
    },
    close: () => output.close(),
  };
}

function told(plugins: Pick<PluginHost, "event">, kind: string, facts: Facts): void {
  try {
    plugins.event(kind, facts);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    // A result that shows hostvars, which cannot be asked for behind its task, or a secret that nobody can decrypt.
    plugins.event(kind, new Map([...facts].map(([name, value]) => [name, whole(value)])));
  }
}

function whole(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(whole);
  if (value instanceof Map)
    return new Map([...value.keys()].map((key) => [key, whole(value.get(key))]));
  return value instanceof VaultText ? textIn(opened(value)) : value;
}

function textIn(value: string | VaultText): string {
  return typeof value === "string" ? value : value.ciphertext;
}

type Facts = ReadonlyMap<string, unknown>;

type TaskEvent = Extract<RunEvent, { kind: "task-start" | "task-turn" }>;

/** What python/skein_callbacks.py makes objects of; undefined for what no callback plugin hears, nor shows. */
function factsOf(event: RunEvent): Facts | undefined {
  switch (event.kind) {
    case "playbook-start":
      return facts({ file: event.given ?? event.file, path: event.file });
    case "play-start":
      return facts({
        name: event.name,
        check_mode: event.checkMode,
        hosts: event.hosts ?? [event.name],
        path: event.path ?? "",
        ...playFacts(event),
      });
    case "no-hosts-matched":
    case "no-hosts-remaining":
      return facts({});
    case "task-start":
    case "task-turn":
      return taskFacts(event);
    case "host-start":
      return facts({ host: event.host, name: event.name ?? "" });
    case "included":
      return facts({ file: event.file, hosts: event.hosts, label: event.label ?? null });
    case "item":
    case "result":
      return facts({
        host: event.host,
        status: event.status,
        delegate: event.delegate ?? null,
        name: event.name ?? null,
        is_ignored: event.ignoreErrors,
        result: resultOf(event.data, event.status === "changed"),
      });
    case "file-diff":
      return facts({
        host: event.host,
        delegate: event.delegate ?? null,
        name: event.name ?? null,
        is_ignored: false,
        result: resultOf(event.data, event.status === "changed"),
      });
    case "retry":
      return facts({ host: event.host, result: resultOf(event.data, false) });
    case "async": {
      const { host, state, job, started, finished } = event;
      const result = facts({ ansible_job_id: job, started, finished });
      return facts({ host, state, result });
    }
    case "handler-notified":
      return facts({ handler: event.handler, host: event.host });
    case "stats":
      return facts({
        hosts: new Map([...event.hosts].map(([host, counts]) => [host, countsOf(counts)])),
        custom: new Map([...(event.custom ?? [])].map(([host, data]) => [host || "_run", data])),
      });
    case "step":
    case "debugger":
    case "verbose":
    case "warning":
    case "deprecation":
    case "error":
    case "wire":
      return undefined;
    default:
      return event satisfies never;
  }
}

function facts(fields: Readonly<Record<string, unknown>>): Facts {
  return new Map(Object.entries(fields));
}

/** How many tasks there are in each block, tasks between blocks being one of their own (`get_tasks` of ansible/playbook/play.py). */
function listedTasks({ sections }: Play): readonly number[] {
  const counts: number[] = [];
  for (const section of sections) {
    let isOpen = false;
    for (const node of section.children) {
      if (node.role !== undefined) continue;
      if (node.kind === "block")
        counts.push(node.children.length + node.rescue.length + node.always.length);
      else if (isOpen) counts[counts.length - 1]!++;
      else counts.push(1);
      isOpen = node.kind === "task";
    }
  }
  return counts;
}

function playFacts({ play, allHosts, batch }: Extract<RunEvent, { kind: "play-start" }>) {
  return {
    strategy: play?.strategy ?? "linear",
    tasks: play === undefined ? [] : listedTasks(play),
    all_hosts: allHosts ?? [],
    batch: batch ?? [],
    vars: play?.vars ?? new Map(),
  };
}

function taskFacts(event: TaskEvent): Facts | undefined {
  const { task, name, path, handler, checkMode } = event;
  if (task === undefined) return undefined;
  const { role } = task;
  const prefix = role === undefined ? "" : `${role.name} : `;
  const isOfRole = role !== undefined && name.startsWith(prefix);
  const isNamed = task.name !== undefined && task.isNamed !== false;
  const own = isOfRole ? name.slice(prefix.length) : name;
  return facts({
    id: task.id,
    is_handler: handler,
    name: isNamed ? own : "",
    shown: name,
    written: isNamed ? task.name : "",
    include: INCLUDES[task.resolvedAction] ?? null,
    path,
    role: isOfRole
      ? facts({ name: role.name, path: role.path, collection: role.collection ?? null })
      : null,
    task: facts({
      action: task.action,
      args: task.args,
      check_mode: checkMode,
      ignore_errors: task.ignoreErrors === true,
      ignore_unreachable: task.ignoreUnreachable === true,
      no_log: typeof task.noLog === "boolean" ? task.noLog : null,
      register: task.register ?? null,
      // Whether there is a loop is what callbacks look at.
      loop: task.loop === undefined ? null : ["items"],
      tags: task.tags,
    }),
  });
}

/** What an include is made of: callbacks tell it by its class. */
const INCLUDES: Readonly<Record<string, "tasks" | "role">> = {
  __proto__: null as never,
  "ansible.builtin.include": "tasks",
  "ansible.builtin.include_tasks": "tasks",
  "ansible.builtin.include_role": "role",
};

function resultOf(data: Dict | undefined, changed: boolean): Dict {
  return isDict(data) ? data : new Map<Value, Value>([["changed", changed]]);
}

function countsOf({ unreachable, ...counts }: HostStats): Facts {
  return facts({ ...counts, dark: unreachable });
}
