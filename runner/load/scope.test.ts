import { describe, expect, it } from "vitest";
import { dictOf, type Value } from "../model/value.ts";
import { readScope } from "./scope.ts";

const ORIGIN = { file: "site.yml", line: 3, column: 7 };

describe("the keyword debugger", () => {
  it.each<[Value]>([["always"], ["{{ wish }}"], [false], [null], [""], ["sometimes"]])(
    "may be %j",
    (wish) => {
      expect(readScope(dictOf({ debugger: wish }), "Task", ORIGIN).fields.get("debugger")).toBe(
        wish,
      );
    },
  );

  it("is refused when it is no text", () => {
    expect(() => readScope(dictOf({ debugger: ["always"] }), "Play", ORIGIN)).toThrow(
      expect.objectContaining({
        detail: expect.stringMatching(/^The field 'debugger' is supposed to be a string type/),
        origin: ORIGIN,
      }),
    );
  });
});
