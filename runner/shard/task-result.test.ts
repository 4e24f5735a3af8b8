import { describe, expect, it } from "vitest";
import { dictOf } from "../model/value.ts";
import { isKept, markKept } from "../template/kept-text.ts";
import { registered, statusOf } from "./task-result.ts";

describe("what register keeps", () => {
  it("leaves out what is internal, in the results of items too", () => {
    const item = dictOf({ item: 1, invocation: "i", _ansible_no_log: false });
    const data = dictOf({ changed: false, invocation: "i", _ansible_x: 1, results: [item] });
    expect(registered(data)).toEqual(
      dictOf({ changed: false, results: [dictOf({ item: 1, invocation: "i" })] }),
    );
  });

  it("remembers text that stays text, in the results of items too", () => {
    const item = dictOf({ item: "[1]", msg: "[2]" });
    markKept(item, "item");
    const data = dictOf({ msg: "[3]", results: [item] });
    markKept(data, "msg");
    const kept = registered(data);
    const [result] = kept.get("results") as unknown[];
    expect(isKept(kept, "msg")).toBe(true);
    expect(isKept(result, "item")).toBe(true);
    expect(isKept(result, "msg")).toBe(false);
  });
});

it.for([
  ["a result that failed", dictOf({ failed: true }), "failed"],
  [
    "one that failed_when takes for good",
    dictOf({ failed: true, failed_when_result: false }),
    "ok",
  ],
  ["one that failed_when does not", dictOf({ failed: true, failed_when_result: true }), "failed"],
  [
    "items that failed_when takes for good",
    dictOf({ failed: true, results: [dictOf({ failed: true, failed_when_result: false })] }),
    "ok",
  ],
  [
    "items of which failed_when does not take one",
    dictOf({
      failed: true,
      results: [dictOf({ failed_when_result: false }), dictOf({ failed_when_result: true })],
    }),
    "failed",
  ],
] as const)("counts %s as it should", ([, data, status]) => {
  expect(statusOf(data)).toBe(status);
});
