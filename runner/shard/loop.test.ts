import { describe, expect, it } from "vitest";
import type { Task } from "../model/play.ts";
import { dictOf, type Value } from "../model/value.ts";
import { createEnvironment, MISSING } from "../template/environment.ts";
import { createScope } from "../vars/scope.ts";
import { loopItems } from "./loop.ts";

// What ansible-playbook 2.14 says to the same loops.
describe("the items of a loop", () => {
  it.each([
    ["list", dictOf({ a: 1 }), "with_list expects a list"],
    ["indexed_items", dictOf({ a: 1 }), "with_indexed_items expects a list"],
    ["dict", [1], "with_dict expects a dict"],
    ["sequence", "start=0 junk=3", "unrecognized arguments to with_sequence: ['junk']"],
    ["subelements", 7, "subelements lookup expects a list of two or three items, "],
    ["subelements", ["7", "k"], "subelements lookup expects a dictionary, got '7'"],
    ["file", "nosuch", "could not locate file in lookup: nosuch"],
    ["items", "{{ nothing }}", "'nothing' is undefined. 'nothing' is undefined"],
  ] as const)("with_%s of %j fails in the lookup's own words", (lookup, value, message) => {
    expect(failureOf(() => itemsOf(lookup, value as Value))).toBe(message);
  });

  it("are a dict's keys for with_items", () => {
    expect(itemsOf("items", dictOf({ a: 1, b: 2 }))).toEqual(["a", "b"]);
  });

  it.each(["items", "list", "flattened", "together"])(
    "never render what a target sent (with_%s)",
    (lookup) => {
      const [item] = itemsOf(lookup, ["{{ sent }}"])!;
      expect([item].flat(3)).toEqual(["{{ 1 + 1 }}"]);
    },
  );

  it("pass over file names that cannot be rendered for with_first_found", () => {
    const known = import.meta.filename;
    expect(itemsOf("first_found", ["{{ nothing }}.yml", known])).toEqual([known]);
  });
});

function itemsOf(lookup: string, value: Value): readonly Value[] | undefined {
  const environment = createEnvironment();
  const scope = createScope({
    environment,
    layers: [{ vars: dictOf({ sent: ["{{ 1 + 1 }}"] }), final: true }],
    magic: () => MISSING,
    magicNames: [],
    context: { searchPaths: [], cwd: "/" },
  });
  const origin = { file: "site.yml", line: 1, column: 1 };
  return loopItems({ loop: { lookup, value }, origin } as Task, scope, environment);
}

function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}
