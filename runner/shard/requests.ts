/** Questions to the main thread whose answers are still to come. */
export interface Requests {
  /**
   * Asks, and waits for the answer.
   *
   * @param send is given the number that the answer will carry
   * @throws the Error that the answer brings
   */
  ask<Answer>(send: (request: number) => void): Promise<Answer>;
  /** Hands an answer, or the error there is instead, to who waits for it; one that nobody waits for is dropped. */
  answer(request: number, answer: unknown, error?: string): void;
}

/** Makes {@link Requests}: numbers are given once. */
export function createRequests(): Requests {
  const waiting = new Map<number, Waiter>();
  let next = 1;
  return {
    ask<Answer>(send: (request: number) => void) {
      const request = next++;
      return new Promise<Answer>((resolve, reject) => {
        waiting.set(request, { resolve: resolve as (value: unknown) => void, reject });
        send(request);
      });
    },
    answer(request, answer, error) {
      const waiter = waiting.get(request);
      waiting.delete(request);
      if (error === undefined) waiter?.resolve(answer);
      else waiter?.reject(new Error(error));
    },
  };
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
