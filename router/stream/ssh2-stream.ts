import type { ClientChannel } from "ssh2";
import type { ByteStream, StreamEnd, StreamHandlers } from "./stream.ts";
import { createTail } from "./tail.ts";

/**
 * A channel of an in-process SSH connection. ssh2 holds at most its window (2 MiB) in either
 * direction: `write` answers false beyond it, and a paused reader stops granting window.
 * `connectionFailure` tells why the connection broke, when that is what closed the channel.
 */
export function createSsh2Stream(
  channel: ClientChannel,
  connectionFailure: () => Error | undefined,
): ByteStream {
  const tail = createTail();
  let handlers: StreamHandlers | undefined;
  let ended: StreamEnd | undefined;
  let reason: Error | undefined;

  const finish = (end: Omit<StreamEnd, "stderr">) => {
    if (ended !== undefined) return;
    ended = { ...end, stderr: tail.text() };
    handlers?.onEnd(ended);
  };
  channel.on("drain", () => handlers?.onDrain());
  channel.on("error", (error: Error) => finish({ error: reason ?? error }));
  channel.stderr.on("error", () => {});
  channel.stderr.on("data", (chunk: Uint8Array) => {
    tail.push(chunk);
    handlers?.onStderr?.(chunk);
  });
  channel.on("close", (code?: number | null, signal?: string) => {
    const error = reason ?? connectionFailure();
    finish({
      ...(error === undefined ? {} : { error }),
      ...(typeof code === "number" ? { exitCode: code } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
  });
  return {
    open(given) {
      handlers = given;
      channel.on("data", (chunk: Uint8Array) => given.onData(chunk));
      if (ended !== undefined) given.onEnd(ended);
    },
    write(chunk) {
      if (!channel.writable || ended !== undefined) return true;
      return channel.write(chunk);
    },
    pause() {
      channel.pause();
    },
    resume() {
      channel.resume();
    },
    end() {
      channel.end();
    },
    destroy(given) {
      if (ended !== undefined) return;
      reason ??= given;
      // What is still unread would keep the channel from closing.
      channel.resume();
      channel.close();
      finish({ ...(reason === undefined ? {} : { error: reason }) });
    },
  };
}
