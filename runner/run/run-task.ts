import { LoadError } from "../load/source.ts";
import type { RunEvent } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import { titleOf } from "../model/title-of.ts";
import { exceedsFailures } from "../plan/batches.ts";
import { metaName } from "../plan/play-tree.ts";
import type { HostOutcome } from "../pool/messages.ts";
import type { Command } from "../strategy/strategy.ts";
import { pyStr } from "../template/py-repr.ts";
import { type Announcer, announceMeta, createAnnouncer, isIncludeRole } from "./banner.ts";
import { aliveHosts, type Batch } from "./batch.ts";
import { brokenAmongHosts, failOnBrokenVars } from "./broken-hosts.ts";
import { chosenActions } from "./chosen-actions.ts";
import { addCustomStats } from "./custom-stats.ts";
import { debugOutcomes } from "./debugger.ts";
import { createGate } from "./gate.ts";
import { loadIncludes } from "./includes.ts";
import { runMeta } from "./meta.ts";
import { actsPerHost } from "./meta-words.ts";
import { keywordOf, type Once, onceOf } from "./once.ts";
import type { Dispatch } from "./shards.ts";
import { createStarts } from "./starts.ts";

type Run = Extract<Command, { kind: "run" }>;

/** Runs a task on its hosts and moves them on. @throws Error for what ends the whole run, such as a handler that does not exist. */
export async function runTask(batch: Batch, command: Run): Promise<void> {
  const { state, lockstep } = batch;
  const { task } = command;
  const meta = metaName(task);
  failOnBrokenVars(batch, meta === undefined ? command.hosts.slice(0, 1) : command.hosts);
  if (meta !== undefined && (task.when.length === 0 || WITHOUT_CONDITION.has(meta))) {
    announceMeta(batch, command, meta, new Map());
    if (task.when.length > 0) {
      const text = `${meta} task does not support when conditional`;
      batch.parts.output.on({ kind: "warning", text });
    }
    await runMeta(batch, meta, task, command.hosts);
    return;
  }
  if (meta === undefined && !(await takesStep(batch, command))) {
    for (const host of command.hosts) state.pass(host);
    return;
  }
  const first = command.hosts[0]!;
  const chosen = await chosenActions(batch, task, command.hosts);
  const [leading = task] = chosen.keys();
  const once = meta === undefined && lockstep ? await onceOf(batch, leading, first) : "each";
  const isOnFirst = meta === undefined ? once !== "each" : !actsPerHost(meta);
  const outcomes: HostOutcome[] = [];
  // Results carry the task as it was run: where they bring the banner it has the action that was chosen.
  const shown = lockstep ? task : { ...task, action: leading.action };
  const announcer = createAnnouncer(batch, { ...command, task: shown });
  await failAfterBanner(batch, task, isOnFirst ? [first] : command.hosts, announcer);
  const limit = await throttleOf(batch, task, first);
  const { forks } = batch.parts;
  const targets: readonly (readonly [Task, readonly string[]])[] = isOnFirst
    ? [[leading, [first]]]
    : [...chosen];
  const starts = createStarts(
    isOnFirst ? [first] : command.hosts,
    limit > 0 ? Math.min(limit, forks) : forks,
    (host) => announcer.begins(host),
  );
  const alive = aliveHosts(batch);
  const dispatches = targets.map(
    ([one, hosts], index): Dispatch => ({
      task: one,
      hosts,
      alive,
      isRescued: command.isRescued,
      copyTo: once === "for-all" ? command.hosts : [],
      wantName: announcer.needsName && index === 0,
      onName: (name) => announcer.named(name),
      onEvent(event) {
        if (isOfResult(event, one)) starts.isThrough(event.host);
        announcer.event(event);
      },
      onOutcome(outcome) {
        outcomes.push(outcome);
        starts.isThrough(outcome.host);
      },
    }),
  );
  starts.first();
  await runThrottled(batch, limit, dispatches);
  announcer.done();
  if (meta !== undefined) {
    announceMeta(batch, command, meta, announcer.held());
    await settleMeta(batch, task, outcomes, actsPerHost(meta) ? [] : command.hosts.slice(1));
    return;
  }
  if (!(await debugOutcomes(batch, command, outcomes, dispatches))) {
    batch.ended = "quit";
    return;
  }
  const settled = await settle(batch, command, once, outcomes);
  if (lockstep) await endWhenFatal(batch, task, once, settled);
}

