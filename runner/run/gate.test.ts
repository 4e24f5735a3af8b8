import { expect, it } from "vitest";
import { createGate } from "./gate.ts";

it("lets so many in at a time, in their order, and goes on after a failure", async () => {
  const gate = createGate(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((number) =>
    gate.pass(async () => {
      begun.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (number === 0) throw new Error("no");
      return number;
    }),
  );
  const settled = Promise.allSettled(all);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(begun).toEqual([0, 1]);
  ends[0]!();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  ends[2]!();
  ends[1]!();
  await turn();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[3]!();
  expect((await settled).map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
});
