import { LoadError } from "../load/source.ts";
import type { RunEvent } from "../model/event.ts";
import { formatOrigin } from "../model/origin.ts";
import type { Play, Task } from "../model/play.ts";
import { tasksBelow } from "../model/tasks-of.ts";
import { createBatchState } from "../plan/batch-state.ts";
import { exceedsFailures } from "../plan/batches.ts";
import { metaName, playTree } from "../plan/play-tree.ts";
import type { HostOutcome } from "../pool/messages.ts";
import { type Command, findStrategy } from "../strategy/strategy.ts";
import type { Batch, BatchEnd } from "./batch.ts";
import { loadIncludes } from "./includes.ts";
import { runMeta } from "./meta.ts";
import { type RunParts, type RunState, statsOf } from "./parts.ts";

/** Runs a play on one batch of hosts: asks the strategy, obeys, and tells it what came of it. */
export async function runBatch(
  parts: RunParts,
  run: RunState,
  play: Play,
  hosts: readonly string[],
  allHosts: readonly string[],
): Promise<BatchEnd> {
  const strategy = findStrategy(play.strategy);
  if (strategy === undefined)
    throw new Error(
      `${formatOrigin(play.origin)}: the strategy '${play.strategy}' is not supported by skein yet: use linear`,
    );
  parts.shards.play(play, hosts, allHosts);
  const gather = gathersFacts(parts, play);
  const forceHandlers = play.forceHandlers ?? parts.forceHandlers;
  const tree = playTree(play, parts.tags, gather, forceHandlers, parts.nextId);
  for (const task of tasksBelow(tree.root))
    if (task.implicit === true) parts.shards.addTasks([task], []);
  const state = createBatchState({
    ...tree,
    hosts,
    stats: (host) => statsOf(run, host),
    handlerNames: (handler) => handlerNames(parts, play, handler),
  });
  const batch: Batch = {
    parts,
    run,
    play,
    state,
    hosts,
    allHosts,
    ended: undefined,
    rolesRun: new Map(),
  };
  for (;;) {
    const command = strategy.next(state);
    if (command.kind === "end" || batch.ended !== undefined || parts.signal.aborted) break;
    if (command.kind === "flush") for (const host of command.hosts) state.flush(host);
    else {
      const due = withoutRepeatedRoles(batch, command);
      if (due !== undefined) await runCommand(batch, due);
    }
  }
  for (const host of state.failed()) run.failed.add(host);
  for (const host of state.unreachable) run.unreachable.add(host);
  return batch.ended ?? "done";
}

/**
 * Hosts on which an earlier use of the same role has run pass its tasks, unless the role allows duplicates
 * (ansible/playbook/role/__init__.py, has_run). Undefined when no host is left.
 */
function withoutRepeatedRoles(
  { rolesRun, state }: Batch,
  command: Extract<Command, { kind: "run" }>,
): Extract<Command, { kind: "run" }> | undefined {
  const { role } = command.task;
  if (role?.identity === undefined || role.allowDuplicates === true || command.handler)
    return command;
  const { id, identity } = role;
  const repeats = (host: string): boolean => {
    const use = rolesRun.get(host)?.get(identity);
    return use !== undefined && use !== id;
  };
  const hosts = command.hosts.filter((host) => !repeats(host));
  if (hosts.length === command.hosts.length) return command;
  for (const host of command.hosts) if (repeats(host)) state.pass(host);
  return hosts.length === 0 ? undefined : { ...command, hosts };
}

/** Hosts of the play that are not out of it, in this batch and the others. */
function aliveHosts({ run, state, allHosts }: Batch): readonly string[] {
  const removed = state.removed();
  if (removed.size + run.failed.size + run.unreachable.size === 0) return allHosts;
  return allHosts.filter(
    (host) => !removed.has(host) && !run.failed.has(host) && !run.unreachable.has(host),
  );
}

