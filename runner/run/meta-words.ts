import type { RunEvent } from "../model/event.ts";
import type { Value } from "../model/value.ts";

/** What a meta action says of a host: when it was carried out, and when its condition did not hold. */
interface MetaWords {
  readonly done: string;
  readonly skipped?: string;
}

/** Whether a meta action acts on each host by itself; the others ask their first host's condition and act on the play. */
export function actsPerHost(meta: string): boolean {
  return PER_HOST.has(meta);
}

/** The line at -vv of a meta task (ansible/plugins/strategy/__init__.py, _execute_meta). */
export function metaLine(meta: string, host: string, isSkipped: boolean): RunEvent | undefined {
  const text = isSkipped ? skipReason(meta, host) : wordsOf(meta, host)?.done;
  return text === undefined
    ? undefined
    : { kind: "verbose", level: 2, host: undefined, text: `META: ${text}` };
}

/** A skipped meta task's result in its own words; other events as they are. */
export function inMetaWords(event: RunEvent, meta: string): RunEvent {
  if (event.kind !== "result" || event.status !== "skipped" || event.data === undefined)
    return event;
  const reason = skipReason(meta, event.host);
  const msg = meta === "end_host" ? reason.replace("False", "false") : meta;
  const data = new Map<Value, Value>([
    ["msg", msg],
    ["skipped", true],
    ["skip_reason", reason],
  ]);
  return { ...event, data };
}

function skipReason(meta: string, host: string): string {
  const skipped = wordsOf(meta, host)?.skipped;
  const reason = `${meta} conditional evaluated to False`;
  return skipped === undefined ? reason : `${reason}, ${skipped}`;
}

function wordsOf(meta: string, host: string): MetaWords | undefined {
  switch (meta) {
    case "noop":
      return { done: "noop" };
    case "flush_handlers":
      return {
        done: `triggered running handlers for ${host}`,
        skipped: `not running handlers for ${host}`,
      };
    case "refresh_inventory":
      return { done: "inventory successfully refreshed" };
    case "clear_facts":
      return {
        done: "facts cleared",
        skipped: `not clearing facts and fact cache for ${host}`,
      };
    case "clear_host_errors":
      return {
        done: "cleared host errors",
        skipped: `not clearing host error state for ${host}`,
      };
    case "end_batch":
      return { done: "ending batch", skipped: "continuing current batch" };
    case "end_play":
      return { done: "ending play", skipped: "continuing play" };
    case "end_host":
      return {
        done: `ending play for ${host}`,
        skipped: `continuing execution for ${host}`,
      };
    case "reset_connection":
      return { done: "reset connection" };
  }
  return undefined;
}

const PER_HOST = new Set(["noop", "flush_handlers", "reset_connection", "end_host"]);
