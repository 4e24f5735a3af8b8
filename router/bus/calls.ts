import type { Clock, Timer } from "../base/index.ts";
import { createDeferred, RouterError } from "../base/index.ts";
import type { CallResult } from "../message/call.ts";

/** A batch that was sent and not wholly answered. */
export interface PendingCall {
  readonly id: number;
  readonly context: number;
  readonly promise: Promise<void>;
  /**
   * Takes a result.
   * @throws RouterError `corrupt` when it is not the next one of this batch.
   */
  result(result: CallResult, last: boolean): void;
  fail(error: RouterError): void;
}

/** What a pending batch needs from the bus. */
export interface PendingCallOptions {
  readonly id: number;
  readonly context: number;
  readonly name: string;
  readonly count: number;
  readonly clock: Clock;
  readonly onResult: (result: CallResult) => void;
  readonly deadlineSeconds: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Sends CANCEL. */
  readonly cancel: () => void;
  /** No answer can come any more: the bus forgets this id. */
  readonly onDone: () => void;
  /** Nobody waits any more, but answers may still come. */
  readonly onAbandoned: () => void;
}

/** How long a cancelled batch may take to answer before nobody waits for it any more. */
const CANCEL_GRACE = 10_000;

/**
 * Follows one batch. Cancelling (by signal or deadline) asks the agent; the batch ends when the agent
 * has answered, or after a grace time. From then on late answers are still accepted, and dropped:
 * they were asked for.
 *
 * Who wins: a result that is here before the deadline's CANCEL was answered counts as it is.
 * `cancelled` answers after a deadline are reported as `timeout`.
 */
export function createPendingCall(options: PendingCallOptions): PendingCall {
  const { id, context, name, count, clock, onResult, deadlineSeconds, signal, cancel } = options;
  const deferred = createDeferred<void>();
  let next = 0;
  let stopped: "deadline" | RouterError | undefined;
  let timer: Timer | undefined;

  const settle = (error: unknown) => {
    timer?.cancel();
    signal?.removeEventListener("abort", abort);
    if (error === undefined) deferred.resolve();
    else deferred.reject(error);
  };
  const stop = (why: "deadline" | RouterError, silent: RouterError) => {
    if (stopped !== undefined || deferred.settled) return;
    stopped = why;
    timer?.cancel();
    timer = clock.setTimer(CANCEL_GRACE, () => {
      settle(silent);
      options.onAbandoned();
    });
    cancel();
  };
  const abort = () => {
    const error = new RouterError("cancelled", `The call to ${name} was cancelled.`, {
      cause: signal?.reason,
    });
    stop(error, error);
  };
  if (signal !== undefined) signal.addEventListener("abort", abort, { once: true });
  if (deadlineSeconds !== undefined && deadlineSeconds > 0) {
    timer = clock.setTimer(deadlineSeconds * 1000, () =>
      stop(
        "deadline",
        new RouterError(
          "lost",
          `${name} did not answer within ${deadlineSeconds} s, nor to the cancellation after that.`,
        ),
      ),
    );
  }
  return {
    id,
    context,
    promise: deferred.promise,
    result(result, last) {
      if (result.index !== next || last !== (next === count - 1)) {
        throw new RouterError(
          "corrupt",
          `result ${result.index}${last ? " (last)" : ""} came where ${next} of ${count} was due`,
        );
      }
      next += 1;
      if (last) options.onDone();
      if (!deferred.settled) {
        const late = stopped === "deadline" && result.outcome === "cancelled";
        try {
          onResult(late ? { ...result, outcome: "timeout" } : result);
        } catch (thrown) {
          // The listener's own mistake: its batch ends with it, the link lives on.
          if (!last && stopped === undefined) cancel();
          settle(thrown);
          return;
        }
        if (last) settle(stopped instanceof RouterError ? stopped : undefined);
      }
    },
    fail(error) {
      options.onDone();
      if (!deferred.settled) settle(error);
    },
  };
}
