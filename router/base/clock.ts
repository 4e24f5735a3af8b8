/** The time, passed in wherever something waits, so that tests need not. */
export interface Clock {
  /** Milliseconds that never run backwards. */
  now(): number;
  /**
   * Calls `run` once after `milliseconds`. A pending timer does not keep the process alive, unless it is all that
   * work in progress waits for (`awake`).
   */
  setTimer(milliseconds: number, run: () => void, awake?: "awake"): Timer;
}

/** A pending timer. Cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(milliseconds, run, awake) {
    const timer = setTimeout(run, milliseconds);
    if (awake === undefined) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Number of timers that wait. */
  readonly pending: number;
  /** Moves the time, running every timer that falls due, in order; promise jobs run in between. */
  advance(milliseconds: number): Promise<void>;
}

/** Makes a {@link TestClock} that starts at 0. */
export function createTestClock(): TestClock {
  let now = 0;
  let timers: { readonly due: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    get pending() {
      return timers.length;
    },
    setTimer(milliseconds, run) {
      const timer = { due: now + milliseconds, run };
      timers.push(timer);
      return {
        cancel() {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await settle();
        const next = timers.reduce<(typeof timers)[number] | undefined>(
          (first, timer) =>
            timer.due <= end && (first === undefined || timer.due < first.due) ? timer : first,
          undefined,
        );
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = next.due;
        next.run();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets chains of promise jobs run out; the count is generous, not magic. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
