/** Lets so many in at a time, in the order in which they came. */
export interface Gate {
  /** Runs `work` as soon as there is room. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(limit: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return {
    async pass(work) {
      if (inside >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
      else inside++;
      try {
        return await work();
      } finally {
        // Whoever waits takes over the place.
        const next = waiting.shift();
        if (next === undefined) inside--;
        else next();
      }
    },
  };
}
