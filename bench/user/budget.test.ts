import { describe, expect, it } from "vitest";
import { toBudget } from "./budget.ts";

describe("toBudget()", () => {
  it.each([
    ["rtt=40", [{ measure: "roundTrips", atMost: 40 }]],
    ["bytes=200k", [{ measure: "bytes", atMost: 200_000 }]],
    ["memory=1.5G", [{ measure: "memory", atMost: 1.5e9 }]],
    ["wall=250ms", [{ measure: "wall", atMost: 0.25 }]],
    ["wall=5x", [{ measure: "wall", versus: "ansible", times: 5 }]],
    [
      "rtt=4, frames=90",
      [
        { measure: "roundTrips", atMost: 4 },
        { measure: "frames", atMost: 90 },
      ],
    ],
  ])("reads %s", (text, expected) => {
    expect(toBudget(text)).toEqual(expected);
  });

  it.each([
    ["rounds=3", "there is no measure rounds; there are rtt,"],
    ["rtt", "--budget rtt: a number is expected"],
    ["rtt=", "a number is expected"],
    ["bytes=20q", "a number is expected"],
    ["bytes=1=2", "a number is expected"],
    ["rtt=3,", "there is no measure"],
  ])("refuses %s", (text, message) => {
    expect(() => toBudget(text)).toThrow(message);
  });
});
