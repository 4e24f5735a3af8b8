import { expect, test } from "vitest";
import type { Dict, Value } from "../model/value.ts";
import { dictOf } from "../model/value.ts";
import { addCustomStats } from "./custom-stats.ts";

const sums: readonly (readonly [string, Value, Value, Value])[] = [
  ["whole numbers are added", 1, 2, 3],
  ["texts are joined", "a", "b", "ab"],
  ["lists are joined", [1], [2], [1, 2]],
  ["a value of another type is ignored", 1, "2", 1],
  ["mappings are merged", dictOf({ a: 1, b: 1 }), dictOf({ b: 2 }), dictOf({ a: 1, b: 2 })],
];

test.for(sums)("%s", ([, first, second, sum]) => {
  const all = new Map<string, Dict>();
  for (const value of [first, second])
    addCustomStats(all, ["h"], { data: dictOf({ k: value }), perHost: false, aggregate: true });
  expect(all).toEqual(new Map([["", dictOf({ k: sum })]]));
});

test("without aggregate the last value counts", () => {
  const all = new Map<string, Dict>();
  for (const value of [1, 2])
    addCustomStats(all, ["h"], { data: dictOf({ k: value }), perHost: false, aggregate: false });
  expect(all.get("")).toEqual(dictOf({ k: 2 }));
});

test("figures per host are kept for every host that shares the task", () => {
  const all = new Map<string, Dict>();
  addCustomStats(all, ["a", "b"], { data: dictOf({ k: 1 }), perHost: true, aggregate: true });
  expect([...all.keys()]).toEqual(["a", "b"]);
});
