import { describe, expect, it } from "vitest";
import type { Case } from "./scenario.ts";
import { judge, median, requirementsOf, verdictText } from "./verdict.ts";

const CASES: readonly Case[] = [
  {
    title: "",
    series: [
      { runner: "skein", samples: [{ wall: 1, itemRoundTrips: 3 }, { wall: 9 }, { wall: 2 }] },
      { runner: "ansible", samples: [{ wall: 50 }, { wall: 30 }] },
    ],
  },
  { title: "other", series: [{ runner: "skein", samples: [{ wall: 7 }] }] },
];

describe("judge()", () => {
  it.each([
    ["passes what is exactly reached", { measure: "wall", versus: "ansible", times: 20 }, 20, true],
    ["fails what is missed", { measure: "wall", versus: "ansible", times: 20.1 }, 20, false],
    ["passes a number that is reached", { measure: "itemRoundTrips", atMost: 3 }, 3, true],
    ["fails a number that is exceeded", { measure: "itemRoundTrips", atMost: 2 }, 3, false],
    ["takes another case by its title", { case: "other", measure: "wall", atMost: 7 }, 7, true],
    ["does not pass what was not measured", { measure: "bytes", atMost: 9 }, undefined, false],
    [
      "does not pass a comparison with nobody",
      { measure: "wall", versus: "mitogen", times: 3 },
      undefined,
      false,
    ],
  ] as const)("%s", (_, requirement, figure, passed) => {
    expect(judge(CASES, [requirement])).toEqual([{ requirement, figure, passed }]);
  });

  it("says figure and threshold in one line", () => {
    const verdicts = judge(CASES, [
      { measure: "wall", versus: "ansible", times: 25 },
      { measure: "bytes", atMost: 9 },
    ]);
    expect(verdicts.map(verdictText)).toEqual([
      "wall time: 20x less than ansible (at least 25x)",
      "bytes on the wire: not measured (at most 9 B)",
    ]);
  });
});

describe("median()", () => {
  it.each([
    [[], undefined],
    [[3], 3],
    [[10, 9, 1], 9],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %j", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("requirementsOf()", () => {
  it.each(["loop-100-items", "filetree", "debops-shaped", "hosts", "ping", "gate"])(
    "has something to say about %s",
    (name) => {
      expect(requirementsOf(name).length).toBeGreaterThan(0);
    },
  );

  it("requires nothing of a benchmark that is not in the file", () => {
    expect(requirementsOf("nothing")).toEqual([]);
  });
});
