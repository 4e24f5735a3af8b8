import { readFileSync } from "node:fs";
import { addCounts, type Counts, countReport, NO_COUNTS, toLine } from "./counts.ts";

/*
 * count-results.ts REPORT...: prints what all of them say in one line. A report that is missing or cannot be read is a run that
 * failed. The exit code is 0 when nothing failed and something passed.
 */
let total = NO_COUNTS;
for (const path of process.argv.slice(2)) total = addCounts(total, read(path));
process.stdout.write(`${toLine(total)}\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function read(path: string): Counts {
  try {
    return countReport(readFileSync(path, "utf8"));
  } catch (error) {
    process.stderr.write(`${path}: no usable report: ${(error as Error).message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
