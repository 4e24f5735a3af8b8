import { createDeferred, RouterError } from "../base/index.ts";

/** Waits for a promise or a signal, whichever comes first. */
export async function withSignal<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  name: string,
): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = createDeferred<never>();
  const abort = () =>
    aborted.reject(new RouterError("cancelled", `Waiting for ${name} was cancelled.`));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
