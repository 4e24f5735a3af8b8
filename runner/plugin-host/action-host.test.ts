import { expect, test } from "vitest";
import { MISSING, type Scope } from "../template/run.ts";
import { type ActionCall, createActionHost } from "./action-host.ts";
import type { ActionProcess } from "./action-process.ts";
import { createLinePair, type LinePair } from "./line-pair.ts";
import { createMessageReader } from "./message.ts";
import { HostGone } from "./python-process.ts";

const scopeOf = (variables: Readonly<Record<string, unknown>>): Scope => ({
  get: (name) => (Object.hasOwn(variables, name) ? variables[name] : MISSING),
  context: { searchPaths: [], cwd: "/", scopeVars: () => Object.keys(variables) },
});

const callOf = (more: Partial<ActionCall> = {}): ActionCall => ({
  facts: new Map([["host", "h"]]),
  scopes: [scopeOf({})],
  reading: async (attempt) => attempt(),
  answer: async () => null,
  log: () => undefined,
  signal: new AbortController().signal,
  ...more,
});

/** A host whose processes do as told; the lines to them, and what they were configured with. */
function hostOf(
  react: (message: readonly unknown[], pair: LinePair) => void,
  start?: (nth: number) => Partial<ActionProcess>,
) {
  const seen = { starts: 0, closed: 0, configs: [] as unknown[], lines: [] as LinePair[] };
  const folders = ["/play"];
  const host = createActionHost({
    python: "python3",
    config: () => new Map<string, unknown>([["root", "/site/ansible"]]),
    folders: () => folders,
    async start(_, config) {
      createMessageReader(([message]) => seen.configs.push(message))(Buffer.from(config));
      const nth = seen.starts++;
      return {
        async connect() {
          const line = createLinePair(react);
          seen.lines.push(line);
          return line.near;
        },
        close: () => {
          seen.closed++;
        },
        ...start?.(nth),
      };
    },
  });
  return { host, seen, folders };
}

const OK = [0, "ok", new Map(), false] as const;

test("one process serves all runs, each on a line of its own", async () => {
  const { host, seen, folders } = hostOf((_, { say }) => say(...OK));
  expect(seen.starts).toBe(0);
  await host.run(callOf());
  folders.push("/role");
  await host.run(callOf());
  expect(seen.starts).toBe(1);
  expect(seen.configs).toEqual([
    new Map<string, unknown>([
      ["root", "/site/ansible"],
      ["dirs", ["/play"]],
    ]),
  ]);
  expect(seen.lines.map(({ heard }) => (heard[0]![0] as Map<string, unknown>).get("dirs"))).toEqual(
    [["/play"], ["/play", "/role"]],
  );
});

test("variables are read by the number of their scope, and dicts in them by numbers of their own", async () => {
  class Lazy extends Map<unknown, unknown> {}
  const questions = [
    [1, "get", 0, 0, "a"],
    [2, "has", 0, 0, "b"],
    [3, "keys", 0, 1],
    [4, "get", 0, 0, "lazy"],
    [5, "get", 0, 2, "inner"],
    [6, "get", 0, 9, "x"],
  ];
  const { host, seen } = hostOf((message, { say }) => {
    const next = questions[Number(message[0]) || 0];
    if (next === undefined) say(...OK);
    else say(...next);
  });
  const lazy = new Lazy([["inner", "deep"]]);
  await host.run(callOf({ scopes: [scopeOf({ a: 5, lazy }), scopeOf({ c: 1 })] }));
  const answers = seen.lines[0]?.heard.slice(1).map(([, kind, value]) => [kind, value]);
  expect(answers?.slice(0, 3)).toEqual([
    ["value", [5, true]],
    ["value", false],
    ["value", ["c"]],
  ]);
  expect(answers?.slice(4).map(([kind, value]) => [kind, value])).toEqual([
    ["value", ["deep"]],
    ["raise", "error"],
  ]);
});

test("other questions are the caller's", async () => {
  const asked: unknown[] = [];
  const { host } = hostOf((message, { say }) => {
    if (message[0] instanceof Map) say(1, "exec", new Map([["command", "id"]]));
    else say(...OK);
  });
  await host.run(
    callOf({
      answer: async (kind, args) => asked.push(kind, args),
    }),
  );
  expect(asked).toEqual(["exec", [new Map([["command", "id"]])]]);
});

test("a process that is gone is replaced by the next run", async () => {
  const { host, seen } = hostOf(
    (_, { say }) => say(...OK),
    (nth) => (nth > 0 ? {} : { connect: () => Promise.reject(new HostGone("killed")) }),
  );
  await expect(host.run(callOf())).rejects.toThrow("killed");
  await host.run(callOf());
  expect(seen.starts).toBe(2);
});

test("Python that cannot be started fails each run, and says why", async () => {
  let starts = 0;
  const host = createActionHost({
    python: "python3",
    config: () => new Map(),
    folders: () => [],
    start() {
      starts++;
      return Promise.reject(new Error("ModuleNotFoundError: ansible"));
    },
  });
  const words =
    "the Python process for action plugins (python3) could not be started: ModuleNotFoundError: ansible";
  await expect(host.run(callOf())).rejects.toThrow(words);
  await expect(host.run(callOf())).rejects.toThrow(HostGone);
  expect(starts).toBe(2);
});

test("closing ends the process", async () => {
  const { host, seen } = hostOf((_, { say }) => say(...OK));
  host.close();
  await host.run(callOf());
  host.close();
  await Promise.resolve();
  expect(seen.closed).toBeGreaterThan(0);
});

const isFarewell = ([facts]: readonly unknown[]): boolean =>
  facts instanceof Map && facts.get("kind") === "farewell";

test("calls of one key are done by one process, up to the farewell", async () => {
  const { host, seen } = hostOf((_, { say }) => say(...OK));
  await host.run(callOf({ keep: "h" }));
  await host.run(callOf({ keep: "h" }));
  await host.run(callOf({ keep: "other" }));
  expect(seen.lines).toHaveLength(2);
  await host.leave("h");
  expect(seen.lines[0]?.heard.map(isFarewell)).toEqual([false, false, true]);
  expect(seen.lines[0]?.near.destroyed).toBe(true);
  expect(seen.lines[1]?.near.destroyed).toBe(false);
  await host.leave("other");
});

test("where nothing was kept there is nothing to leave", () => {
  expect(hostOf((_, { say }) => say(...OK)).host.leave("h")).toBeUndefined();
});

test("a process that was kept and is gone is replaced, and no loss when it is left", async () => {
  const { host, seen } = hostOf((message, pair) =>
    isFarewell(message) ? pair.end() : pair.say(...OK),
  );
  await host.run(callOf({ keep: "h" }));
  seen.lines[0]?.near.destroy();
  await host.run(callOf({ keep: "h" }));
  expect(seen.lines).toHaveLength(2);
  await expect(host.leave("h")).resolves.toBeUndefined();
});

test("what is shown while a process takes its leave is told", async () => {
  const { host } = hostOf((message, { say }) => {
    if (isFarewell(message)) say(0, "log", "warning", "closing");
    say(...OK);
  });
  const logs: unknown[] = [];
  await host.run(callOf({ keep: "h", log: (entry) => logs.push(entry) }));
  await host.leave("h");
  expect(logs).toEqual([{ kind: "warning", text: "closing" }]);
});
