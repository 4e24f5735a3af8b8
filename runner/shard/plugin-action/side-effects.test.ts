import { expect, test } from "vitest";
import { dictOf, UnsafeText } from "../../model/value.ts";
import { changeIn, statsIn } from "./side-effects.ts";

test("a result with add_host adds a host, whose variables are no templates", () => {
  const added = dictOf({
    host_name: "new",
    groups: ["web"],
    host_vars: dictOf({ a: "{{ b }}", c: 1 }),
  });
  expect(changeIn(dictOf({ add_host: added }), "h")).toEqual({
    kind: "add-host",
    host: "new",
    groups: ["web"],
    vars: new Map<unknown, unknown>([
      ["a", new UnsafeText("{{ b }}")],
      ["c", 1],
    ]),
  });
});

test("a result with add_group puts its host into a group", () => {
  expect(changeIn(dictOf({ add_group: "g", parent_groups: ["all"] }), "h")).toEqual({
    kind: "add-group",
    group: "g",
    parents: ["all"],
    host: "h",
  });
});

test("a result with ansible_stats has figures, and keeps its facts", () => {
  const data = dictOf({ n: 1 });
  const facts = dictOf({ f: 2 });
  const result = dictOf({ ansible_stats: dictOf({ data }), ansible_facts: facts });
  expect(statsIn(result)).toEqual({ stats: { data, perHost: true, aggregate: false }, facts });
});

test.for([
  ["one without", dictOf({ changed: true })],
  [
    "a failed one",
    dictOf({ failed: true, add_group: "g", ansible_stats: dictOf({ data: dictOf({ n: 1 }) }) }),
  ],
] as const)("%s does nothing besides", ([, result]) => {
  expect(changeIn(result, "h")).toBeUndefined();
  expect(statsIn(result)).toBeUndefined();
});
