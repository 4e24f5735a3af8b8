import type { Play, Task } from "../model/play.ts";
import { tasksOf } from "../model/tasks-of.ts";
import { LoadError } from "./source.ts";

/** Actions that run on the controller in Ansible and have no counterpart here yet, with what to do instead. */
const MISSING: Readonly<Record<string, string>> = {
  reboot: "Use `command: reboot` and wait_for_connection.",
};

/**
 * Refuses what would fail in the middle of a run.
 *
 * @throws LoadError that names the place and the word.
 */
export function rejectUnsupported(play: Play): void {
  rejectUnsupportedTasks(tasksOf(play));
}

/** The same for tasks that an include brought. */
export function rejectUnsupportedTasks(tasks: readonly Task[]): void {
  for (const task of tasks) {
    const name = task.resolvedAction.replace(/^ansible\.(builtin|legacy)\./, "");
    const hint = MISSING[name];
    if (hint !== undefined) {
      throw new LoadError(
        `the action '${task.action}' is not supported by skein yet`,
        task.origin,
        { hint },
      );
    }
  }
}
