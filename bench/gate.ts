import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadAgent } from "#remote";
import { loop100Items } from "./macro/loop-100-items.ts";
import { createPlace, type Place } from "./place.ts";
import { outcomeText } from "./report/terminal.ts";
import type { Case, Sample } from "./scenario.ts";
import { judge, type Requirement, requirementsOf, type Verdict, verdictText } from "./verdict.ts";

const COMMAND = "node ci/run-ts.mjs bench/gate.ts";

process.exitCode = await main();

/**
 * What CI runs: one short comparison with ansible-playbook, and counts that no machine changes. Fails on any that
 * bench/thresholds.json, or the file given with `--thresholds`, does not allow. With `--report FILE`, writes names of what
 * passed and failed for ci/counts.ts. `--scale` is for trying the gate itself.
 */
async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { report: text, thresholds: text, scale: text } });
  let passed: string[] = [];
  let failed: string[] = [];
  try {
    const requirements = await readRequirements(values.thresholds);
    const verdicts = await runGate(requirements, Number(values.scale ?? 1));
    passed = verdicts.filter((verdict) => verdict.passed).map(verdictText);
    failed = verdicts.filter((verdict) => !verdict.passed).map(verdictText);
  } catch (error) {
    failed = [`the gate could not measure: ${error instanceof Error ? error.message : error}`];
  }
  for (const line of failed) process.stderr.write(`error: ${line}; again: ${COMMAND}\n`);
  if (values.report !== undefined) {
    await writeFile(values.report, `${JSON.stringify({ passed, failed }, null, 2)}\n`);
  }
  process.stdout.write(`gate: ${passed.length} passed, ${failed.length} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

async function readRequirements(file: string | undefined): Promise<readonly Requirement[]> {
  if (file === undefined) return requirementsOf("gate");
  return JSON.parse(await readFile(file, "utf8")) as readonly Requirement[];
}

async function runGate(
  requirements: readonly Requirement[],
  scale: number,
): Promise<readonly Verdict[]> {
  await using place = await createPlace();
  const cases = await loop100Items.run({
    place,
    runners: ["skein", "ansible"],
    runs: 1,
    scale,
    signal: new AbortController().signal,
    progress: (line) => process.stdout.write(`gate: ${line}\n`),
  });
  const measured = cases.map((one) => addSizes(one, sizesOf(place)));
  const verdicts = judge(measured, requirements);
  const { name, about } = loop100Items;
  process.stdout.write(`${outcomeText({ scenario: name, about, cases: measured, verdicts })}\n`);
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

function addSizes(one: Case, sizes: Sample): Case {
  const series = one.series.map((own) =>
    own.runner === "skein"
      ? { ...own, samples: own.samples.map((sample) => ({ ...sample, ...sizes })) }
      : own,
  );
  return { ...one, series };
}
