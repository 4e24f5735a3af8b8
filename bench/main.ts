import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { hosts } from "./macro/hosts.ts";
import { loop100 } from "./macro/loop-100.ts";
import { ping } from "./macro/ping.ts";
import { benchWarmCall } from "./micro/warm-call.ts";
import { createPlace } from "./place.ts";
import { seriesTable, verdictLines } from "./report.ts";
import { LABELS, type RunnerName, SETTINGS } from "./runners.ts";
import type { Scenario, Series } from "./scenario.ts";
import { judge, requirementsOf, type Verdict } from "./verdict.ts";

const SCENARIOS: readonly Scenario[] = [loop100, hosts, ping];
const BY_NAME: ReadonlyMap<string, Scenario> = new Map(SCENARIOS.map((one) => [one.name, one]));
const MICRO = "micro";
const USAGE = `usage: npm run bench -- [NAME...] [--runs N] [--scale N] [--runners skein,ansible,mitogen] [--json FILE]
names: ${SCENARIOS.map(({ name }) => name).join(", ")}; all of these by default; and micro, for what the bus and the agent cost
`;

/** What `--json` writes for each scenario. */
interface Outcome {
  readonly scenario: string;
  readonly about: string;
  readonly series: readonly Series[];
  readonly verdicts: readonly Verdict[];
}

process.exitCode = await main();

/** Exit code 1 when a requirement is missed, 2 when something could not be measured. */
async function main(): Promise<number> {
  try {
    const options = readOptions();
    const outcomes: Outcome[] = [];
    say(
      `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load ${loadavg()
        .map((load) => load.toFixed(1))
        .join(" ")}`,
    );
    for (const line of SETTINGS) say(`- ${line}`);
    if (options.micro) await benchWarmCall(say);
    for (const scenario of options.scenarios) outcomes.push(await runScenario(scenario, options));
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify(outcomes, null, 2)}\n`);
    }
    const missed = outcomes.flatMap(({ verdicts }) =>
      verdicts.filter(({ passed, figure }) => !passed && figure !== undefined),
    );
    return missed.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
}

async function runScenario(scenario: Scenario, options: Options): Promise<Outcome> {
  const scale = options.scale ?? scenario.scale;
  const about = scenario.about(scale);
  say(`\n${scenario.name}: ${about}`);
  await using place = await createPlace();
  const series = await scenario.run({
    place,
    runners: scenario.runners.filter((name) => options.runners?.includes(name) ?? true),
    runs: options.runs ?? scenario.runs,
    scale,
    progress: (line) => process.stderr.write(`  ${line}\n`),
  });
  const verdicts = judge(series, requirementsOf(scenario.name));
  say(`\n${seriesTable(series)}\n\n${verdictLines(verdicts)}`);
  return { scenario: scenario.name, about, series, verdicts };
}

interface Options {
  readonly micro: boolean;
  readonly scenarios: readonly Scenario[];
  readonly runs: number | undefined;
  readonly scale: number | undefined;
  readonly runners: readonly RunnerName[] | undefined;
  readonly json: string | undefined;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    options: {
      runs: { type: "string" },
      scale: { type: "string" },
      runners: { type: "string" },
      json: { type: "string" },
    },
    allowPositionals: true,
  });
  const scenarios = positionals
    .filter((name) => name !== MICRO)
    .map((name) => {
      const found = BY_NAME.get(name);
      if (found === undefined) throw new Error(`there is no benchmark ${name}\n${USAGE}`);
      return found;
    });
  return {
    micro: positionals.includes(MICRO),
    scenarios: positionals.length === 0 ? SCENARIOS : scenarios,
    runs: toCount("--runs", values.runs),
    scale: toCount("--scale", values.scale),
    runners: values.runners?.split(",").map(toRunner),
    json: values.json,
  };
}

function toCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) {
    throw new Error(`${option} ${text}: a number from 1 on is expected\n${USAGE}`);
  }
  return Number(text);
}

function toRunner(name: string): RunnerName {
  if (!Object.hasOwn(LABELS, name)) {
    throw new Error(`--runners ${name}: known are ${Object.keys(LABELS).join(", ")}\n${USAGE}`);
  }
  return name as RunnerName;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
