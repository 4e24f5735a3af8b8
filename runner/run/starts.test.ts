import { expect, test } from "vitest";
import { createStarts } from "./starts.ts";

test.for([
  ["all at once", 5, [], ["a", "b", "c"]],
  ["no more than may be at work", 2, [], ["a", "b"]],
  ["one more for a host that is through, however often that is said", 1, ["a", "a"], ["a", "b"]],
  ["in order, whoever is through", 2, ["b", "a"], ["a", "b", "c"]],
  ["each once", 1, ["a", "b", "c"], ["a", "b", "c"]],
] as const)("hosts begin: %s", ([, atOnce, through, expected]) => {
  const told: string[] = [];
  const starts = createStarts(["a", "b", "c"], atOnce, (host) => told.push(host));
  starts.first();
  for (const host of through) starts.isThrough(host);
  expect(told).toEqual(expected);
});
