import { describe, expect, it } from "vitest";
import { dictOf, type Value } from "../model/value.ts";
import { readScope } from "./scope.ts";

const ORIGIN = { file: "site.yml", line: 3, column: 7 };

describe("the keyword debugger", () => {
  it.each<[Value]>([["always"], ["never"], ["on_skipped"], ["{{ wish }}"], [false], [null], [""]])(
    "may be %j",
    (wish) => {
      expect(readScope(dictOf({ debugger: wish }), "Task", ORIGIN).fields.get("debugger")).toBe(
        wish,
      );
    },
  );

  it("is refused with the words that it may be", () => {
    expect(() => readScope(dictOf({ debugger: "sometimes" }), "Play", ORIGIN)).toThrow(
      expect.objectContaining({
        detail:
          "'sometimes' is not a valid value for debugger. Must be one of always, on_failed, on_unreachable, on_skipped, never",
        origin: ORIGIN,
      }),
    );
  });
});
