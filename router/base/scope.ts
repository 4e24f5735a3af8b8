/** Owns what was acquired, and gives it back in reverse order. */
export interface Scope {
  readonly closed: boolean;
  /**
   * Takes ownership. On a scope that is closed already the disposer runs at once, so that what was
   * acquired too late does not leak.
   */
  add(dispose: () => void | Promise<void>): void;
  /**
   * Runs the disposers, newest first, each once, waiting for each. All run even when some throw.
   * @throws the only error, or an `AggregateError` of several.
   */
  close(): Promise<void>;
}

/** Makes a {@link Scope}: the ownership stack that Node 20 lacks (`AsyncDisposableStack`). */
export function createScope(): Scope {
  let disposers: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  return {
    get closed() {
      return closing !== undefined;
    },
    add(dispose) {
      if (closing === undefined) disposers.push(dispose);
      else closing = closing.then(dispose);
    },
    close() {
      if (closing === undefined) {
        const owned = disposers.reverse();
        disposers = [];
        closing = disposeAll(owned);
      }
      return closing;
    },
  };
}

async function disposeAll(disposers: readonly (() => void | Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const dispose of disposers) {
    try {
      await dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "several things could not be closed");
}
