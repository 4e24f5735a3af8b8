import { LoadError } from "../load/source.ts";
import type { Task } from "../model/play.ts";
import type { Batch } from "./batch.ts";

/** Carries out a meta task for the hosts whose condition held (ansible/plugins/strategy/__init__.py, _execute_meta). */
export async function runMeta(
  batch: Batch,
  name: string,
  task: Task,
  hosts: readonly string[],
): Promise<void> {
  const { state, parts } = batch;
  const passAll = (): void => {
    for (const host of hosts) state.pass(host);
  };
  switch (name) {
    case "noop":
      passAll();
      return;
    case "flush_handlers":
      for (const host of hosts) state.flush(host);
      return;
    case "refresh_inventory":
      parts.inventory.refresh();
      passAll();
      return;
    case "end_host":
      for (const host of hosts) state.finish(host);
      return;
    case "end_play":
      for (const host of state.active()) state.finish(host);
      batch.ended = "end-play";
      return;
    case "end_batch":
      for (const host of state.active()) state.finish(host);
      return;
    case "clear_host_errors":
      state.clearErrors();
      batch.run.failed.clear();
      batch.run.unreachable.clear();
      passAll();
      return;
    case "clear_facts":
      parts.shards.clearFacts(hosts);
      passAll();
      return;
    case "reset_connection":
      await parts.shards.resetConnections(task.id, hosts);
      passAll();
      return;
    default:
      throw new LoadError(`invalid meta action requested: ${name}`, task.origin, { kind: "error" });
  }
}
