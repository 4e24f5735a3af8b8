import { expect, test } from "vitest";
import type { Node, Task } from "../model/play.ts";
import type { HostStats, Status } from "../model/result.ts";
import { createBatchState } from "../plan/batch-state.ts";
import { playTree } from "../plan/play-tree.ts";
import { block, emptyStats, nextId, play, task } from "../plan/testing.ts";
import { type Command, findStrategy } from "./strategy.ts";

interface Script {
  readonly hosts?: readonly string[];
  readonly handlers?: readonly Task[];
  readonly forceHandlers?: boolean;
  /** `task host` -> what happens there; ok for all others. */
  readonly outcomes?: Readonly<Record<string, Status | "ignored">>;
  /** `task host` -> names notified. */
  readonly notify?: Readonly<Record<string, readonly string[]>>;
  /** `task` -> what its include brings, by host. */
  readonly includes?: Readonly<Record<string, Readonly<Record<string, ReturnType<typeof block>>>>>;
}

/** Plays the strategy against scripted hosts and tells what ran where, in order. */
function perform(
  tasks: readonly Node[],
  script: Script = {},
): {
  readonly ran: string[];
  readonly stats: Record<string, HostStats>;
  readonly failed: string[];
} {
  const hosts = script.hosts ?? ["a", "b"];
  const stats: Record<string, HostStats> = Object.fromEntries(
    hosts.map((host) => [host, emptyStats()]),
  );
  const forced = script.forceHandlers ?? false;
  const all = { only: ["all"], skip: [] };
  const tree = playTree(play(tasks, script.handlers), all, false, forced, nextId);
  const state = createBatchState({
    ...tree,
    hosts,
    stats: (host) => stats[host]!,
    handlerNames: (handler) => [handler.name ?? ""],
  });
  const linear = findStrategy("linear");
  if (linear?.kind !== "lockstep") throw new Error("linear is lockstep");
  const ran: string[] = [];
  for (let step = 0; step < 1000; step++) {
    const command: Command = linear.next(state);
    if (command.kind === "end") return { ran, stats, failed: [...state.failed()].sort() };
    if (command.kind === "flush") {
      for (const host of command.hosts) state.flush(host);
      continue;
    }
    const name = command.task.name!;
    ran.push(`${command.handler ? "handler " : ""}${name}: ${command.hosts.join(" ")}`);
    for (const host of command.hosts) {
      const key = `${name} ${host}`;
      const scripted = script.outcomes?.[key] ?? "ok";
      const notify = script.notify?.[key] ?? [];
      const included = script.includes?.[name]?.[host];
      state.settle({
        host,
        status: scripted === "ignored" ? "failed" : notify.length > 0 ? "changed" : scripted,
        ignored: scripted === "ignored",
        notify,
        hold: included !== undefined,
      });
      if (included !== undefined) state.include(host, included);
    }
  }
  throw new Error("the play does not end");
}

test("all hosts take a task before any takes the next", () => {
  expect(perform([task("one"), task("two")]).ran).toEqual(["one: a b", "two: a b"]);
});

test("a failed host leaves the play and the others go on", () => {
  const { ran, failed, stats } = perform([task("one"), task("two")], {
    outcomes: { "one a": "failed" },
  });
  expect(ran).toEqual(["one: a b", "two: b"]);
  expect(failed).toEqual(["a"]);
  expect(stats["a"]).toMatchObject({ failures: 1, ok: 0 });
  expect(stats["b"]).toMatchObject({ failures: 0, ok: 2 });
});

test("an unreachable host leaves the play without passing rescue or always", () => {
  const tasks = [
    block([task("one")], { rescue: [task("rescue")], always: [task("always")] }),
    task("after"),
  ];
  const { ran, stats } = perform(tasks, { outcomes: { "one a": "unreachable" } });
  expect(ran).toEqual(["one: a b", "always: b", "after: b"]);
  expect(stats["a"]).toMatchObject({ unreachable: 1, failures: 0 });
});

test("an ignored failure counts as ok and ignored", () => {
  const { ran, stats } = perform([task("one"), task("two")], {
    hosts: ["a"],
    outcomes: { "one a": "ignored" },
  });
  expect(ran).toEqual(["one: a", "two: a"]);
  expect(stats["a"]).toMatchObject({ ok: 2, ignored: 1, failures: 0 });
});

test("a rescue splits the cohort, and reaching the same place joins it again", () => {
  const tasks = [
    block([task("one"), task("two")], { rescue: [task("rescue")], always: [task("always")] }),
    task("after"),
  ];
  const { ran, stats } = perform(tasks, { outcomes: { "one a": "failed" } });
  expect(ran).toEqual(["one: a b", "two: b", "rescue: a", "always: a b", "after: a b"]);
  expect(stats["a"]).toMatchObject({ rescued: 1, failures: 0 });
});

