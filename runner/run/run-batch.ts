import { formatOrigin } from "../model/origin.ts";
import type { Play, Task } from "../model/play.ts";
import { tasksBelow } from "../model/tasks-of.ts";
import { createBatchState } from "../plan/batch-state.ts";
import { type PlayTree, playTree } from "../plan/play-tree.ts";
import { hasName, startAt } from "../plan/start-at.ts";
import { findStrategy, type Strategy } from "../strategy/strategy.ts";
import type { Batch, BatchEnd } from "./batch.ts";
import { failOnBrokenVars } from "./broken-hosts.ts";
import { type RunParts, type RunState, statsOf } from "./parts.ts";
import { withoutRepeatedRoles } from "./repeated-roles.ts";
import { runFree } from "./run-free.ts";
import { runTask } from "./run-task.ts";

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
  const whole = playTree(play, parts.tags, gather, forceHandlers, parts.nextId);
  const tree = fromStart(run, play, whole);
  for (const task of tasksBelow(tree.root))
    if (task.implicit === true) parts.shards.addTasks([task], []);
  const namesOf = (handler: Task): readonly string[] => handlerNames(parts, play, handler);
  const state = createBatchState({
    ...tree,
    hosts,
    stats: (host) => statsOf(run, host),
    handlerNames: namesOf,
  });
  const batch: Batch = {
    parts,
    run,
    play,
    state,
    hosts,
    allHosts,
    handlerNames: namesOf,
    lockstep: strategy.kind === "lockstep",
    ended: undefined,
    broken: false,
    out: new Set(),
    stepping: parts.step,
    debugging: Promise.resolve(),
    lastBanner: undefined,
    names: new Map(),
    throttled: new Map(),
    rolesRun: new Map(),
  };
  if (gather && parts.gathering === "smart") await passWithFacts(batch);
  if (strategy.kind === "lockstep") await runLockstep(batch, strategy);
  else await runFree(batch, strategy.pinned ? parts.forks : hosts.length);
  for (const host of state.failed()) run.failed.add(host);
  for (const host of state.unreachable) run.unreachable.add(host);
  return batch.ended ?? (batch.broken ? "broken" : "done");
}

/** gathering = smart: hosts whose facts are known, from this run or from the cache, gather no more (ansible/executor/play_iterator.py). */
async function passWithFacts({ parts, state, hosts, play }: Batch): Promise<void> {
  const known = await Promise.all(
    hosts.map((host) =>
      parts.shards.render(
        host,
        play.setup,
        hosts,
        "{{ ansible_facts['_ansible_facts_gathered'] | default(false) }}",
      ),
    ),
  );
  for (const [index, host] of hosts.entries())
    if (known[index] === true && state.at(host)?.task === play.setup) state.pass(host);
}

/** --start-at-task: a play without the task runs nothing, the first with it runs from there on, later ones run whole. */
function fromStart(run: RunState, play: Play, tree: PlayTree): PlayTree {
  const { startAt: wanted } = run;
  if (wanted === undefined) return tree;
  const [setup, ...rest] = tree.root.children;
  const gathers = setup === play.setup;
  const root = startAt(gathers ? { ...tree.root, children: rest } : tree.root, (task) =>
    hasName(task, wanted),
  );
  if (root === undefined) return { ...tree, root: { ...tree.root, children: [] } };
  run.startAt = undefined;
  return {
    ...tree,
    root: gathers ? { ...root, children: [play.setup, ...root.children] } : root,
  };
}

async function runLockstep(
  batch: Batch,
  strategy: Extract<Strategy, { kind: "lockstep" }>,
): Promise<void> {
  const { state, parts } = batch;
  for (;;) {
    const command = strategy.next(state);
    if (command.kind === "end" || batch.ended !== undefined || parts.signal.aborted) return;
    if (command.kind === "flush") {
      failOnBrokenVars(batch, command.hosts);
      for (const host of command.hosts) state.flush(host);
    } else {
      const due = withoutRepeatedRoles(batch, command);
      if (due !== undefined) await runTask(batch, due);
    }
  }
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
