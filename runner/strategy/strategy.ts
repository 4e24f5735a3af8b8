import type { Task } from "../model/play.ts";
import type { BatchState } from "../plan/batch-state.ts";
import { metaName } from "../plan/play-tree.ts";

/** What to do now. */
export type Command =
  /** Run a task on hosts. */
  | {
      readonly kind: "run";
      readonly task: Task;
      readonly hosts: readonly string[];
      readonly handler: boolean;
      /** Whether a failure is kept for a rescue section. */
      readonly isRescued: boolean;
    }
  /** Send hosts to their notified handlers. */
  | { readonly kind: "flush"; readonly hosts: readonly string[] }
  /** All hosts are through. */
  | { readonly kind: "end" };

/** Decides which task runs next on which hosts. */
export type Strategy =
  | {
      readonly kind: "lockstep";
      /** The next command, given that nothing is under way. Pure: it reads the state and answers; the run obeys. */
      next(state: BatchState): Command;
    }
  /** Every host for itself; `pinned`: as many as there are forks, each to the end of the play. */
  | { readonly kind: "free"; readonly pinned: boolean };

const strategies: Record<string, Strategy> = {
  /** All hosts in lockstep: the earliest task of the play first, on all hosts that stand at it (ansible/plugins/strategy/linear.py). */
  linear: { kind: "lockstep", next: nextLinear },
  /** The same, and what failed opens the debugger (ansible/plugins/strategy/debug.py). */
  debug: { kind: "lockstep", next: nextLinear },
  /** Every host at its own pace (ansible/plugins/strategy/free.py, host_pinned.py). */
  free: { kind: "free", pinned: false },
  host_pinned: { kind: "free", pinned: true },
};

/** The strategy of that name, or undefined. */
export function findStrategy(name: string): Strategy | undefined {
  return strategies[name.replace(/^(ansible\.builtin\.|ansible\.legacy\.|mitogen_)/, "")];
}

function nextLinear(state: BatchState): Command {
  const cohort = state.first();
  if (cohort === undefined) return { kind: "end" };
  const { task, hosts } = cohort;
  if (task.implicit === true && metaName(task) === "flush_handlers")
    return { kind: "flush", hosts };
  const { inHandlers: handler, isRescued } = cohort;
  return { kind: "run", task, hosts, handler, isRescued };
}