test("a failure in rescue still runs always, then fails the host", () => {
  const tasks = [
    block([task("one")], { rescue: [task("rescue")], always: [task("always")] }),
    task("after"),
  ];
  const { ran, failed } = perform(tasks, {
    hosts: ["a"],
    outcomes: { "one a": "failed", "rescue a": "failed" },
  });
  expect(ran).toEqual(["one: a", "rescue: a", "always: a"]);
  expect(failed).toEqual(["a"]);
});

test("a failure without rescue passes the always sections of all blocks around it", () => {
  const tasks = [
    block([block([task("one")], { always: [task("inner")] }), task("skipped")], {
      always: [task("outer")],
    }),
    task("after"),
  ];
  const { ran } = perform(tasks, { hosts: ["a"], outcomes: { "one a": "failed" } });
  expect(ran).toEqual(["one: a", "inner: a", "outer: a"]);
});

test("the rescue of an outer block catches what an inner block could not", () => {
  const tasks = [
    block([block([task("one")], { rescue: [task("inner")] })], { rescue: [task("outer")] }),
    task("after"),
  ];
  const { ran } = perform(tasks, {
    hosts: ["a"],
    outcomes: { "one a": "failed", "inner a": "failed" },
  });
  expect(ran).toEqual(["one: a", "inner: a", "outer: a", "after: a"]);
});

test("handlers run once per host, at the end of the section, in the order in which they are written", () => {
  const handlers = [task("restart", { isHandler: true }), task("reload", { isHandler: true })];
  const notify = { "one a": ["reload"], "two a": ["reload", "restart"], "two b": ["restart"] };
  const { ran } = perform([task("one"), task("two"), task("three")], { handlers, notify });
  expect(ran).toEqual([
    "one: a b",
    "two: a b",
    "three: a b",
    "handler restart: a b",
    "handler reload: a",
  ]);
});

test("a topic reaches every handler that listens to it", () => {
  const handlers = [
    task("first", { isHandler: true, listen: ["web"] }),
    task("second", { isHandler: true, listen: ["web"] }),
  ];
  const { ran } = perform([task("one")], { hosts: ["a"], handlers, notify: { "one a": ["web"] } });
  expect(ran).toEqual(["one: a", "handler first: a", "handler second: a"]);
});

test("of two handlers with one name the last is notified", () => {
  const handlers = [
    task("same", { isHandler: true, action: "first" }),
    task("same", { isHandler: true }),
  ];
  const { ran } = perform([task("one")], { hosts: ["a"], handlers, notify: { "one a": ["same"] } });
  expect(ran).toEqual(["one: a", "handler same: a"]);
});

test("a failed host runs no handlers, unless they are forced", () => {
  const handlers = [task("restart", { isHandler: true })];
  const script = {
    hosts: ["a"],
    handlers,
    notify: { "one a": ["restart"] },
    outcomes: { "two a": "failed" },
  } as const;
  expect(perform([task("one"), task("two")], script).ran).toEqual(["one: a", "two: a"]);
  const forced = perform([task("one"), task("two")], { ...script, forceHandlers: true });
  expect(forced.ran).toEqual(["one: a", "two: a", "handler restart: a"]);
  expect(forced.failed).toEqual(["a"]);
});

test("hosts that include different files take them one after the other and meet behind them", () => {
  const includes = { include: { a: block([task("from a")]), b: block([task("from b")]) } };
  const { ran } = perform([task("include"), task("after")], { includes });
  expect([ran[0], ran.at(-1)]).toEqual(["include: a b", "after: a b"]);
  expect(ran.slice(1, -1).sort()).toEqual(["from a: a", "from b: b"]);
});

test("a host that did not include waits for the others", () => {
  const includes = { include: { a: block([task("from a"), task("more")]) } };
  expect(perform([task("include"), task("after")], { includes }).ran).toEqual([
    "include: a b",
    "from a: a",
    "more: a",
    "after: a b",
  ]);
});

test("the cost of a step is that of the cohorts, not of the hosts that share a place", () => {
  const hosts = Array.from({ length: 2000 }, (_, i) => `h${i}`);
  const { ran } = perform([task("one"), task("two"), task("three")], {
    hosts,
    outcomes: { "one h7": "failed" },
  });
  expect(ran).toHaveLength(3);
  expect(ran[1]!.split(" ")).toHaveLength(hosts.length);
});

test("an unknown strategy is not found, and Mitogen's names mean its own", () => {
  expect(findStrategy("chaotic")).toBeUndefined();
  expect(findStrategy("mitogen_linear")).toBe(findStrategy("linear"));
});

test("a host that failed takes the tasks of always together with those that did not", () => {
  const { ran } = perform(
    [block([task("one"), task("two")], { always: [task("always")] }), task("after")],
    {
      outcomes: { "one a": "failed" },
    },
  );
  expect(ran).toEqual(["one: a b", "two: b", "always: a b", "after: b"]);
});

test("free and host_pinned let hosts go their own ways", () => {
  expect(findStrategy("free")).toEqual({ kind: "free", pinned: false });
  expect(findStrategy("ansible.builtin.host_pinned")).toEqual({ kind: "free", pinned: true });
});
