import type { RunEvent, TaskBanner } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import { titleOf } from "../model/title-of.ts";
import { metaName } from "../plan/play-tree.ts";
import type { Command } from "../strategy/strategy.ts";
import { pyStr } from "../template/py-repr.ts";
import type { Batch } from "./batch.ts";
import { actsPerHost, inMetaWords, metaLine } from "./meta-words.ts";
import { inCheckMode, type RunParts } from "./parts.ts";

type Run = Extract<Command, { kind: "run" }>;

/** Shows a task's banner and passes on what is said of it. */
export interface Announcer {
  /** Whether a shard must render the task's name first. */
  readonly needsName: boolean;
  named(name: string): void;
  /** A host begins the task. */
  begins(host: string): void;
  event(event: RunEvent): void;
  /** Everything came: what is still held back is shown. */
  done(): void;
  /** Of a meta task: what was said of each host. */
  held(): ReadonlyMap<string, readonly RunEvent[]>;
}

/**
 * In lockstep the banner comes before the first result; results that overtake the rendered name wait for it. Where hosts go
 * their own ways it comes whenever another task's result was shown last (ansible/plugins/callback/default.py).
 */
export function createAnnouncer(batch: Batch, command: Run): Announcer {
  const { parts, lockstep } = batch;
  const { task } = command;
  const written = task.name ?? "";
  const isMeta = metaName(task) !== undefined;
  const isNamed = task.isNamed !== false;
  const needsName = !isMeta && isNamed && (written.includes("{{") || written.includes("{%"));
  const held: RunEvent[] = [];
  const notified = new Set<string>();
  let name: string | undefined;
  const turn = (): void => {
    if (lockstep || batch.lastBanner === task.id) return;
    batch.lastBanner = task.id;
    parts.output.on({ kind: "task-turn", ...bannerOf(parts, command, name ?? "") });
  };
  const named = (text: string): void => {
    if (name !== undefined || isMeta) return;
    // Where hosts go their own ways, the first host's name is every host's (ansible/plugins/strategy/free.py).
    name = batch.names.get(task.id) ?? text;
    if (needsName && !lockstep) batch.names.set(task.id, name);
    parts.output.on({ kind: "task-start", lockstep, ...bannerOf(parts, command, name) });
    for (const event of held.splice(0)) announcer.event(event);
  };
  const announcer: Announcer = {
    needsName,
    named,
    begins(host) {
      if (!isMeta) announcer.event({ kind: "host-start", host, task: "" });
    },
    event(event) {
      if (name === undefined) held.push(event);
      else if (event.kind === "handler-notified") notify(event.handler, event.host);
      else if (event.kind === "host-start") {
        const begun = nameInTitle(name);
        parts.output.on({ ...event, task: titleOf({ ...task, name: begun }), name: begun });
      } else {
        if (!WITHOUT_BANNER.has(event.kind)) turn();
        parts.output.on(event);
      }
    },
    done() {
      named(written);
      if (isInclude(task)) turn();
    },
    held() {
      const byHost = new Map<string, RunEvent[]>();
      for (const event of held) {
        const host = "host" in event && event.host !== undefined ? event.host : "";
        byHost.set(host, [...(byHost.get(host) ?? []), event]);
      }
      return byHost;
    },
  };

  /**
   * In lockstep a name is rendered for its banner alone (ansible/plugins/strategy/linear.py); a handler's was when it was notified.
   */
  function nameInTitle(shown: string): string {
    if (!lockstep) return shown;
    return command.handler ? batch.handlerNames(task)[0]! : written;
  }

  /** Handlers that are due because of a name or topic. What a host notified before is not told again. */
  function notify(wish: string, host: string): void {
    for (const handler of batch.state.dueHandlers(wish, host)) {
      const key = `${handler.id} ${host}`;
      if (notified.has(key)) continue;
      notified.add(key);
      const shown = batch.handlerNames(handler).at(-1)!;
      parts.output.on({ kind: "handler-notified", handler: shown, host });
    }
  }

  if (!needsName) named(written);
  return announcer;
}

/** What is told of a host in front of its result, whatever task was shown last. */
const WITHOUT_BANNER: ReadonlySet<RunEvent["kind"]> = new Set([
  "retry",
  "async",
  "verbose",
  "warning",
  "deprecation",
]);

/**
 * Banners of an explicit meta task: one per host for those that act on a host, one for those that act on the play; behind it,
 * at -vv what it did, and that its condition did not hold (ansible/plugins/strategy/linear.py and _execute_meta). Where hosts go
 * their own ways a banner comes only when there is a result.
 */
export function announceMeta(
  { parts, lockstep }: Batch,
  command: Run,
  meta: string,
  skips: ReadonlyMap<string, readonly RunEvent[]>,
): void {
  const banner = bannerOf(parts, command, command.task.name ?? "");
  const start = { kind: "task-start", lockstep, ...banner } as const;
  const hosts = actsPerHost(meta) ? command.hosts : command.hosts.slice(0, 1);
  for (const host of hosts) {
    const said = skips.get(host) ?? [];
    const results = said.filter((event) => event.kind === "result");
    const isSkipped = results.some(({ status }) => status === "skipped");
    const line = results.length > 0 && !isSkipped ? undefined : metaLine(meta, host, isSkipped);
    parts.output.on(start);
    if (line !== undefined) parts.output.on(line);
    if (!lockstep && said.length > 0) parts.output.on({ kind: "task-turn", ...banner });
    for (const event of said) parts.output.on(inMetaWords(event, meta));
  }
}

function isInclude({ resolvedAction }: Task): boolean {
  return /^ansible\.(?:builtin|legacy)\.include(?:_tasks|_role)?$/.test(resolvedAction);
}

/** Whether a task includes a role. */
export function isIncludeRole({ resolvedAction }: Task): boolean {
  return resolvedAction === "ansible.builtin.include_role";
}

function bannerOf(parts: RunParts, { task, handler }: Run, name: string): TaskBanner {
  const own = name === "" ? task.action : name;
  return {
    id: task.id,
    handler,
    // An include of a role is shown without the role it stands in (ansible/playbook/role_include.py, get_name).
    name: task.role === undefined || isIncludeRole(task) ? own : `${task.role.name} : ${own}`,
    path: `${task.origin.file}:${task.origin.line}`,
    checkMode: inCheckMode(task.checkMode, parts),
    task,
    ...(parts.showsArgs ? { args: argumentsOf(task) } : {}),
  };
}

/** display_args_to_stdout: the arguments as they are written, unless the task is secret. */
function argumentsOf({ args, noLog }: Task): string {
  if (noLog !== undefined && noLog !== null && noLog !== false) return "";
  return ` ${[...args].map(([name, value]) => `${pyStr(name)}=${pyStr(value)}`).join(", ")}`;
}
