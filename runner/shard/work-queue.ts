import type { TimeSlice } from "./time-slice.ts";

export interface WorkQueueOptions {
  /** Most jobs at work at once (`forks`). */
  readonly width: number;
  readonly slice: TimeSlice;
  /** Told what a job throws. */
  readonly onError: (error: unknown) => void;
}

/** Jobs that begin in their order. */
export interface WorkQueue {
  /** Adds jobs and begins as many as may be at work. */
  add(jobs: Iterable<() => Promise<void>>): void;
}

/** Makes a {@link WorkQueue} that keeps the event loop turning: jobs that wait for nothing would all be through before it does. */
export function createWorkQueue({ width, slice, onError }: WorkQueueOptions): WorkQueue {
  const queue: (() => Promise<void>)[] = [];
  let busy = 0;
  /** The next jobs begin when the event loop has turned. */
  let isResting = false;

  const work = (): void => {
    while (!isResting && busy < width && queue.length > 0) {
      if (slice.isSpent()) rest();
      else begin(queue.shift()!);
    }
  };
  const rest = (): void => {
    isResting = true;
    void slice.turn().then(() => {
      isResting = false;
      work();
    });
  };
  const begin = (job: () => Promise<void>): void => {
    busy++;
    job()
      .catch(onError)
      .finally(() => {
        busy--;
        work();
      });
  };
  return {
    add(jobs) {
      for (const job of jobs) queue.push(job);
      work();
    },
  };
}
