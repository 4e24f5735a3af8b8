import type { Block, Play, Task } from "../model/play.ts";
import { tasksBelow } from "../model/tasks-of.ts";
import type { BatchState } from "../plan/batch-state.ts";
import type { Gate } from "./gate.ts";
import type { RunParts, RunState } from "./parts.ts";

export type BatchEnd = "done" | "end-play" | "broken" | "quit";

/** One batch under way. */
export interface Batch {
  readonly parts: RunParts;
  readonly run: RunState;
  readonly play: Play;
  readonly state: BatchState;
  readonly hosts: readonly string[];
  /** Whether all hosts take a task before any takes the next. */
  readonly lockstep: boolean;
  /** Hosts of all batches. */
  readonly allHosts: readonly string[];
  /** The names a handler answers to; the last is the one that it is shown by. */
  readonly handlerNames: (handler: Task) => readonly string[];
  ended: BatchEnd | undefined;
  /** Set when a failure is fatal: the batch ends as soon as hosts in rescue and always sections are through. */
  broken: boolean;
  /** Hosts that a task took out of the play at once: what max_fail_percentage counts. */
  readonly out: Set<string>;
  /** --step, until the user says to go on. */
  stepping: boolean;
  /** Settles when the debugger is free for the next host. */
  debugging: Promise<void>;
  /** The task whose banner was shown last. */
  lastBanner: number | undefined;
  /** Where hosts go their own ways: names of tasks as the first host that came to them rendered them. */
  readonly names: Map<number, string>;
  /** Where hosts go their own ways: the tasks with a throttle, by their ids. */
  readonly throttled: Map<number, Gate>;
  /** `host`, then the identity of a role -> the use of it that ran a task there. */
  readonly rolesRun: Map<string, Map<number, number>>;
}

/** Hosts of the play that are not out of it, in this batch and the others. */
export function aliveHosts({ run, state, allHosts }: Batch): readonly string[] {
  const removed = state.removed();
  if (removed.size + run.failed.size + run.unreachable.size === 0) return allHosts;
  return allHosts.filter(
    (host) => !removed.has(host) && !run.failed.has(host) && !run.unreachable.has(host),
  );
}

/** Tells shards of tasks that did not exist when the play began. */
export function announceTasks({ parts }: Batch, blocks: readonly Block[]): void {
  const tasks = blocks.flatMap((block) => tasksBelow(block));
  if (tasks.length > 0) parts.shards.addTasks(tasks, []);
}