/** Remembers that a role ran something on a host; skipped tasks do not count. */
function noteRole({ rolesRun }: Batch, { role }: Task, outcome: HostOutcome): void {
  if (
    role?.identity === undefined ||
    outcome.status === "skipped" ||
    outcome.status === "unreachable"
  )
    return;
  let uses = rolesRun.get(outcome.host);
  if (uses === undefined) {
    uses = new Map();
    rolesRun.set(outcome.host, uses);
  }
  if (!uses.has(role.identity)) uses.set(role.identity, role.id);
}

async function runCommand(batch: Batch, command: Extract<Command, { kind: "run" }>): Promise<void> {
  const { parts, state, play } = batch;
  const { task } = command;
  const failedBefore = state.failed().size;
  const meta = metaName(task);
  if (meta !== undefined && task.when.length === 0) {
    announceMeta(batch, command, meta, new Map());
    runMeta(batch, meta, task, command.hosts);
    return;
  }
  const targets = command.once ? command.hosts.slice(0, 1) : command.hosts;
  const outcomes: HostOutcome[] = [];
  const announce = announcer(batch, command);
  await parts.shards.run({
    task,
    hosts: targets,
    alive: aliveHosts(batch),
    isRescued: command.isRescued,
    // An action that bypasses hosts leaves its result with the first of them.
    copyTo: command.once && task.runOnce === true ? command.hosts : [],
    wantName: announce.needsName,
    onName: (name) => announce.named(name),
    onEvent: (event) => announce.event(event),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  announce.done();
  if (meta !== undefined) {
    announceMeta(batch, command, meta, announce.held());
    settleMeta(batch, task, outcomes);
    return;
  }
  await settle(batch, command, outcomes);
  const failedNow = state.failed().size;
  // A task that runs once fails for all.
  const fatal = play.anyErrorsFatal || task.anyErrorsFatal === true || command.once;
  const exceeds = exceedsFailures(failedNow, batch.hosts.length, play.maxFailPercentage);
  if (failedNow > failedBefore && (fatal || exceeds)) {
    for (const host of state.active()) state.abort(host);
    // Ansible says it once for the percentage, and once more for the hosts that are gone.
    if (exceeds) parts.output.on({ kind: "no-hosts-remaining" });
    parts.output.on({ kind: "no-hosts-remaining" });
    batch.ended = "broken";
  }
}

/** Takes the outcomes: counts, moves hosts on, and sends them into what they included. */
async function settle(
  batch: Batch,
  command: Extract<Command, { kind: "run" }>,
  outcomes: readonly HostOutcome[],
): Promise<void> {
  const { state } = batch;
  const including = outcomes.some(({ includes }) => includes.length > 0);
  for (const outcome of outcomes) {
    noteRole(batch, command.task, outcome);
    const { unknownHandlers } = state.settle({ ...outcome, hold: outcome.includes.length > 0 });
    for (const name of unknownHandlers) {
      throw new LoadError(
        `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`,
        command.task.origin,
        { kind: "error" },
      );
    }
  }
  if (command.once) copyOutcome(batch, command, outcomes[0]);
  if (!including) return;
  const included = await loadIncludes(batch, command.task, outcomes);
  for (const { host, block, failure } of included) {
    if (failure !== undefined) {
      state.settle({ host, status: "failed", ignored: false, notify: [], hold: false });
      continue;
    }
    if (block === undefined) state.pass(host);
    else state.include(host, block);
  }
}

/** run_once: the other hosts of the cohort go the way of the one that ran. */
function copyOutcome(
  batch: Batch,
  command: Extract<Command, { kind: "run" }>,
  outcome: HostOutcome | undefined,
): void {
  const { state } = batch;
  if (outcome === undefined) return;
  for (const host of command.hosts) {
    if (host === outcome.host) continue;
    if (outcome.status === "failed" && !outcome.ignored) {
      // A failed run_once task fails all hosts; only the one that ran counts it.
      state.failAlong(host);
    } else if (outcome.status === "unreachable" && !outcome.ignored) state.abort(host);
    else state.pass(host);
  }
}

/**
 * Banners of an explicit meta task: one per host for those that act on a host, one for those that act on the play; behind it,
 * that its condition did not hold (ansible/plugins/strategy/linear.py and _execute_meta).
 */
function announceMeta(
  { parts }: Batch,
  command: Extract<Command, { kind: "run" }>,
  meta: string,
  skips: ReadonlyMap<string, readonly RunEvent[]>,
): void {
  const hosts = PER_HOST.has(meta) ? command.hosts : command.hosts.slice(0, 1);
  for (const host of hosts) {
    parts.output.on(bannerOf(parts, command, command.task.name ?? ""));
    for (const event of skips.get(host) ?? []) parts.output.on(event);
  }
}

const PER_HOST = new Set(["noop", "flush_handlers", "reset_connection", "end_host"]);

function bannerOf(
  parts: RunParts,
  { task, handler }: Extract<Command, { kind: "run" }>,
  name: string,
): RunEvent {
  const own = name === "" ? task.action : name;
  return {
    kind: "task-start",
    handler,
    // An include of a role is shown without the role it stands in (ansible/playbook/role_include.py, get_name).
    name: task.role === undefined || isIncludeRole(task) ? own : `${task.role.name} : ${own}`,
    path: `${task.origin.file}:${task.origin.line}`,
    checkMode: parts.checkMode || task.checkMode === true,
  };
}

function settleMeta(batch: Batch, task: Task, outcomes: readonly HostOutcome[]): void {
  const { state } = batch;
  const due: string[] = [];
  let name = "noop";
  for (const outcome of outcomes) {
    if (outcome.status === "failed" || outcome.status === "unreachable") {
      state.settle({ ...outcome, hold: false });
    } else if (outcome.meta === undefined || outcome.status === "skipped") {
      state.pass(outcome.host);
    } else {
      name = outcome.meta;
      due.push(outcome.host);
    }
  }
  if (due.length > 0) runMeta(batch, name, task, due);
}

interface Announcer {
  /** Whether a shard must render the task's name first. */
  readonly needsName: boolean;
  named(name: string): void;
  event(event: RunEvent): void;
  /** Everything came: what is still held back is shown. */
  done(): void;
  /** Of a meta task: what was said of each host. */
  held(): ReadonlyMap<string, readonly RunEvent[]>;
}

/** Shows the banner before the first result; results that overtake the rendered name wait for it. */
function announcer({ parts }: Batch, command: Extract<Command, { kind: "run" }>): Announcer {
  const { task } = command;
  const written = task.name ?? "";
  const isMeta = metaName(task) !== undefined;
  const isNamed = task.isNamed !== false;
  const needsName = !isMeta && isNamed && (written.includes("{{") || written.includes("{%"));
  const held: RunEvent[] = [];
  let shown = false;
  const show = (name: string): void => {
    if (shown || isMeta) return;
    shown = true;
    parts.output.on(bannerOf(parts, command, name));
    for (const event of held) parts.output.on(event);
  };
  if (!needsName) show(written);
  return {
    needsName,
    named: show,
    event(event) {
      if (shown) parts.output.on(event);
      else held.push(event);
    },
    done: () => show(written),
    held() {
      const byHost = new Map<string, RunEvent[]>();
      for (const event of held) {
        const host = "host" in event && event.host !== undefined ? event.host : "";
        byHost.set(host, [...(byHost.get(host) ?? []), event]);
      }
      return byHost;
    },
  };
}

function isIncludeRole({ resolvedAction }: Task): boolean {
  return resolvedAction === "ansible.builtin.include_role";
}

function gathersFacts({ gathering, renderPlay }: RunParts, play: Play): boolean {
  if (play.gatherFacts === undefined || play.gatherFacts === null) return gathering !== "explicit";
  const value = renderPlay(play.gatherFacts, play);
  return typeof value === "string"
    ? ["true", "yes", "on", "1", "y", "t"].includes(value.toLowerCase())
    : value === true || value === 1;
}

function handlerNames({ renderPlay }: RunParts, play: Play, handler: Task): readonly string[] {
  let name = handler.name ?? handler.action;
  if (name.includes("{{")) {
    try {
      name = String(renderPlay(name, play));
    } catch {
      // A name that needs a host's variables can only be notified as written.
    }
  }
  return handler.role === undefined ? [name] : [name, `${handler.role.name} : ${name}`];
}
