import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Difference } from "./explained.ts";
import { fuzz } from "./fuzz.ts";
import { hasJudge, startJudge } from "./judge.ts";

const USAGE = "usage: npm run fuzz -- [--count N] [--seed S] [--show N] [--json FILE]\n";

process.exitCode = await main();

/** Exit code 1 when there is a difference without an explanation, 2 when nothing could be asked. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "10000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      show: { type: "string", default: "20" },
      json: { type: "string" },
    },
  });
  const [count, seed, show] = [values.count, values.seed, values.show].map(Number);
  if (
    !Number.isInteger(count) ||
    !Number.isInteger(seed) ||
    !Number.isInteger(show) ||
    !hasJudge()
  ) {
    process.stderr.write(
      hasJudge() ? USAGE : "error: ansible-core 2.14 is not installed for /usr/bin/python3\n",
    );
    return 2;
  }
  await using judge = await startJudge();
  say(`${count} expressions, seed ${seed}, ansible-core ${judge.version}`);
  const report = await fuzz({
    judge,
    count: count!,
    seed: seed!,
    progress: (done, different) => {
      if (done % 10_000 === 0) say(`${done}: ${different} different`);
    },
  });
  for (const difference of report.differences.slice(0, show)) say(describe(difference));
  for (const [reason, times] of report.explained) say(`explained ${times} times: ${reason}`);
  say(
    `${report.values} values, ${count! - report.values} errors, ${report.differences.length} unexplained differences`,
  );
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      report.differences.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
  return report.differences.length === 0 ? 0 : 1;
}

function describe({ row, ours, theirs }: Difference): string {
  return `- ${JSON.stringify(row)}\n  Ansible: ${JSON.stringify(theirs)}\n  skein:   ${JSON.stringify(ours)}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
