import { expect, test } from "vitest";
import type { Dict, Value } from "../model/value.ts";
import { createEnvironment, MISSING } from "../template/environment.ts";
import { combineInto } from "./combine.ts";
import type { Layer } from "./precedence.ts";
import { createScope } from "./scope.ts";

/** A dict of plain objects, at every level. */
function dict(fields: Readonly<Record<string, unknown>>): Dict {
  const isPlain = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(
    Object.entries(fields).map(([key, value]) => [
      key,
      isPlain(value) ? dict(value) : (value as Value),
    ]),
  );
}

const low = dict({ a: { x: 1, l: [1], d: { p: 1 } }, b: 1, c: { x: 1 } });
const high = dict({ a: { y: 2, l: [2], d: { q: 2 } }, b: { z: 1 }, c: 3 });

test("with hash_behaviour = merge dicts become one at every level, lists are replaced", () => {
  const target = new Map(low);
  combineInto(target, high, true);
  expect(target).toEqual(dict({ a: { x: 1, y: 2, l: [2], d: { p: 1, q: 2 } }, b: { z: 1 }, c: 3 }));
  expect(low.get("a")).toEqual(dict({ x: 1, l: [1], d: { p: 1 } }));
});

test("with replace the higher value stands alone", () => {
  const target = new Map(low);
  combineInto(target, high, false);
  expect(target).toEqual(high);
});

test("a scope merges over its layers, down to the first that has no dict", () => {
  const layer = (fields: Readonly<Record<string, unknown>>, final = false): Layer => ({
    vars: dict(fields),
    final,
  });
  const scope = createScope({
    environment: createEnvironment(),
    layers: [
      layer({ a: { top: "{{ n }}" }, n: 1 }),
      layer({ a: { fact: "{{ n }}" } }, true),
      layer({ a: "text", b: { x: 1 } }),
      layer({ a: { below: 1 }, b: { y: "{{ n }}" } }),
    ],
    magic: () => MISSING,
    magicNames: [],
    merge: true,
    context: { searchPaths: [], cwd: "/" },
  });
  // What came from a target stays no template.
  expect(scope.get("a")).toEqual(dict({ fact: "{{ n }}", top: 1 }));
  expect(scope.get("b")).toEqual(dict({ y: 1, x: 1 }));
  expect(scope.get("n")).toBe(1);
  expect(scope.get("m")).toBe(MISSING);
});
