import type { Clock } from "../base/index.ts";
import { createDeferred, createFifo, RouterError } from "../base/index.ts";

/** Lets a bounded, self-adjusting number of connections be set up at once. */
export interface Gate {
  /** How many may be set up at once, at present. */
  readonly width: number;
  /**
   * Runs `attempt` when there is room, again after a pause when it was refused.
   * @throws what the last attempt threw; RouterError `closed` after {@link Gate.close}.
   */
  run<T>(attempt: (number: number) => Promise<T>): Promise<T>;
  close(): void;
}

export interface GateOptions {
  readonly most: number;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Whether the other side turned an attempt away only because there were too many. */
  readonly isRefusal: (error: unknown) => boolean;
}

const TRIES = 6;
const FIRST_PAUSE = 200;

/**
 * Makes a {@link Gate}. sshd drops new connections at random when too many are not yet logged in
 * (MaxStartups). So a refusal halves the width, a success widens it by one, and the refused attempt
 * comes again after a pause that doubles, spread by half to both sides.
 */
export function createGate({ most, clock, random, isRefusal }: GateOptions): Gate {
  let width = most;
  let running = 0;
  let closed = false;
  const queue = createFifo<(error?: RouterError) => void>();

  const enter = async () => {
    if (closed) throw closedError();
    if (running < width) {
      running += 1;
      return;
    }
    const turn = createDeferred<void>();
    queue.push((error) => (error === undefined ? turn.resolve() : turn.reject(error)));
    await turn.promise;
  };
  const leave = () => {
    running -= 1;
    while (running < width && queue.size > 0) {
      running += 1;
      queue.shift()?.();
    }
  };
  const pause = (number: number) => {
    const wait = createDeferred<void>();
    const milliseconds = FIRST_PAUSE * 2 ** (number - 1) * (0.5 + random());
    // No socket is open meanwhile: nothing else keeps a run of one host from ending here.
    clock.setTimer(milliseconds, () => wait.resolve(), "awake");
    return wait.promise;
  };
  return {
    get width() {
      return width;
    },
    async run(attempt) {
      for (let number = 1; ; number += 1) {
        await enter();
        try {
          const result = await attempt(number);
          width = Math.min(most, width + 1);
          return result;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          width = Math.max(1, width >> 1);
          if (number >= TRIES || closed) throw error;
        } finally {
          leave();
        }
        await pause(number);
      }
    },
    close() {
      closed = true;
      for (const turn of queue.drain()) turn(closedError());
    },
  };
}

function closedError(): RouterError {
  return new RouterError("closed", "The router is closed.");
}
