import { expect, test } from "vitest";
import type { HostStats } from "../model/result.ts";
import { createBatchState } from "./batch-state.ts";
import { playTree } from "./play-tree.ts";
import { block, emptyStats, nextId, play, task } from "./testing.ts";

function start(tasks: Parameters<typeof play>[0], forced = false) {
  const stats: Record<string, HostStats> = { a: emptyStats(), b: emptyStats() };
  const tree = playTree(play(tasks), { only: ["all"], skip: [] }, false, forced, nextId);
  const state = createBatchState({
    ...tree,
    hosts: ["a", "b"],
    stats: (host) => stats[host]!,
    handlerNames: () => [],
  });
  // Behind the empty pre_tasks comes a flush of the handlers.
  for (const host of ["a", "b"]) state.flush(host);
  return { state, stats };
}

test("each host can be asked for its own task", () => {
  const { state } = start([task("one"), task("two")]);
  state.settle({ host: "a", status: "ok", ignored: false, notify: [], hold: false });
  expect(state.at("a")).toMatchObject({ task: { name: "two" }, hosts: ["a"] });
  expect(state.at("b")).toMatchObject({ task: { name: "one" }, hosts: ["b"] });
});

test.for([
  ["ok", { ok: 1 }],
  ["skipped", { skipped: 1 }],
  ["failed", { failures: 1 }],
  ["unreachable", { unreachable: 1 }],
] as const)(
  "a host that was taken out while its task ran still counts it: %s",
  ([status, counts]) => {
    const { state, stats } = start([task("one"), task("two")]);
    state.finish("a");
    state.settle({ host: "a", status, ignored: false, notify: [], hold: false });
    state.pass("a");
    expect(state.at("a")).toBeUndefined();
    expect(state.failed().has("a")).toBe(false);
    expect(stats["a"]).toEqual({ ...emptyStats(), ...counts });
  },
);

test("a host in a rescue or always section is recovering, one in a block is not", () => {
  const failing = block([task("one")], { rescue: [task("rescue")], always: [task("always")] });
  const { state } = start([failing]);
  expect(state.isRecovering("a")).toBe(false);
  state.settle({ host: "a", status: "failed", ignored: false, notify: [], hold: false });
  expect(state.isRecovering("a")).toBe(true);
  state.pass("a");
  expect(state.isRecovering("a")).toBe(true);
});

test("clear_host_errors in an always section forgets the failure that led there", () => {
  const { state } = start([block([task("one")], { always: [task("clear")] }), task("next")]);
  state.settle({ host: "a", status: "failed", ignored: false, notify: [], hold: false });
  state.clearErrors();
  state.pass("a");
  expect(state.at("a")?.task.name).toBe("next");
});

test("a host that failed is no longer one of the play's in its always section, and one that is rescued still is", () => {
  const { state } = start([
    block([task("one")], { always: [task("always")] }),
    block([task("two")], { rescue: [task("rescue")] }),
  ]);
  state.pass("b");
  for (const host of ["a", "b"]) {
    if (host === "b") state.pass(host);
    state.settle({ host, status: "failed", ignored: false, notify: [], hold: false });
  }
  expect([state.at("a")?.task.name, state.at("b")?.task.name]).toEqual(["always", "rescue"]);
  expect([...state.removed()]).toEqual(["a"]);
});

test("clear_host_errors does not bring a host back among those of the play", () => {
  const { state } = start([block([task("one")], { always: [task("clear")] }), task("next")]);
  state.settle({ host: "a", status: "failed", ignored: false, notify: [], hold: false });
  state.clearErrors();
  expect([...state.removed()]).toEqual(["a"]);
});

test("a host that failed and sees only the forced handlers yet is lost", () => {
  const { state } = start([task("one"), task("two")], true);
  state.settle({ host: "a", status: "failed", ignored: false, notify: [], hold: false });
  expect(state.failed().has("a")).toBe(false);
  expect([state.isLost("a"), state.isLost("b")]).toEqual([true, false]);
  expect([...state.removed()]).toEqual(["a"]);
});
