export interface UntilOptions {
  readonly seconds: number;
  /** What to say when it did not happen. */
  readonly otherwise?: () => Promise<string>;
}

/**
 * Waits until a condition holds, looking ten times a second.
 *
 * @throws Error when it does not hold in time.
 */
export async function until(
  condition: () => Promise<boolean>,
  { seconds, otherwise }: UntilOptions,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(
        `it did not happen within ${seconds} seconds${otherwise === undefined ? "" : `: ${await otherwise()}`}`,
      );
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
