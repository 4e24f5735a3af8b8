/** A promise with its two ends on the outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly settled: boolean;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/**
 * Makes a {@link Deferred}. Node 20 lacks `Promise.withResolvers`. Settling twice is harmless: the
 * first one counts.
 *
 * A rejection that nobody waits for yet is not reported as unhandled: the owner of a deferred
 * rejects it when its owner dies, and the waiter may come later, or never.
 */
export function createDeferred<T>(): Deferred<T> {
  let settled = false;
  let resolvePromise!: (value: T) => void;
  let rejectPromise!: (reason: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    resolvePromise = resolve;
    rejectPromise = reject;
  });
  promise.catch(() => {});
  return {
    promise,
    get settled() {
      return settled;
    },
    resolve(value) {
      settled = true;
      resolvePromise(value);
    },
    reject(reason) {
      settled = true;
      rejectPromise(reason);
    },
  };
}