/** Ansible reads the variables of a host when it comes to it: the task is said to begin when that went well for the first. */
async function failAfterBanner(
  batch: Batch,
  task: Task,
  hosts: readonly string[],
  announcer: Announcer,
): Promise<void> {
  const broken = brokenAmongHosts(batch, hosts);
  if (broken === undefined) return;
  const { shards } = batch.parts;
  const name = task.name ?? "";
  if (announcer.needsName)
    announcer.named(pyStr(await shards.render(hosts[0]!, task, aliveHosts(batch), name)));
  for (const host of hosts.slice(0, hosts.indexOf(broken.host))) announcer.begins(host);
  throw broken.error;
}

/** What is said of a host that is through. */
function isOfResult(
  event: RunEvent,
  task: Task,
): event is Extract<RunEvent, { kind: "handler-notified" | "file-diff" | "result" }> {
  return (
    event.kind === "result" ||
    event.kind === "handler-notified" ||
    (event.kind === "file-diff" && task.loop === undefined)
  );
}

/** --step: asks whether to run a task (ansible/plugins/strategy/__init__.py, _take_step). */
async function takesStep(batch: Batch, { task, hosts }: Run): Promise<boolean> {
  const { parts, lockstep } = batch;
  if (!batch.stepping) return true;
  const where = lockstep ? "" : `on ${hosts.join(" ")} `;
  const prompt = `Perform task: ${titleOf(task)} ${where}(N)o/(y)es/(c)ontinue: `;
  const line = await parts.askLine(prompt);
  if (line === undefined)
    throw new Error(`nobody answers (${prompt.trim()}): standard input has ended`);
  const answer = line.trim().toLowerCase();
  const goesOn = answer === "c" || answer === "continue";
  if (goesOn) batch.stepping = false;
  parts.output.on({ kind: "step", text: prompt });
  return goesOn || answer === "y" || answer === "yes";
}

/** Meta actions that happen whatever `when` says (ansible/plugins/strategy/__init__.py, _execute_meta). */
const WITHOUT_CONDITION = new Set(["noop", "refresh_inventory", "reset_connection"]);

/** At most `limit` hosts at a time; 0 is no limit. Where hosts go their own ways each comes alone, and waits for others at the same task. */
async function runThrottled(
  { parts, lockstep, throttled }: Batch,
  limit: number,
  dispatches: readonly Dispatch[],
): Promise<void> {
  if (!lockstep && limit > 0) {
    const { task } = dispatches[0]!;
    let gate = throttled.get(task.id);
    if (gate === undefined) {
      gate = createGate(limit);
      throttled.set(task.id, gate);
    }
    return gate.pass(() => parts.shards.run(dispatches[0]!));
  }
  const queue = dispatches.flatMap((dispatch) =>
    dispatch.hosts.map((host) => ({ dispatch, host })),
  );
  if (limit <= 0 || limit >= queue.length) {
    await Promise.all(dispatches.map((dispatch) => parts.shards.run(dispatch)));
    return;
  }
  let wantName = dispatches[0]!.wantName;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const running = parts.shards.run({ ...next.dispatch, hosts: [next.host], wantName });
      wantName = false;
      await running;
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
}

async function throttleOf(batch: Batch, task: Task, host: string): Promise<number> {
  const { parts } = batch;
  const { throttle } = task;
  if (throttle === undefined || throttle === null) return 0;
  const value =
    typeof throttle === "string" && throttle.includes("{{")
      ? await parts.shards.render(host, task, aliveHosts(batch), throttle)
      : throttle;
  const limit = Number(value);
  if (!Number.isInteger(limit))
    throw new Error("Failed to convert the throttle value to an integer.");
  return limit;
}

