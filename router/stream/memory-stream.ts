import type { ByteStream, StreamEnd, StreamHandlers } from "./stream.ts";

/** The far end of a {@link createMemoryStream}: what a scripted peer holds. */
export interface MemoryPeer {
  /** Everything that was written and not yet taken. */
  take(): Uint8Array;
  /** Number of `write` calls so far: bytes of one tick must leave in one. */
  readonly writes: number;
  readonly ended: boolean;
  readonly destroyed: boolean;
  readonly paused: boolean;
  send(chunk: Uint8Array): void;
  /** Called for every write, in its place. */
  onWrite(listener: (chunk: Uint8Array) => void): void;
  finish(end?: Partial<StreamEnd>): void;
  /** Makes `write` answer false until it is called with false again. */
  setFull(full: boolean): void;
}

/** A stream without a machine under it, for tests and benchmarks. Delivery is synchronous. */
export function createMemoryStream(): { readonly stream: ByteStream; readonly peer: MemoryPeer } {
  let handlers: StreamHandlers | undefined;
  let written: Uint8Array[] = [];
  let listener: ((chunk: Uint8Array) => void) | undefined;
  const early: Uint8Array[] = [];
  const state = { writes: 0, ended: false, destroyed: false, paused: false, full: false };
  let finished = false;

  const finish = (end: Partial<StreamEnd>) => {
    if (finished) return;
    finished = true;
    handlers?.onEnd({ stderr: "", ...end });
  };
  const stream: ByteStream = {
    open(given) {
      handlers = given;
      for (const chunk of early.splice(0)) given.onData(chunk);
    },
    write(chunk) {
      if (finished) return true;
      state.writes += 1;
      written.push(chunk);
      listener?.(chunk);
      return !state.full;
    },
    pause() {
      state.paused = true;
    },
    resume() {
      state.paused = false;
      for (const chunk of early.splice(0)) handlers?.onData(chunk);
    },
    end() {
      state.ended = true;
    },
    destroy(reason) {
      state.destroyed = true;
      queueMicrotask(() => finish(reason === undefined ? {} : { error: reason }));
    },
  };
  const peer: MemoryPeer = {
    take() {
      const all = Buffer.concat(written);
      written = [];
      return all;
    },
    get writes() {
      return state.writes;
    },
    get ended() {
      return state.ended;
    },
    get destroyed() {
      return state.destroyed;
    },
    get paused() {
      return state.paused;
    },
    send(chunk) {
      if (finished) return;
      if (handlers === undefined || state.paused) early.push(chunk);
      else handlers.onData(chunk);
    },
    onWrite(given) {
      listener = given;
    },
    finish(end = {}) {
      finish(end);
    },
    setFull(full) {
      state.full = full;
      if (!full) handlers?.onDrain();
    },
  };
  return { stream, peer };
}
