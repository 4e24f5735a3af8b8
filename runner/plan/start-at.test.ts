import { expect, test } from "vitest";
import type { Node, Role } from "../model/play.ts";
import { hasName, startAt } from "./start-at.ts";
import { block, task } from "./testing.ts";

const tree = block([
  task("one"),
  block([task("two"), task("three")], { rescue: [task("rescue")], always: [task("last")] }),
  task("four"),
]);
const outline = (node: Node): unknown =>
  node.kind === "task"
    ? node.name
    : [...node.children.map(outline), "always", ...node.always.map(outline)];

test.for<readonly [string, unknown]>([
  ["one", ["one", ["two", "three", "always", "last"], "four", "always"]],
  ["three", [["three", "always", "last"], "four", "always"]],
  ["last", [["always", "last"], "four", "always"]],
  ["four", ["four", "always"]],
])("from %s on, everything behind it stays", ([wanted, left]) => {
  expect(outline(startAt(tree, (one) => one.name === wanted)!)).toEqual(left);
});

test("a task of a rescue section is no start", () => {
  expect(startAt(tree, (one) => one.name === "rescue")).toBeUndefined();
});

test.for<readonly [string, boolean]>([
  ["install it", true],
  ["inst*", true],
  ["web : install it", true],
  ["web : *", true],
  ["inst?ll it", true],
  ["[hij]nstall it", true],
  ["[!i]nstall it", false],
  ["install", false],
])("a name fits %s: %s", ([wanted, fits]) => {
  expect(hasName(task("install it", { role: { name: "web" } as Role }), wanted)).toBe(fits);
});
