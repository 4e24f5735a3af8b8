import type { ByteStream, StreamHandlers } from "./stream.ts";

/** A stream whose far end may have to be exchanged while nothing was heard from it yet. */
export interface ReplayStream extends ByteStream {
  /** Gives the far end; or another one, which is told again all that was written so far. */
  use(inner: ByteStream): void;
  /** The far end is the right one: what was written need not be kept any longer. */
  confirm(): void;
  /** There will be no far end. */
  fail(error: Error): void;
}

/** Most that is kept: writers are held back beyond it until the far end is confirmed. */
const KEEP = 1024 * 1024;

/** Makes a {@link ReplayStream}. */
export function createReplayStream(): ReplayStream {
  let handlers: StreamHandlers | undefined;
  let inner: ByteStream | undefined;
  let failure: Error | undefined;
  let isOver = false;
  let kept: Uint8Array[] | undefined = [];
  let keptBytes = 0;
  let isFull = false;
  let hasEnded = false;

  const finish = (error: Error) => {
    if (isOver) return;
    failure = error;
    kept = undefined;
    if (handlers === undefined) return;
    isOver = true;
    handlers.onEnd({ error, stderr: "" });
  };
  const listen = (to: ByteStream, by: StreamHandlers) => {
    // A far end that was exchanged for another has no say any more.
    const isCurrent = () => inner === to && !isOver;
    to.open({
      onData: (chunk) => isCurrent() && by.onData(chunk),
      onStderr: (chunk) => isCurrent() && by.onStderr?.(chunk),
      onDrain: () => isCurrent() && kept === undefined && by.onDrain(),
      onEnd(end) {
        if (!isCurrent()) return;
        isOver = true;
        by.onEnd(end);
      },
    });
  };
  return {
    open(given) {
      handlers = given;
      if (failure !== undefined) finish(failure);
      else if (inner !== undefined) listen(inner, given);
    },
    use(next) {
      if (isOver || failure !== undefined) {
        next.destroy();
        return;
      }
      inner = next;
      for (const chunk of kept ?? []) next.write(chunk);
      if (hasEnded) next.end();
      if (handlers !== undefined) listen(next, handlers);
    },
    confirm() {
      kept = undefined;
      if (isFull && !isOver) handlers?.onDrain();
    },
    fail: finish,
    write(chunk) {
      const room = inner?.write(chunk) ?? true;
      if (kept === undefined) return room;
      kept.push(chunk);
      keptBytes += chunk.length;
      isFull ||= keptBytes > KEEP || !room;
      return !isFull;
    },
    pause: () => inner?.pause(),
    resume: () => inner?.resume(),
    end() {
      hasEnded = true;
      inner?.end();
    },
    destroy(reason) {
      if (inner === undefined) finish(reason ?? new Error("the stream was destroyed"));
      else inner.destroy(reason);
    },
  };
}
