import { expect, test } from "vitest";
import { TemplateError } from "../template/error.ts";
import { type ConversationOptions, converse, Unreachable } from "./action-conversation.ts";
import type { PluginLog } from "./conversation.ts";
import { createLinePair, type LinePair } from "./line-pair.ts";
import { HostGone } from "./python-process.ts";

const REQUEST = new Map([["host", "h"]]);

function talk(
  react: (message: readonly unknown[], pair: LinePair) => void,
  more: Partial<ConversationOptions> = {},
) {
  const pair = createLinePair(react);
  const logs: PluginLog[] = [];
  const ending = converse(pair.near, REQUEST, {
    numberLazy: () => [0, 0],
    answer: async () => null,
    log: (entry) => logs.push(entry),
    signal: new AbortController().signal,
    isKept: false,
    ...more,
  });
  return { pair, ending, logs };
}

const isRequest = ([first]: readonly unknown[]): boolean => first instanceof Map;

test("a plugin is told its task, and its result closes the line", async () => {
  const { pair, ending } = talk((_, { say }) =>
    say(0, "ok", new Map<unknown, unknown>([["rc", 0]]), false),
  );
  expect(await ending).toEqual({
    kind: "result",
    result: new Map([["rc", 0]]),
    isSettled: false,
  });
  expect(pair.heard).toEqual([[REQUEST]]);
  expect(pair.near.destroyed).toBe(true);
});

test("answers bear the numbers of their questions, whichever comes first", async () => {
  const open: (() => void)[] = [];
  const { pair, ending } = talk(
    (message, { say }) => {
      if (isRequest(message)) {
        say(1, "exec", "slow");
        say(2, "exec", "fast");
      } else if (message[0] === 2) open[0]?.();
      else say(0, "ok", new Map(), false);
    },
    {
      answer: (_, [command]) =>
        command === "slow"
          ? new Promise((resolve) => open.push(() => resolve("late")))
          : Promise.resolve("soon"),
    },
  );
  await ending;
  expect(pair.heard.slice(1)).toEqual([
    [2, "value", "soon"],
    [1, "value", "late"],
  ]);
});

test.for([
  [new Unreachable("no route"), "unreachable", "no route"],
  [new TemplateError("undefined", "'x' is undefined"), "undefined", "'x' is undefined"],
  [new Error("no such file"), "error", "no such file"],
] as const)(
  "what an answer throws is raised where it was asked for: %s",
  async ([error, kind, text]) => {
    const { pair, ending } = talk(
      (message, { say }) => {
        if (isRequest(message)) say(7, "module", new Map());
        else say(0, "ok", new Map(), false);
      },
      { answer: () => Promise.reject(error) },
    );
    await ending;
    expect(pair.heard.at(-1)).toEqual([7, "raise", kind, text]);
  },
);

test("an answer that has no form in Python is raised as well", async () => {
  const { pair, ending } = talk(
    (message, { say }) => {
      if (isRequest(message)) say(1, "get", 0, 0, "x");
      else say(0, "ok", new Map(), false);
    },
    { answer: async () => Symbol("loop") },
  );
  await ending;
  expect(pair.heard.at(-1)?.slice(0, 3)).toEqual([1, "raise", "error"]);
});

test("an exception that nobody caught ends the run, with its traceback", async () => {
  const { ending } = talk((_, { say }) => say(0, "error", "bad", "Traceback ..."));
  expect(await ending).toEqual({ kind: "raised", message: "bad", traceback: "Traceback ..." });
});

test("an exception of Ansible's own has no traceback", async () => {
  const { ending } = talk((_, { say }) => say(0, "error", "bad", null));
  expect(await ending).toEqual({ kind: "raised", message: "bad", traceback: undefined });
});

test("what a plugin shows is told as it comes", async () => {
  const { ending, logs } = talk((_, { say }) => {
    say(0, "log", "warning", "careful");
    say(0, "log", "3", "details", "h");
    say(0, "ok", new Map(), false);
  });
  await ending;
  expect(logs).toEqual([
    { kind: "warning", text: "careful" },
    { kind: "verbose", level: 3, text: "details", host: "h" },
  ]);
});

test("a process that ends without a result is gone", async () => {
  const { ending } = talk((_, { end }) => end());
  await expect(ending).rejects.toThrow(HostGone);
});

test("a process that says how it was left is gone with that", async () => {
  const { ending } = talk((_, { say }) => say(0, "left", "SystemExit(3)"));
  await expect(ending).rejects.toThrow("it ended its process (SystemExit(3))");
});

test.for([
  ["too long a message", [255, 255, 255, 255, 0]],
  ["no message", [1, 0, 0, 0, 0, 0x4e]],
  ["damaged bytes", [1, 0, 0, 0, 0, 0x5b]],
] as const)("a process that writes %s is gone", async ([, bytes]) => {
  const { pair, ending } = talk((_, { sayBytes }) => sayBytes(Buffer.from(bytes)));
  await expect(ending).rejects.toThrow(HostGone);
  expect(pair.near.destroyed).toBe(true);
});

test("a run that is stopped closes the line and throws the reason", async () => {
  const stop = new AbortController();
  const { pair, ending } = talk(() => stop.abort(new Error("too late")), { signal: stop.signal });
  await expect(ending).rejects.toThrow("too late");
  expect(pair.near.destroyed).toBe(true);
});

test("a line that is kept carries one conversation after the other", async () => {
  const pair = createLinePair((message, { say }) => {
    if (isRequest(message)) say(0, "ok", new Map(message[0] as Map<unknown, unknown>), false);
  });
  const options: ConversationOptions = {
    numberLazy: () => [0, 0],
    answer: async () => null,
    log: () => undefined,
    signal: new AbortController().signal,
    isKept: true,
  };
  const first = await converse(pair.near, new Map([["n", 1]]), options);
  const second = await converse(pair.near, new Map([["n", 2]]), options);
  expect([first, second].map((ending) => ending.kind === "result" && ending.result)).toEqual([
    new Map([["n", 1]]),
    new Map([["n", 2]]),
  ]);
  expect(pair.near.destroyed).toBe(false);
  pair.near.destroy();
  await expect(converse(pair.near, REQUEST, options)).rejects.toThrow(HostGone);
});
