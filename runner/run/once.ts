import type { Task } from "../model/play.ts";
import { PyTuple } from "../model/value.ts";
import { aliveHosts, type Batch } from "./batch.ts";

/**
 * On which hosts of a cohort a task runs: on each; on the first, with its result for all (run_once); or on the first alone,
 * while the others pass (actions that set BYPASS_HOST_LOOP).
 */
export type Once = "each" | "for-all" | "alone";

/** Decides it with the first host's variables (ansible/plugins/strategy/linear.py). */
export async function onceOf(batch: Batch, task: Task, host: string): Promise<Once> {
  if (await keywordOf(batch, task, host, task.runOnce)) return "for-all";
  return bypassesHosts(task) ? "alone" : "each";
}

/** Whether an action is one that Ansible runs once for all hosts. */
export function bypassesHosts(task: Task): boolean {
  return /^ansible\.(?:builtin|legacy)\.(?:add_host|pause)$/.test(task.resolvedAction);
}

/** A boolean keyword that the main thread needs, rendered with a host's variables where it is a template. */
export async function keywordOf(
  batch: Batch,
  task: Task,
  host: string,
  value: Task["runOnce"],
): Promise<boolean> {
  // A tuple is a keyword that may be omitted, with what it then inherits.
  const isTemplate =
    value instanceof PyTuple || (typeof value === "string" && value.includes("{{"));
  const rendered = isTemplate
    ? await batch.parts.shards.render(host, task, aliveHosts(batch), value)
    : value;
  return typeof rendered === "string"
    ? ["true", "yes", "on", "1", "y", "t"].includes(rendered.trim().toLowerCase())
    : rendered === true || rendered === 1;
}
