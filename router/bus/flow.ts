import type { Fifo } from "../base/index.ts";
import { createFifo } from "../base/index.ts";
import { LIMIT } from "../frame/layout.ts";
import { joinBytes } from "../message/assemble.ts";
import type { ByteStream } from "../stream/stream.ts";

/** Collects what is sent in one tick and writes it at once. */
export interface Outbox {
  /** Bytes that wait for a stream, for the tick's end or for a slow peer. */
  readonly queued: number;
  send(bytes: Uint8Array): void;
  /** Gives the stream, and the bytes that go before everything that is queued already. */
  attach(stream: ByteStream, first: readonly Uint8Array[]): void;
  /** The stream has room again. */
  drained(): void;
  /** Writes now what can be written. */
  flush(): void;
  /** Forgets everything; later sends go nowhere. */
  drop(): void;
}

/** Small pieces are joined up to this size: one write, one SSH packet sequence. */
const JOIN_BYTES = 256 * 1024;

/**
 * Makes an {@link Outbox}.
 *
 *     send send send | end of tick: one write | stream full: hold ... drained: write on
 *
 * The tick's end is a microtask: a timer would cost a millisecond per round trip.
 */
export function createOutbox(onWrite: () => void): Outbox {
  const waiting: Fifo<Uint8Array> = createFifo();
  let queued = 0;
  let stream: ByteStream | undefined;
  let full = false;
  let scheduled = false;
  let dropped = false;

  const flush = () => {
    scheduled = false;
    while (stream !== undefined && !full && waiting.size > 0) {
      const bytes = takeGroup(waiting);
      queued -= bytes.length;
      onWrite();
      if (!stream.write(bytes)) full = true;
    }
  };
  const schedule = () => {
    if (scheduled || full || stream === undefined) return;
    scheduled = true;
    queueMicrotask(flush);
  };
  return {
    get queued() {
      return queued;
    },
    send(bytes) {
      if (dropped) return;
      waiting.push(bytes);
      queued += bytes.length;
      schedule();
    },
    attach(given, first) {
      stream = given;
      const behind = waiting.drain();
      for (const bytes of [...first, ...behind]) waiting.push(bytes);
      for (const bytes of first) queued += bytes.length;
      schedule();
    },
    drained() {
      full = false;
      flush();
    },
    flush,
    drop() {
      dropped = true;
      stream = undefined;
      waiting.drain();
      queued = 0;
    },
  };
}

function takeGroup(waiting: Fifo<Uint8Array>): Uint8Array {
  const first = waiting.shift() as Uint8Array;
  const next = waiting.peek();
  if (next === undefined || first.length + next.length > JOIN_BYTES) return first;
  const group = [first];
  let total = first.length;
  for (;;) {
    const following = waiting.peek();
    if (following === undefined || total + following.length > JOIN_BYTES) break;
    group.push(following);
    total += following.length;
    waiting.shift();
  }
  return joinBytes(group);
}

/** How far a sender of a file may go. */
export interface Credit {
  /** Bytes sent so far. */
  readonly sent: number;
  /** Bytes that the receiver reported as consumed. */
  readonly consumed: number;
  /** Resolves when `bytes` more may be sent, and counts them as sent. */
  take(bytes: number): Promise<void>;
  /**
   * The receiver's report: bytes consumed since the start. Returns false when it is impossible:
   * less than before, or more than was sent.
   */
  grant(consumed: number): boolean;
  /** Lets a waiting sender go on: whoever stops the transfer says why. */
  release(): void;
}

/** Makes the {@link Credit} of one transfer: at most 1 MiB under way. */
export function createCredit(window: number = LIMIT.fileWindow): Credit {
  let sent = 0;
  let consumed = 0;
  let released = false;
  let wake: (() => void) | undefined;
  return {
    get sent() {
      return sent;
    },
    get consumed() {
      return consumed;
    },
    async take(bytes) {
      // A single piece larger than the window could never go: pieces are cut far below it.
      while (!released && sent + bytes - consumed > window) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      sent += bytes;
    },
    grant(total) {
      if (total < consumed || total > sent) return false;
      consumed = total;
      wake?.();
      return true;
    },
    release() {
      released = true;
      wake?.();
    },
  };
}
