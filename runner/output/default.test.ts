import { describe, expect, it } from "vitest";
import type { RunEvent } from "../model/event.ts";
import { dictOf, type Value } from "../model/value.ts";
import { createOutput, fanOut, type OutputOptions } from "./callback.ts";

const OPTIONS: OutputOptions = {
  verbosity: 0,
  color: false,
  colors: {},
  columns: 79,
  checkMode: false,
};

function show(events: readonly RunEvent[], options: Partial<OutputOptions> = {}): string {
  let shown = "";
  const output = createOutput(
    { ...OPTIONS, ...options },
    {
      stdout: (text) => {
        shown += text;
      },
      stderr: (text) => {
        shown += `stderr ${text}`;
      },
    },
  );
  for (const event of events) output.on(event);
  output.close();
  return shown;
}

function result(fields: Partial<Extract<RunEvent, { kind: "result" }>>): RunEvent {
  return {
    kind: "result",
    host: "h",
    delegate: undefined,
    status: "ok",
    action: "probe",
    data: undefined,
    ignoreErrors: false,
    loop: false,
    ...fields,
  };
}

// What no playbook can be recorded for; the rest is in recorded.test.ts.
describe("events", () => {
  it.each<[title: string, events: RunEvent[], shown: string]>([
    [
      "the report of --wire is one line",
      [
        {
          kind: "wire",
          report: {
            connections: 2,
            roundTrips: 41,
            bytesSent: 1234,
            bytesReceived: 567,
            framesSent: 40,
            framesReceived: 44,
            cpuSeconds: 1.236,
          },
        },
      ],
      "WIRE : connections=2 round_trips=41 sent=1234 received=567 frames_sent=40 frames_received=44 controller_cpu=1.24s\n",
    ],
    [
      "the loop of a debug task ends like a task without a loop",
      [
        result({
          status: "failed",
          action: "debug",
          loop: true,
          ignoreErrors: true,
          data: dictOf({ msg: "One or more items failed", results: [], changed: false }),
        }),
      ],
      'fatal: [h]: FAILED! => {"msg": "One or more items failed"}\n...ignoring\n',
    ],
    [
      "an error is shown once, on standard error, and is not broken",
      [
        { kind: "error", text: `the ${"x".repeat(90)} is wrong` },
        { kind: "error", text: `the ${"x".repeat(90)} is wrong` },
      ],
      `stderr ERROR! the ${"x".repeat(90)} is wrong\n`,
    ],
    [
      "a result without data is a status line",
      [result({ status: "changed" }), result({ delegate: "other" })],
      "changed: [h]\nok: [h -> other]\n",
    ],
    [
      "a failure without data has an empty result",
      [result({ status: "failed" })],
      "fatal: [h]: FAILED! => {}\n",
    ],
    [
      "the difference of a secret is never shown",
      [
        {
          ...result({ status: "changed", data: dictOf({ changed: true, _ansible_no_log: true }) }),
          kind: "file-diff",
          diff: [dictOf({ before: "", after: "secret\n" })],
        } as RunEvent,
        result({ status: "changed", data: dictOf({ changed: true, _ansible_no_log: true }) }),
      ],
      "changed: [h]\n",
    ],
    [
      "items of include_tasks are not shown",
      [{ ...result({ action: "include_tasks" }), kind: "item", label: "x" } as RunEvent],
      "",
    ],
    [
      "text for a higher verbosity is not shown",
      [{ kind: "verbose", level: 1, host: undefined, text: "more" }],
      "",
    ],
    [
      "a lone warning text in a result is one warning",
      [result({ data: dictOf({ warnings: "careful" }) })],
      "stderr [WARNING]: careful\nok: [h]\n",
    ],
  ])("%s", (_, events, shown) => {
    expect(show(events)).toBe(shown);
  });
});

describe("settings", () => {
  const deprecated = dictOf({
    deprecations: [dictOf({ msg: "old", version: "3.0" }) as Value],
    warnings: ["careful"],
  });

  it("deprecation_warnings=False hides deprecations", () => {
    const events: RunEvent[] = [
      { kind: "deprecation", text: "old." },
      result({ data: deprecated }),
    ];
    expect(show(events, { deprecationWarnings: false })).toBe(
      "stderr [WARNING]: careful\nok: [h]\n",
    );
  });

  it("action_warnings=False leaves the warnings of results in them", () => {
    const shown = show([result({ data: dictOf({ warnings: ["careful"] }) })], {
      actionWarnings: false,
      verbosity: 1,
    });
    expect(shown).toBe('ok: [h] => {"warnings": ["careful"]}\n');
  });

  it("verbose text goes to standard error when asked to, with its host in front", () => {
    const event: RunEvent = { kind: "verbose", level: 3, host: "h", text: "connected" };
    expect(show([event], { verbosity: 3, verboseToStderr: true })).toBe("stderr <h> connected\n");
  });
});

it("fanOut hands each event to all callbacks, in order", () => {
  const heard: string[] = [];
  const listener = (name: string) => ({
    on: (event: RunEvent) => {
      heard.push(`${name} ${event.kind}`);
    },
    close: () => {
      heard.push(`${name} closed`);
    },
  });
  const both = fanOut([listener("a"), listener("b")]);
  both.on({ kind: "no-hosts-matched" });
  both.close();
  expect(heard).toEqual(["a no-hosts-matched", "b no-hosts-matched", "a closed", "b closed"]);
});

describe("the log", () => {
  function logged(event: RunEvent, verbosity = 0): string[] {
    const messages: string[] = [];
    const sink = {
      stdout: () => {},
      stderr: () => {},
      log: (message: string) => void messages.push(message),
    };
    createOutput({ ...OPTIONS, color: true, verbosity }, sink).on(event);
    return messages;
  }
  const stats = {
    ok: 1,
    changed: 1,
    unreachable: 0,
    failures: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
  };

  it.each<[title: string, event: RunEvent, messages: string[]]>([
    ["has results without colours", result({}), ["ok: [h]"]],
    ["has warnings as they are wrapped", { kind: "warning", text: "w" }, ["[WARNING]: w\n"]],
    [
      "has the recap without colours and without the empty line behind it",
      { kind: "stats", hosts: new Map([["h", stats]]) },
      [
        `\nPLAY RECAP ${"*".repeat(69)}`,
        `${"h".padEnd(26)} : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   `,
      ],
    ],
    [
      "leaves out what is shown as debugging",
      { kind: "async", state: "poll", host: "h", job: "j", started: 1, finished: 0 },
      [],
    ],
    ["leaves out who was notified", { kind: "handler-notified", handler: "a", host: "h" }, []],
  ])("%s", (_, event, messages) => {
    expect(logged(event, 2)).toEqual(messages);
  });
});
