import { describe, expect, it } from "vitest";
import type { RunEvent } from "../model/event.ts";
import type { HostStats } from "../model/result.ts";
import type { HostOutcome } from "../pool/messages.ts";
import type { Batch } from "./batch.ts";
import { debugOutcomes } from "./debugger.ts";
import type { Dispatch } from "./shards.ts";

type Command = Parameters<typeof debugOutcomes>[1];

const PROMPT = "[a] TASK: t (debug)> ";
const failed = (debug?: string): HostOutcome =>
  ({
    host: "a",
    status: "failed",
    ignored: false,
    ...(debug === undefined ? {} : { debug }),
  }) as HostOutcome;
const ok = { host: "a", status: "ok", ignored: false } as HostOutcome;

/** Lets somebody type lines; `outcomes` are what the task comes to when it is put again. */
async function debug(lines: readonly string[], outcomes: readonly HostOutcome[] = []) {
  const typed = [...lines];
  const again = [...outcomes];
  const shown: string[] = [];
  const asked: string[] = [];
  const stats = { ok: 3, failures: 0, ignored: 0, rescued: 0 } as HostStats;
  const batch = {
    debugging: Promise.resolve(),
    ended: undefined,
    run: { stats: new Map([["a", stats]]) },
    parts: {
      askLine: async (prompt: string) => {
        asked.push(prompt);
        return typed.shift();
      },
      output: { on: (event: RunEvent) => shown.push("text" in event ? event.text : event.kind) },
      shards: {
        debug: async (host: string, command: string, text: string) =>
          command === "update" ? "" : `${host}: ${command} ${text}`,
        run: async ({ hosts, again: isAgain, onOutcome }: Dispatch) => {
          expect([hosts, isAgain]).toEqual([["a"], true]);
          onOutcome(again.shift()!);
        },
      },
    },
  } as unknown as Batch;
  const task = { resolvedAction: "ansible.builtin.command" };
  const command = { task, isRescued: false } as unknown as Command;
  const results = [failed(PROMPT)];
  const goesOn = await debugOutcomes(batch, command, results, [
    { hosts: ["a"] } as unknown as Dispatch,
  ]);
  return { goesOn, shown, asked: asked.length, stats, status: results[0]!.status };
}

describe("the debugger", () => {
  it.each([
    ["goes on", ["c"], { goesOn: true, shown: [], asked: 1, status: "failed" }],
    ["ends the run", ["quit"], { goesOn: false, shown: ["User interrupted execution"], asked: 1 }],
    ["ends the run where input ends", [], { goesOn: false, shown: ["User interrupted execution"] }],
    [
      "says the last line again when nothing was typed",
      ["p task", " ", "", "c"],
      { shown: ["a: print task", "a: print task", "a: print task"] },
    ],
    ["takes no empty line for the first", ["", "c"], { shown: [], asked: 2 }],
    [
      "hands on what is no command",
      ["task.args['c'] = 1", "c"],
      { shown: ["a: execute task.args['c'] = 1"] },
    ],
    ["shows nothing where there is nothing", ["u", "c"], { shown: [] }],
    ["knows no help on other words", ["? nothing", "c"], { shown: ["*** No help on nothing"] }],
  ])("%s", async (_title, lines, expected) => {
    expect(await debug(lines)).toMatchObject(expected);
  });

  it("puts a task again until the user is content", async () => {
    const run = await debug(["r", "redo"], [failed(PROMPT), ok]);
    expect(run).toMatchObject({ goesOn: true, asked: 2, status: "ok" });
    // As Ansible's recap does, which takes one away for each.
    expect(run.stats.ok).toBe(1);
  });
});
