import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../model/event.ts";
import type { HostStats } from "../model/result.ts";
import { toFloat, type Value } from "../model/value.ts";
import { createOutput, type OutputOptions } from "./callback.ts";

// Recorded from the real ansible-playbook by testdata/record.py.
const RECORDED = new URL("testdata/recorded/", import.meta.url);

describe("events are shown exactly as ansible-playbook shows them", () => {
  for (const file of readdirSync(RECORDED)) {
    const { options, events, stdout, stderr } = readRecorded(file);
    it(`in ${file.replace(".json", "")}`, () => {
      const shown = { stdout: "", stderr: "" };
      const output = createOutput(options, {
        stdout: (text) => {
          shown.stdout += text;
        },
        stderr: (text) => {
          shown.stderr += text;
        },
      });
      for (const event of events) output.on(event);
      output.close();
      expect(events.length).toBeGreaterThan(4);
      expect(shown.stdout).toBe(stdout);
      expect(shown.stderr).toBe(stderr);
    });
  }
});

interface Recorded {
  readonly options: OutputOptions;
  readonly events: readonly RunEvent[];
  readonly stdout: string;
  readonly stderr: string;
}

type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json };

function readRecorded(file: string): Recorded {
  const recorded = JSON.parse(readFileSync(new URL(file, RECORDED), "utf8")) as Recorded;
  const events = recorded.events as unknown as readonly { readonly [key: string]: Json }[];
  return { ...recorded, events: events.map(toEvent) };
}

function toEvent(raw: { readonly [key: string]: Json }): RunEvent {
  const event: Record<string, unknown> = { ...raw };
  if (raw["data"] !== undefined) event["data"] = toValue(raw["data"]);
  if (raw["diff"] !== undefined) event["diff"] = toValue(raw["diff"]);
  if (raw["kind"] === "stats") {
    event["hosts"] = new Map(Object.entries(raw["hosts"] as unknown as Record<string, HostStats>));
    const custom = Object.entries(raw["custom"] as { readonly [key: string]: Json });
    event["custom"] = new Map(custom.map(([host, data]) => [host, toValue(data)]));
  }
  return event as unknown as RunEvent;
}

/** Undoes the marks that record.py puts on what JSON cannot tell. */
function toValue(json: Json): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (json === null || typeof json !== "object") return json;
  const { $float, $int, $dict } = json;
  if (typeof $float === "string") return toFloat(Number($float));
  if (typeof $int === "string") return BigInt($int);
  const pairs = Array.isArray($dict) ? ($dict as [Json, Json][]) : Object.entries(json);
  return new Map(pairs.map(([key, value]) => [toValue(key), toValue(value)]));
}
