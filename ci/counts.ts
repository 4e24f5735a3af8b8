/** What a run of tests says of itself. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Reads one report: vitest's JSON, pytest's JUnit XML, or `{"failed": ["name", ...]}` as ci/check.sh and bench/gate.ts write it
 * (with `passed`, a list too, where there is something to count).
 *
 * @throws Error when it is none of these, or says nothing.
 */
export function countReport(text: string): Counts {
  if (text.trimStart().startsWith("<")) return countJunit(text);
  const report = JSON.parse(text) as Record<string, unknown>;
  if (typeof report["numTotalTests"] === "number") return countVitest(report);
  if (Array.isArray(report["failed"])) {
    const passed = Array.isArray(report["passed"]) ? report["passed"].length : 0;
    return { passed, failed: report["failed"].length, skipped: 0 };
  }
  throw new Error("neither a report of vitest, nor of pytest, nor of ci/check.sh");
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The last line of `npm test`. */
export function toLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** A file that fails before its first test has no failed test in it: it counts as one. */
function countVitest(report: Record<string, unknown>): Counts {
  const files = report["testResults"] as readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = number(report, "numFailedTests") + broken;
  return {
    passed: number(report, "numPassedTests"),
    // An error outside of any test: the run says that it did not succeed, and nothing else.
    failed: failed === 0 && report["success"] === false ? 1 : failed,
    skipped: number(report, "numPendingTests") + number(report, "numTodoTests"),
  };
}

function number(report: Record<string, unknown>, name: string): number {
  const value = report[name];
  return typeof value === "number" ? value : 0;
}

function countJunit(text: string): Counts {
  let counts = NO_COUNTS;
  let suites = 0;
  for (const [, attributes = ""] of text.matchAll(/<testsuite\s([^>]*)>/g)) {
    const read = (name: string): number =>
      Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
    const failed = read("failures") + read("errors");
    const skipped = read("skipped");
    counts = addCounts(counts, { passed: read("tests") - failed - skipped, failed, skipped });
    suites += 1;
  }
  if (suites === 0) throw new Error("no <testsuite> in it");
  return counts;
}
