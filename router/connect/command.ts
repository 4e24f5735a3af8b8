import { createChildStream } from "../stream/child-stream.ts";
import type { ByteStream } from "../stream/stream.ts";
import type { Transport } from "./transport.ts";

/** Commands on this machine, each a child process with its own group. */
export function createLocalTransport(): Transport {
  const streams = new Set<ByteStream>();
  return {
    wire: undefined,
    start: (command) => {
      const stream = createChildStream({ argv: ["/bin/sh", "-c", command] });
      streams.add(stream);
      return Promise.resolve(stream);
    },
    end: () => Promise.resolve(),
    destroy(reason) {
      for (const stream of streams) stream.destroy(reason);
    },
  };
}
