import { expect, test } from "vitest";
import { createTimeSlice } from "./time-slice.ts";

test("a slice is spent after 20 ms of work, and another begins when the event loop has turned", async () => {
  let time = 0;
  const slice = createTimeSlice(() => time);
  expect(slice.isSpent()).toBe(false);
  time += 19;
  expect(slice.isSpent()).toBe(false);
  time += 1;
  expect(slice.isSpent()).toBe(true);
  await slice.turn();
  expect(slice.isSpent()).toBe(false);
});

test("time in which the event loop was free to turn does not count", async () => {
  let time = 0;
  const slice = createTimeSlice(() => time);
  expect(slice.isSpent()).toBe(false);
  await slice.turn();
  time += 1000;
  expect(slice.isSpent()).toBe(false);
});
