import { describe, expect, test } from "vitest";
import { batchesOf, exceedsFailures } from "./batches.ts";
import { isSelected, selectBlock } from "./select-tags.ts";
import { block, task } from "./testing.ts";

describe("isSelected()", () => {
  const rows: readonly [tags: string[], only: string[], skip: string[], expected: boolean][] = [
    [[], ["all"], [], true],
    [["a"], ["all"], [], true],
    [["never"], ["all"], [], false],
    [["never", "a"], ["a"], [], true],
    [["a"], ["b"], [], false],
    [["always"], ["b"], [], true],
    [["always"], ["b"], ["always"], false],
    [["a"], ["tagged"], [], true],
    [[], ["tagged"], [], false],
    [["never"], ["tagged"], [], false],
    [[], ["untagged"], [], true],
    [["a"], ["untagged"], [], false],
    [["a"], ["all"], ["a"], false],
    [["a", "b"], ["a"], ["b"], false],
    [["a"], ["all"], ["tagged"], false],
    [[], ["all"], ["untagged"], false],
    [["always"], ["all"], ["all"], true],
    [["a"], ["all"], ["all"], false],
  ];
  test.each(rows)("tags %j with --tags %j --skip-tags %j: %s", (tags, only, skip, expected) => {
    expect(isSelected({ tags }, { only, skip })).toBe(expected);
  });
});

test("a block of which nothing is selected is left out", () => {
  const tree = block([block([task("a", { tags: ["a"] })]), task("b", { tags: ["b"] })]);
  const selected = selectBlock(tree, { only: ["b"], skip: [] });
  expect(selected?.children.map((node) => (node.kind === "task" ? node.name : "block"))).toEqual([
    "b",
  ]);
  expect(selectBlock(tree, { only: ["c"], skip: [] })).toBeUndefined();
});

describe("batchesOf()", () => {
  const hosts = ["a", "b", "c", "d", "e"];
  test.each([
    [[], [5]],
    [[2], [2, 2, 1]],
    [
      [1, 3],
      [1, 3, 1],
    ],
    [["40%"], [2, 2, 1]],
    [["10%"], [1, 1, 1, 1, 1]],
    [
      [1, "100%"],
      [1, 4],
    ],
    [[0], [5]],
    [["2"], [2, 2, 1]],
  ])("serial %j makes batches of %j", (serial, sizes) => {
    const batches = batchesOf(hosts, serial);
    expect(batches.map((batch) => Math.min(batch.length, 5))).toEqual(sizes);
    expect(batches.flat()).toEqual(hosts);
  });

  test("a size that is no number is an error", () => {
    expect(() => batchesOf(hosts, ["some"])).toThrow(/serial must be a number or a percentage/);
  });
});

test("max_fail_percentage is exceeded, not reached", () => {
  expect(exceedsFailures(1, 4, 25)).toBe(false);
  expect(exceedsFailures(2, 4, 25)).toBe(true);
  expect(exceedsFailures(1, 4, 0)).toBe(true);
  expect(exceedsFailures(4, 4, undefined)).toBe(false);
});
