import { describe, expect, it } from "vitest";
import { addCounts, countReport, toLine } from "./counts.ts";

const vitest = (more: object, statuses: readonly (readonly string[])[] = []): string =>
  JSON.stringify({
    numTotalTests: 9,
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    success: true,
    testResults: statuses.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
    ...more,
  });

describe("countReport()", () => {
  it.each([
    ["all is well in vitest", vitest({}), { passed: 5, failed: 0, skipped: 0 }],
    [
      "vitest failed and skipped",
      vitest({ numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, success: false }, [
        ["failed", "failed", "passed"],
      ]),
      { passed: 5, failed: 1, skipped: 3 },
    ],
    [
      "a file that could not be loaded has no test in it, and fails",
      vitest({ success: false }, [["failed"], ["passed", "passed"]]),
      { passed: 5, failed: 1, skipped: 0 },
    ],
    [
      "an error outside of tests is a failure",
      vitest({ success: false }),
      { passed: 5, failed: 1, skipped: 0 },
    ],
    [
      "pytest's failures and errors both failed",
      '<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1"></testsuite></testsuites>',
      { passed: 4, failed: 3, skipped: 3 },
    ],
    ["checks", '{"failed":["types","imports"]}', { passed: 0, failed: 2, skipped: 0 }],
    ["a gate", '{"failed":[],"passed":["loop"]}', { passed: 1, failed: 0, skipped: 0 }],
  ])("counts: %s", (_title, text, expected) => {
    expect(countReport(text)).toEqual(expected);
  });

  it.each([["{}"], ["<html></html>"], [""]])("refuses %j, which is no report", (text) => {
    expect(() => countReport(text)).toThrow();
  });
});

describe("toLine()", () => {
  it("names the skipped only where there are some", () => {
    const counts = addCounts(
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 2, failed: 1, skipped: 0 },
    );
    expect(toLine(counts)).toBe("3 passed, 1 failed");
    expect(toLine({ ...counts, skipped: 4 })).toBe("3 passed, 1 failed, 4 skipped");
  });
});
