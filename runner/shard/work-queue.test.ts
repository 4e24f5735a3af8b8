import { expect, it } from "vitest";
import type { TimeSlice } from "./time-slice.ts";
import { createWorkQueue } from "./work-queue.ts";

/** Jobs that end when they are told to. */
function jobs(count: number) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const list = Array.from({ length: count }, (_none, index) => () => {
    begun.push(index);
    return new Promise<void>((resolve) => ends.push(resolve));
  });
  return { begun, ends, list };
}

const endless: TimeSlice = { isSpent: () => false, turn: () => Promise.resolve() };

it("begins as many jobs as may be at work, and the next when one has ended", async () => {
  const { begun, ends, list } = jobs(4);
  createWorkQueue({ width: 2, slice: endless, onError: () => {} }).add(list);
  expect(begun).toEqual([0, 1]);
  ends[1]!();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
});

it("begins nothing more in a slice that is spent, and goes on when the event loop has turned", async () => {
  const { begun, list } = jobs(3);
  let left = 1;
  const slice: TimeSlice = {
    isSpent: () => left-- <= 0,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
  createWorkQueue({ width: 9, slice, onError: () => {} }).add(list);
  expect(begun).toEqual([0]);
  left = 9;
  await settled();
  expect(begun).toEqual([0, 1, 2]);
});

it("tells of a job that throws, and begins the next", async () => {
  const errors: unknown[] = [];
  const begun: string[] = [];
  createWorkQueue({ width: 1, slice: endless, onError: (error) => errors.push(error) }).add([
    () => Promise.reject(new Error("lost")),
    async () => {
      begun.push("next");
    },
  ]);
  await settled();
  expect(errors).toEqual([new Error("lost")]);
  expect(begun).toEqual(["next"]);
});

async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
