import type { LoadContext } from "../load/context.ts";
import { isTrue } from "../load/task.ts";
import type { Inventory } from "../model/host.ts";
import type { Play, Playbook } from "../model/play.ts";
import type { HostStats } from "../model/result.ts";
import type { Dict, Value } from "../model/value.ts";
import type { Callback } from "../output/callback.ts";
import type { TagChoice } from "../plan/select-tags.ts";
import type { Shards } from "./shards.ts";

/** The inventory as a run sees and changes it. */
export interface RunInventory {
  readonly current: Inventory;
  /** Reads the sources again (meta: refresh_inventory). */
  refresh(): void;
}

/** What a run needs, composed. */
export interface RunParts {
  readonly playbooks: readonly Playbook[];
  readonly inventory: RunInventory;
  readonly output: Callback;
  readonly shards: Shards;
  readonly context: LoadContext;
  readonly tags: TagChoice;
  readonly gathering: "implicit" | "explicit" | "smart";
  readonly forceHandlers: boolean;
  readonly checkMode: boolean;
  readonly forks: number;
  /** display_args_to_stdout. */
  readonly showsArgs: boolean;
  readonly startAt: string | undefined;
  readonly step: boolean;
  /** Asks for a line; undefined when there is no more input. */
  readonly askLine: (prompt: string) => Promise<string | undefined>;
  /** Hosts that a pattern names, in order, --limit applied. */
  readonly match: (pattern: string) => readonly string[];
  /** Renders text with extra and play variables only. */
  readonly renderPlay: (text: Value, play: Play) => Value;
  /** The play with the answers to its vars_prompt. */
  readonly prompted: (play: Play) => Promise<Play>;
  readonly nextId: () => number;
  readonly signal: AbortSignal;
}

/** Hosts that are out for the rest of the run, and the counts so far. */
export interface RunState {
  readonly failed: Set<string>;
  readonly unreachable: Set<string>;
  readonly stats: Map<string, HostStats>;
  /** Figures of set_stats by host; those of the whole run under "". */
  readonly custom: Map<string, Dict>;
  /** --start-at-task, until the task was found. */
  startAt: string | undefined;
}

/** Counts of a host, made at zero when first asked for. */
export function statsOf(state: RunState, host: string): HostStats {
  let stats = state.stats.get(host);
  if (stats === undefined) {
    stats = { ok: 0, changed: 0, unreachable: 0, failures: 0, skipped: 0, rescued: 0, ignored: 0 };
    state.stats.set(host, stats);
  }
  return stats;
}

/** Whether a play or task is marked as a dry run: by its own word, or else by the run's. */
export function inCheckMode(
  own: Value | undefined,
  { checkMode }: Pick<RunParts, "checkMode">,
): boolean {
  return own === undefined || own === null ? checkMode : isTrue(own);
}
