import { constants, createInflateRaw } from "node:zlib";

/** Inflates one long raw-deflate stream, piece by piece. */
export interface StreamInflater {
  /**
   * Takes compressed bytes and hands out what they hold, in pieces of at most 64 KiB: a bomb is met
   * by the reader's limits, not by memory.
   * @throws Error when the data is not raw deflate.
   */
  push(chunk: Uint8Array): void;
  close(): void;
}

/** The part of Node's zlib engine that runs on the calling thread. */
interface ZlibHandle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  onerror: (message: string) => void;
}

const PIECE = 64 * 1024;

/**
 * Makes a {@link StreamInflater}. It drives zlib's handle on the calling thread, as ssh2 does for its
 * own compression: the stream interface would send every result of every host through the thread
 * pool, for a few microseconds of work.
 * @throws Error when this version of Node has no such handle.
 */
export function createStreamInflater(onData: (bytes: Uint8Array) => void): StreamInflater {
  const engine = createInflateRaw();
  const inner = engine as unknown as { _handle?: ZlibHandle | null; _writeState?: Uint32Array };
  const handle = inner._handle;
  const state = inner._writeState;
  if (handle == null || typeof handle.writeSync !== "function" || state === undefined) {
    throw new Error(
      "this version of Node cannot inflate on the calling thread: turn compression off",
    );
  }
  let failure: string | undefined;
  let closed = false;
  handle.onerror = (message) => {
    failure = message;
  };
  return {
    push(chunk) {
      let offset = 0;
      let left = chunk.length;
      for (;;) {
        if (closed) return;
        const output = Buffer.allocUnsafe(Math.min(PIECE, 1024 + left * 8));
        handle.writeSync(constants.Z_SYNC_FLUSH, chunk, offset, left, output, 0, output.length);
        if (failure !== undefined) throw new Error(failure);
        const room = state[0] as number;
        const rest = state[1] as number;
        offset += left - rest;
        const moved = left !== rest || room !== output.length;
        left = rest;
        if (room < output.length) onData(output.subarray(0, output.length - room));
        // Room left over means that all input was used up; no movement, that the stream has ended.
        if (room > 0 || !moved) break;
      }
      if (left > 0) throw new Error("bytes follow the end of the compressed stream");
    },
    close() {
      if (closed) return;
      closed = true;
      engine.close();
    },
  };
}
