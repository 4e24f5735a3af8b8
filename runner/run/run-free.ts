import { LoadError } from "../load/source.ts";
import type { Task } from "../model/play.ts";
import type { Batch } from "./batch.ts";
import { failOnBrokenVars } from "./broken-hosts.ts";
import { bypassesHosts, keywordOf } from "./once.ts";
import { withoutRepeatedRoles } from "./repeated-roles.ts";
import { runTask } from "./run-task.ts";

/**
 * Lets every host go through the play at its own pace (ansible/plugins/strategy/free.py), at most `lanes` of them at once:
 * host_pinned starts another host only when one is through.
 *
 * @throws Error for what ends the whole run.
 */
export async function runFree(batch: Batch, lanes: number): Promise<void> {
  const { play, parts } = batch;
  if (play.maxFailPercentage !== undefined) {
    parts.output.on({
      kind: "warning",
      text: "Using max_fail_percentage with the free strategy is not supported, as tasks are executed independently on each host",
    });
  }
  const queue = [...batch.hosts];
  const lane = async (): Promise<void> => {
    try {
      for (let host = queue.shift(); host !== undefined; host = queue.shift())
        await runHost(batch, host);
    } catch (error) {
      // The others begin nothing more.
      batch.ended ??= "broken";
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, queue.length) }, lane));
  if (batch.hosts.every((host) => batch.state.unreachable.has(host)))
    parts.output.on({ kind: "no-hosts-remaining" });
}

async function runHost(batch: Batch, host: string): Promise<void> {
  const { state, parts } = batch;
  for (;;) {
    const place = state.at(host);
    if (place === undefined || batch.ended !== undefined || parts.signal.aborted) return;
    const { task, hosts, inHandlers, isRescued } = place;
    if (task.implicit === true && task.args.get("_raw_params") === "flush_handlers") {
      failOnBrokenVars(batch, [host]);
      state.flush(host);
      continue;
    }
    const command = { kind: "run", task, hosts, handler: inHandlers, isRescued } as const;
    const due = withoutRepeatedRoles(batch, command);
    if (due === undefined) continue;
    if (bypassesHosts(task)) {
      throw new LoadError(
        `The '${task.action}' module bypasses the host loop, which is currently not supported in the free strategy and would instead execute for every host in the inventory list.`,
        task.origin,
      );
    }
    await warnOfLockstep(batch, task, host);
    if (batch.ended !== undefined) return;
    await runTask(batch, due);
  }
}

/** Says what needs hosts in lockstep and has no effect here. */
async function warnOfLockstep(batch: Batch, task: Task, host: string): Promise<void> {
  const warn = (text: string): void => batch.parts.output.on({ kind: "warning", text });
  if (task.runOnce !== undefined && (await keywordOf(batch, task, host, task.runOnce)))
    warn(
      "Using run_once with the free strategy is not currently supported. This task will still be executed for every host in the inventory list.",
    );
  if (await keywordOf(batch, task, host, task.anyErrorsFatal ?? batch.play.anyErrorsFatal))
    warn(
      "Using any_errors_fatal with the free strategy is not supported, as tasks are executed independently on each host",
    );
}
