import { createDeferred, RouterError } from "../base/index.ts";
import type { Credit } from "./flow.ts";
import { createCredit } from "./flow.ts";

/** A file that arrived. */
export interface FilePut {
  /** What calls name it by. */
  readonly id: number;
  /** Where it lies on the target. */
  readonly path: string;
  readonly size: number;
  readonly sha1: string;
}

/** A file under way. */
export interface PendingTransfer {
  readonly id: number;
  readonly context: number;
  readonly promise: Promise<FilePut>;
  /** @throws RouterError `corrupt` when the credit is impossible. */
  credit(consumed: number): void;
  /** @throws RouterError `corrupt` when the size is not what was sent. */
  done(path: string, size: number, sha1: string, error: string | undefined): void;
  fail(error: RouterError): void;
}

export interface TransferOptions {
  readonly id: number;
  readonly context: number;
  readonly name: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly sendChunk: (offset: number, bytes: Uint8Array, last: boolean) => void;
  /** Tells the agent to drop what it has. */
  readonly cancel: () => void;
  /** No answer can come any more. */
  readonly onDone: () => void;
  /** Nobody waits any more, but answers may still come. */
  readonly onAbandoned: () => void;
}

/** A chunk: small enough for other frames to get in between, large enough to cost little. */
const CHUNK = 128 * 1024;

/** Streams a file under credit and waits for the agent's word that it has it whole. */
export function createTransfer(options: TransferOptions): PendingTransfer {
  const { id, context, name, signal } = options;
  const deferred = createDeferred<FilePut>();
  const credit = createCredit();
  let stopped = false;
  let complete = false;

  const settle = (run: () => void) => {
    if (deferred.settled) return;
    stopped = true;
    credit.release();
    signal?.removeEventListener("abort", abort);
    run();
  };
  const stop = (error: RouterError) =>
    settle(() => {
      options.cancel();
      deferred.reject(error);
      options.onAbandoned();
    });
  const abort = () =>
    stop(new RouterError("cancelled", `The file transfer to ${name} was cancelled.`));
  signal?.addEventListener("abort", abort, { once: true });
  pump(options, credit, () => stopped).then(
    () => {
      complete = true;
    },
    (cause: unknown) =>
      stop(
        new RouterError("agent", `Reading the file for ${name} failed: ${textOf(cause)}`, {
          cause,
        }),
      ),
  );
  return {
    id,
    context,
    promise: deferred.promise,
    credit(consumed) {
      if (stopped) return;
      if (!credit.grant(consumed)) {
        throw new RouterError(
          "corrupt",
          `credit for ${consumed} bytes of a file of which ${credit.sent} were sent`,
        );
      }
      options.onProgress?.(consumed);
    },
    done(path, size, sha1, error) {
      if (error === undefined && !stopped && (!complete || size !== credit.sent)) {
        throw new RouterError(
          "corrupt",
          `a file of ${credit.sent} bytes was reported as done with ${size}`,
        );
      }
      options.onDone();
      settle(() => {
        if (error === undefined) deferred.resolve({ id, path, size, sha1 });
        else deferred.reject(new RouterError("agent", `${name} could not take a file: ${error}`));
      });
    },
    fail(error) {
      options.onDone();
      settle(() => deferred.reject(error));
    },
  };
}

/** Cuts the source into chunks, holding one back: only the last one may say that it is. */
async function pump(options: TransferOptions, credit: Credit, isStopped: () => boolean) {
  let offset = 0;
  let held: Uint8Array | undefined;
  const send = async (bytes: Uint8Array, last: boolean) => {
    await credit.take(bytes.length);
    if (isStopped()) return;
    options.sendChunk(offset, bytes, last);
    offset += bytes.length;
  };
  for await (const piece of options.source) {
    for (let at = 0; at < piece.length; at += CHUNK) {
      if (isStopped()) return;
      if (held !== undefined) await send(held, false);
      held = piece.subarray(at, at + CHUNK);
    }
  }
  await send(held ?? new Uint8Array(0), true);
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
