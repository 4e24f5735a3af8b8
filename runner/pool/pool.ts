import { MessageChannel } from "node:worker_threads";
import type { FromShard, ShardInit, ShardPort, ToShard } from "./messages.ts";
import { threadPort } from "./thread-port.ts";

/** The shards of a run as the main thread sees them. */
export interface Pool {
  readonly size: number;
  send(shard: number, message: ToShard): void;
  onMessage(listener: (shard: number, message: FromShard) => void): void;
  /** Rejects when a shard dies; otherwise settles when all have ended. */
  readonly ended: Promise<void>;
  /** Ends worker threads that are still there. */
  destroy(): Promise<void>;
}

/** Starts a shard on the given end of a channel; settles when it has ended. */
export type StartInline = (port: ShardPort<FromShard, ToShard>) => Promise<void>;

export interface PoolOptions {
  readonly size: number;
  /** The worker's program: its default export takes `{ port }` and settles when the shard has ended. */
  readonly workerFile: string;
  /** Runs the only shard in the main thread: a small run does not pay for a thread. */
  readonly inline: StartInline;
  readonly init: ShardInit;
}

/** Starts the shards: one in this thread when one is enough, else one long-lived piscina task per worker thread. */
export async function createPool(options: PoolOptions): Promise<Pool> {
  const pool =
    options.size === 1
      ? inlinePool(options.inline)
      : await threadPool(options.size, options.workerFile);
  for (let shard = 0; shard < pool.size; shard++)
    pool.send(shard, { kind: "init", init: options.init });
  return pool;
}

function inlinePool(start: StartInline): Pool {
  let toMain: ((shard: number, message: FromShard) => void) | undefined;
  let toShard: ((message: ToShard) => void) | undefined;
  const early: ToShard[] = [];
  const ended = start({
    send: (message) => toMain?.(0, message),
    onMessage(listener) {
      toShard = listener;
      for (const message of early) listener(message);
    },
  });
  return {
    size: 1,
    send(_shard, message) {
      if (toShard === undefined) early.push(message);
      else toShard(message);
    },
    onMessage(listener) {
      toMain = listener;
    },
    ended,
    destroy: () => Promise.resolve(),
  };
}

async function threadPool(size: number, workerFile: string): Promise<Pool> {
  const { Piscina } = await import("piscina");
  const piscina = new Piscina({
    filename: workerFile,
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: 1,
    idleTimeout: 0,
  });
  const ports: ShardPort<ToShard, FromShard>[] = [];
  const runs: Promise<unknown>[] = [];
  for (let shard = 0; shard < size; shard++) {
    const { port1, port2 } = new MessageChannel();
    ports.push(threadPort(port1));
    // The worker closes its end behind its last message; closing ours here could drop that message.
    runs.push(piscina.run({ port: port2 }, { transferList: [port2] }));
  }
  return {
    size,
    send: (shard, message) => ports[shard]!.send(message),
    onMessage(listener) {
      for (const [shard, port] of ports.entries())
        port.onMessage((message) => listener(shard, message));
    },
    ended: Promise.all(runs).then(() => undefined),
    destroy: () => piscina.destroy(),
  };
}
