import { describe, expect, it } from "vitest";
import { dictOf, UnsafeText } from "../model/value.ts";
import { createEnvironment, MISSING } from "../template/environment.ts";
import { createScope, type VarScope } from "./scope.ts";

const REFUSED = /Conditional is marked as unsafe, and cannot be evaluated\.$/;
const environment = createEnvironment();

// Each was given to ansible-playbook 2.14.18 in a `when`.
describe("a condition with braces", () => {
  it.each([
    ["a registered result", "{{ result.stdout }} == 1"],
    ["a part of its result", "{{ result.lines | first }} == 1"],
    ["a fact that was made of it", "{{ derived }} == 1"],
    ["a variable that reads it", "{{ reads }} == 1"],
    ["text that is marked as unsafe", "{{ marked }} == 1"],
    ["an item of a loop over it", "{{ item }} == 1"],
  ])("is refused when %s goes into it", (_what, condition) => {
    expect(() => holds(condition)).toThrow(REFUSED);
    // What was read before is remembered with its mark.
    const scope = scopeNow();
    environment.compile("{{ derived }}{{ reads }}{{ result }}{{ marked }}").render(scope);
    expect(() => environment.condition(condition).test(scope)).toThrow(REFUSED);
  });

  it.each([
    ["a fact that the playbook wrote", "{{ own }} == 1", true],
    ["a number from outside", "{{ count }} == 1", true],
    ["a boolean made of outside text", "{{ result.stdout == '1' }}", true],
    ["a variable of the play", "{{ plain }} == 2", false],
  ])("holds with %s", (_what, condition, answer) => {
    expect(holds(condition)).toBe(answer);
  });

  it("is evaluated where it has no braces, whatever it reads", () => {
    expect(holds("result.stdout == '1' and reads | int == 1")).toBe(true);
  });
});

function holds(condition: string): boolean {
  return environment.condition(condition).test(scopeNow());
}

function scopeNow(): VarScope {
  const facts = {
    result: dictOf({ stdout: "1", lines: ["1"] }),
    derived: "1",
    own: "1",
    count: 1,
  };
  return createScope({
    environment,
    layers: [
      { vars: dictOf(facts), final: true, trusted: new Set(["own"]) },
      {
        vars: dictOf({ reads: "{{ result.stdout }}", plain: "1", marked: new UnsafeText("1") }),
        final: false,
      },
    ],
    magic: () => MISSING,
    magicNames: [],
    context: { searchPaths: [], cwd: "/" },
  }).with(new Map([["item", "1"]]), "outside");
}
