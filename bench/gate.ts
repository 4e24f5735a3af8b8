import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadAgent } from "#remote";
import { loop100 } from "./macro/loop-100.ts";
import { createPlace, type Place } from "./place.ts";
import { seriesTable, verdictLines } from "./report.ts";
import type { Sample, Series } from "./scenario.ts";
import { judge, requirementsOf, type Verdict, verdictText } from "./verdict.ts";

const COMMAND = "node ci/run-ts.mjs bench/gate.ts";

process.exitCode = await main();

/**
 * What CI runs: one short comparison with ansible-playbook, and counts that no machine changes. Fails on any that
 * bench/thresholds.json does not allow. With `--report FILE`, writes names of what passed and failed for ci/counts.ts.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { report: { type: "string" } } });
  let passed: string[] = [];
  let failed: string[] = [];
  try {
    const verdicts = await runGate();
    passed = verdicts.filter((verdict) => verdict.passed).map(verdictText);
    failed = verdicts.filter((verdict) => !verdict.passed).map(verdictText);
  } catch (error) {
    failed = [`the gate could not measure: ${error instanceof Error ? error.message : error}`];
  }
  for (const line of failed) process.stderr.write(`error: ${line}; again: ${COMMAND}\n`);
  if (values.report !== undefined) {
    writeFileSync(values.report, `${JSON.stringify({ passed, failed }, null, 2)}\n`);
  }
  process.stdout.write(`gate: ${passed.length} passed, ${failed.length} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

async function runGate(): Promise<readonly Verdict[]> {
  await using place = await createPlace();
  const series = await loop100.run({
    place,
    runners: ["skein", "ansible"],
    runs: 1,
    scale: loop100.scale,
    progress: (line) => process.stdout.write(`gate: ${line}\n`),
  });
  const measured = addSizes(series, sizesOf(place));
  const verdicts = judge(measured, requirementsOf("gate"));
  process.stdout.write(`${seriesTable(measured)}\n\n${verdictLines(verdicts)}\n`);
  return verdicts;
}

/** What every connection carries before the first task. */
function sizesOf(place: Place): Sample {
  const agent = loadAgent(join(place.cli, "../agent.bin"));
  return {
    firstStage: Buffer.byteLength(agent.firstStage(["/usr/bin/python3"])),
    archive: agent.archive.length,
  };
}

function addSizes(series: readonly Series[], sizes: Sample): readonly Series[] {
  return series.map((one) =>
    one.runner === "skein"
      ? { ...one, samples: one.samples.map((sample) => ({ ...sample, ...sizes })) }
      : one,
  );
}
