import type { RunEvent } from "../model/event.ts";
import type { PluginLog } from "./conversation.ts";

/** What a plugin shows, as an event of the run. */
export function eventOf(entry: PluginLog): RunEvent {
  switch (entry.kind) {
    case "print":
      return {
        kind: "verbose",
        level: 0,
        host: undefined,
        text: entry.text.replace(/\n$/, ""),
      };
    case "verbose":
      return { ...entry, host: entry.host };
    default:
      return entry;
  }
}
