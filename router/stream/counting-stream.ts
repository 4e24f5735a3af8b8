import type { ByteStream } from "./stream.ts";

/** Bytes that went through. */
export interface ByteCount {
  sent: number;
  received: number;
}

/** The same stream, its bytes added to `count`. */
export function countBytes(stream: ByteStream, count: ByteCount): ByteStream {
  return {
    open: (handlers) =>
      stream.open({
        ...handlers,
        onData(chunk) {
          count.received += chunk.length;
          handlers.onData(chunk);
        },
      }),
    write(chunk) {
      count.sent += chunk.length;
      return stream.write(chunk);
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: () => stream.end(),
    destroy: (reason) => stream.destroy(reason),
  };
}
