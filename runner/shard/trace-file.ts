import { closeSync, openSync, writeSync } from "node:fs";
import { threadId } from "node:worker_threads";
import type { Trace } from "#router";

/** Where the events of a shard's bus go. */
export interface TraceFile {
  readonly trace: Trace;
  close(): void;
}

/**
 * Writes each event of the bus as a line of JSON, behind what other shards and runs wrote: links, frames with their sizes, and
 * what went wrong; never what was sent.
 *
 * @throws Error when the file cannot be written.
 */
export function openTraceFile(path: string | undefined): TraceFile {
  if (path === undefined) return { trace: undefined, close: () => undefined };
  const file = openSync(path, "a", 0o600);
  let isOpen = true;
  return {
    trace(event) {
      if (!isOpen) return;
      const line = { time: new Date().toISOString(), thread: threadId, ...event };
      writeSync(file, `${JSON.stringify(line)}\n`);
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}
