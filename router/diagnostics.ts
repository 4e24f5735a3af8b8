import { channel } from "node:diagnostics_channel";
import type { Trace, TraceEvent } from "./base/index.ts";

/** The channel on which the bus publishes. */
export const TRACE_CHANNEL = "skein:router";

/**
 * A trace that publishes on `node:diagnostics_channel`, or nothing when nobody subscribes at this
 * moment: subscribe before the router is made.
 */
export function publishTrace(): Trace {
  const target = channel(TRACE_CHANNEL);
  return target.hasSubscribers ? (event: TraceEvent) => target.publish(event) : undefined;
}
