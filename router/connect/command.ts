import { createChildStream } from "../stream/child-stream.ts";
import type { ByteStream } from "../stream/stream.ts";
import type { Transport } from "./transport.ts";

/**
 * Commands that a program of this machine runs, each in a child process with its own group: a shell here, or what brings a text to a
 * shell elsewhere, as `docker exec` does. None has a terminal.
 */
export function createCommandTransport(
  argv: readonly [string, ...string[]],
  cwd?: string,
): Transport {
  const streams = new Set<ByteStream>();
  return {
    wire: undefined,
    start: (command) => {
      const stream = createChildStream({ argv: [...argv, command], cwd });
      streams.add(stream);
      return Promise.resolve(stream);
    },
    end: () => Promise.resolve(),
    destroy(reason) {
      for (const stream of streams) stream.destroy(reason);
    },
  };
}
