/** Waits for some seconds, or until the signal aborts; it never fails. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(wake, seconds * 1000);
    function wake(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    }
    signal.addEventListener("abort", wake);
  });
}
