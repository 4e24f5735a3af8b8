import { LoadError } from "../load/source.ts";
import type { Play } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import { batchesOf } from "../plan/batches.ts";
import { omitToken } from "../template/environment.ts";
import { pyStr } from "../template/py-repr.ts";
import { inCheckMode, type RunParts, type RunState } from "./parts.ts";
import { runBatch } from "./run-batch.ts";

export interface RunResult {
  /** Whether hosts are failed, or unreachable, in the end: an error that was cleared is none. */
  readonly failed: boolean;
  readonly unreachable: boolean;
  /** Whether any_errors_fatal or max_fail_percentage ended the run. */
  readonly broken: boolean;
  /** Whether the user ended it in the debugger. */
  readonly quit: boolean;
}

/** Runs playbooks play by play and batch by batch, and ends each with the recap (ansible/executor/playbook_executor.py). */
export async function runPlaybooks(parts: RunParts): Promise<RunResult> {
  const state: RunState = {
    failed: new Set(),
    unreachable: new Set(),
    stats: new Map(),
    custom: new Map(),
    startAt: parts.startAt,
  };
  let end: PlayEnd = "done";
  for (const playbook of parts.playbooks) {
    parts.output.on({ kind: "playbook-start", file: playbook.file, given: playbook.given });
    const text = `${playbook.plays.length} plays in ${playbook.given}`;
    parts.output.on({ kind: "verbose", level: 2, host: undefined, text });
    for (const play of playbook.plays) {
      end = await runPlay(parts, state, await parts.prompted(play));
      if (end !== "done" || parts.signal.aborted) break;
    }
    if (end === "quit") break;
    reportStats(parts, state);
    // Playbooks behind one that left failed hosts are not begun (ansible/executor/playbook_executor.py).
    const isClean = state.failed.size + state.unreachable.size === 0;
    if (end !== "done" || !isClean || parts.signal.aborted) break;
  }
  if (state.startAt !== undefined) {
    const text = `No matching task "${state.startAt}" found. Note: --start-at-task can only follow static includes.`;
    parts.output.on({ kind: "error", text });
  }
  return {
    failed: state.failed.size > 0,
    unreachable: state.unreachable.size > 0,
    broken: end === "broken",
    quit: end === "quit",
  };
}

type PlayEnd = "done" | "lost" | "broken" | "quit";

/** The recap behind each playbook: what was counted since the run began. */
function reportStats({ output }: RunParts, { stats, custom }: RunState): void {
  const hosts = new Map([...stats].sort(([a], [b]) => (a < b ? -1 : 1)));
  output.on({ kind: "stats", hosts, custom });
}

async function runPlay(parts: RunParts, state: RunState, play: Play): Promise<PlayEnd> {
  const { output } = parts;
  const hosts = hostsOf(parts, play);
  const pattern = Array.isArray(hosts) ? hosts.map(String).join(",") : String(hosts);
  const matched = parts.match(pattern);
  const all = inOrder(matched, play.order);
  const name = play.name === undefined ? pyStr(hosts) : String(parts.renderPlay(play.name, play));
  const start = {
    kind: "play-start",
    name,
    checkMode: inCheckMode(play.checkMode, parts),
    hosts: Array.isArray(hosts) ? hosts.map(String) : [String(hosts)],
    path: `${play.origin.file}:${play.origin.line}`,
    allHosts: all,
    play,
  } as const;
  if (all.length === 0) {
    output.on({ ...start, batch: parts.match("all") });
    output.on({ kind: "no-hosts-matched" });
    return "done";
  }
  const serial = play.serial
    .flatMap((size) => parts.renderPlay(size, play))
    .filter((size) => size !== omitToken);
  const batches = batchesOf(all, serial);
  for (const batch of batches) {
    output.on({ ...start, batch });
    const hosts = batch.filter((host) => !state.failed.has(host) && !state.unreachable.has(host));
    if (hosts.length === 0) continue;
    const end = await runBatch(parts, state, play, hosts, matched);
    if (end === "broken" || end === "quit") return end;
    if (end === "end-play" || parts.signal.aborted) return "done";
    // A batch in which every host failed ends the whole run.
    if (hosts.every((host) => state.failed.has(host) || state.unreachable.has(host))) return "lost";
  }
  return "done";
}

/** @throws LoadError for hosts that cannot be rendered. */
function hostsOf(parts: RunParts, play: Play): Value {
  try {
    return parts.renderPlay(play.hosts, play);
  } catch (error) {
    if (error instanceof LoadError) throw error;
    throw new LoadError(`The hosts of a play: ${(error as Error).message}`, play.origin, {
      cause: error,
      hint: "Variables of inventory and facts are a host's own: only extra variables and the play's count here.",
    });
  }
}

function inOrder(hosts: readonly string[], order: Play["order"]): readonly string[] {
  switch (order) {
    case "inventory":
      return hosts;
    case "reverse_inventory":
      return [...hosts].reverse();
    case "sorted":
      return [...hosts].sort();
    case "reverse_sorted":
      return [...hosts].sort().reverse();
    case "shuffle":
      return shuffled(hosts);
  }
}

function shuffled(hosts: readonly string[]): string[] {
  const mixed = [...hosts];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}
