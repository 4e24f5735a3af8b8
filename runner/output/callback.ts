import { createDefaultCallback } from "./default.ts";
import type { Callback, OutputOptions, Sink } from "./options.ts";

export type { Callback, OutputOptions, Sink } from "./options.ts";

/**
 * The callback that writes a run as `ansible-playbook` writes it.
 *
 * @throws Error when a colour setting names no colour.
 */
export function createOutput(options: OutputOptions, sink: Sink): Callback {
  return createDefaultCallback(options, sink);
}

/** One callback that hands each event to all of these, in order. */
export function fanOut(callbacks: readonly Callback[]): Callback {
  return {
    on(event) {
      for (const callback of callbacks) callback.on(event);
    },
    close() {
      for (const callback of callbacks) callback.close();
    },
  };
}
