/**
 * Keeps a thread from working for so long that nothing else happens in it: what was said waits to be shown, keys wait to be read and
 * connections wait for answers until the event loop turns.
 */
export interface TimeSlice {
  /** Whether the thread has worked for a slice since its event loop turned last; the first to ask begins a slice. */
  isSpent(): boolean;
  /** Lets the event loop turn. */
  turn(): Promise<void>;
}

/** Milliseconds: short for somebody who waits, long beside what a turn costs. */
const SLICE = 20;

export function createTimeSlice(now: () => number = () => performance.now()): TimeSlice {
  let begun: number | undefined;
  return {
    isSpent() {
      if (begun !== undefined) return now() - begun >= SLICE;
      begun = now();
      setImmediate(() => {
        begun = undefined;
      });
      return false;
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
