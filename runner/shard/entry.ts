import type { MessagePort } from "node:worker_threads";
import { loadAgent } from "#remote";
import type { FromShard, ToShard } from "../pool/messages.ts";
import { threadPort } from "../pool/thread-port.ts";
import { type ShardSide, startShard } from "./shard.ts";

/** A worker thread's whole life: one shard on the port it was given. */
export default async function runShard({ port }: { readonly port: MessagePort }): Promise<void> {
  const side = threadPort<FromShard, ToShard>(port);
  await startShard(side, loadAgent());
  side.close();
}

/** The same shard in the main thread. */
export function runInline(side: ShardSide): Promise<void> {
  return startShard(side, loadAgent());
}