/**
 * any_errors_fatal, and more failures than max_fail_percentage allows (`run` of ansible/plugins/strategy/linear.py). Only hosts
 * that this very task took out of the play count: those on their way through a rescue or always do not.
 */
async function endWhenFatal(
  batch: Batch,
  task: Task,
  once: Once,
  outcomes: readonly HostOutcome[],
): Promise<void> {
  const { state, play, parts, out } = batch;
  const failed = outcomes.filter(
    ({ host, status, ignored }) => status === "failed" && !ignored && state.isLost(host),
  );
  for (const { host } of failed) out.add(host);
  const lost = outcomes.filter(({ status }) => status === "unreachable");
  const first = outcomes[0]?.host ?? batch.hosts[0]!;
  const fatal =
    failed.length + lost.length > 0 &&
    (once !== "each" ||
      (await keywordOf(batch, task, first, task.anyErrorsFatal ?? play.anyErrorsFatal))) &&
    !(await keywordOf(batch, task, first, task.ignoreErrors));
  if (fatal) {
    batch.broken = true;
    for (const host of state.active()) if (!state.isRecovering(host)) state.abort(host);
  }
  if (exceedsFailures(out.size, batch.hosts.length, play.maxFailPercentage)) {
    batch.broken = true;
    for (const host of state.active()) state.abort(host);
    parts.output.on({ kind: "no-hosts-remaining" });
  }
  if (batch.broken && state.active().length === 0) {
    parts.output.on({ kind: "no-hosts-remaining" });
    batch.ended = "broken";
  }
}

/**
 * Takes the outcomes: counts, moves hosts on, and sends them into what they included.
 *
 * @returns the outcomes as they stand then: an include that cannot be loaded failed.
 */
async function settle(
  batch: Batch,
  command: Run,
  once: Once,
  outcomes: readonly HostOutcome[],
): Promise<readonly HostOutcome[]> {
  const { state, run } = batch;
  const including = outcomes.some(({ includes }) => includes.length > 0);
  for (const outcome of outcomes) {
    noteRole(batch, command.task, outcome);
    for (const stats of outcome.stats ?? [])
      addCustomStats(run.custom, once === "for-all" ? command.hosts : [outcome.host], stats);
    const { unknownHandlers } = state.settle({ ...outcome, hold: outcome.includes.length > 0 });
    for (const name of unknownHandlers) missHandler(batch, command.task, name);
  }
  if (once !== "each") copyOutcome(batch, command, outcomes[0]);
  if (!including) return outcomes;
  const lost = new Set<string>();
  const included = await loadIncludes(batch, command.task, outcomes);
  for (const { host, block, failure } of included) {
    if (failure !== undefined) {
      const unloaded = !isIncludeRole(command.task);
      state.settle({ host, status: "failed", ignored: false, notify: [], hold: false, unloaded });
      lost.add(host);
      continue;
    }
    if (block === undefined) state.pass(host);
    else state.include(host, block);
  }
  return outcomes.map((one) => (lost.has(one.host) ? { ...one, status: "failed" } : one));
}

/** Ends the run, or only says so (`error_on_missing_handler`). */
function missHandler({ parts }: Batch, { origin }: Task, name: string): void {
  const text = `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
  if (parts.context.settings.errorOnMissingHandler.value)
    throw new LoadError(text, origin, { kind: "error" });
  parts.output.on({ kind: "warning", text });
}

/** run_once: the other hosts of the cohort go the way of the one that ran. */
function copyOutcome(batch: Batch, command: Run, outcome: HostOutcome | undefined): void {
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

/** @param others hosts that go the way of the one whose condition was asked. */
async function settleMeta(
  batch: Batch,
  task: Task,
  outcomes: readonly HostOutcome[],
  others: readonly string[],
): Promise<void> {
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
  if (due.length > 0) await runMeta(batch, name, task, [...due, ...others]);
  else for (const host of others) state.pass(host);
}
