import type { RunEvent } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import { metaName } from "../plan/play-tree.ts";
import type { Command } from "../strategy/strategy.ts";
import type { Batch } from "./batch.ts";
import { actsPerHost, inMetaWords, metaLine } from "./meta-words.ts";
import { inCheckMode, type RunParts } from "./parts.ts";

type Run = Extract<Command, { kind: "run" }>;

/** Shows a task's banner and passes on what is said of it. */
export interface Announcer {
  /** Whether a shard must render the task's name first. */
  readonly needsName: boolean;
  named(name: string): void;
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
  let name: string | undefined;
  const show = (): void => {
    if (batch.lastBanner === task.id && !lockstep) return;
    batch.lastBanner = task.id;
    parts.output.on(bannerOf(parts, command, name ?? ""));
  };
  const named = (text: string): void => {
    if (name !== undefined || isMeta) return;
    name = text;
    if (lockstep) show();
    for (const event of held.splice(0)) announcer.event(event);
  };
  const announcer: Announcer = {
    needsName,
    named,
    event(event) {
      if (name === undefined) {
        held.push(event);
        return;
      }
      if (!lockstep) show();
      parts.output.on(event);
    },
    done() {
      named(written);
      if (!lockstep && isInclude(task)) show();
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
  if (!needsName) named(written);
  return announcer;
}

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
  const hosts = actsPerHost(meta) ? command.hosts : command.hosts.slice(0, 1);
  for (const host of hosts) {
    const said = skips.get(host) ?? [];
    const results = said.filter((event) => event.kind === "result");
    const isSkipped = results.some(({ status }) => status === "skipped");
    const line = results.length > 0 && !isSkipped ? undefined : metaLine(meta, host, isSkipped);
    if (lockstep) parts.output.on(banner);
    if (line !== undefined) parts.output.on(line);
    if (!lockstep && said.length > 0) parts.output.on(banner);
    for (const event of said) parts.output.on(inMetaWords(event, meta));
  }
}

function isInclude({ resolvedAction }: Task): boolean {
  return /^ansible\.(?:builtin|legacy)\.include(?:_tasks|_role)?$/.test(resolvedAction);
}

function isIncludeRole({ resolvedAction }: Task): boolean {
  return resolvedAction === "ansible.builtin.include_role";
}

function bannerOf(parts: RunParts, { task, handler }: Run, name: string): RunEvent {
  const own = name === "" ? task.action : name;
  return {
    kind: "task-start",
    handler,
    // An include of a role is shown without the role it stands in (ansible/playbook/role_include.py, get_name).
    name: task.role === undefined || isIncludeRole(task) ? own : `${task.role.name} : ${own}`,
    path: `${task.origin.file}:${task.origin.line}`,
    checkMode: inCheckMode(task.checkMode, parts),
    task,
  };
}
