import { readFile, writeFile } from "node:fs/promises";
import { benchHotPaths } from "./micro/hot-paths.ts";
import { benchTemplates } from "./micro/templates.ts";
import { benchWarmCall } from "./micro/warm-call.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { createPlace } from "./place.ts";
import { describeMachine } from "./report/machine.ts";
import { mergeReports } from "./report/merge.ts";
import type { Outcome, Report } from "./report/outcome.ts";
import { reportPage } from "./report/page.ts";
import { writeResults } from "./report/results.ts";
import { outcomeText } from "./report/terminal.ts";
import { type Found, findRunners, SETTINGS } from "./runners.ts";
import type { Case, Scenario } from "./scenario.ts";
import { judge, requirementsOf } from "./verdict.ts";

process.exitCode = await main();

/** Exit code 1 when a requirement is missed, 2 when something could not be measured, 130 when interrupted. */
async function main(): Promise<number> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interrupt.abort(new Error("interrupted")));
  }
  try {
    const options = readOptions(process.argv.slice(2));
    const report =
      options.from === undefined
        ? await runAll(options, interrupt.signal)
        : mergeReports(await Promise.all(options.from.map(readReport)));
    if (options.from !== undefined) for (const one of report.outcomes) sayOutcome(one);
    await writeReports(report, options);
    return toExitCode(report.outcomes);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    return interrupt.signal.aborted ? 130 : 2;
  }
}

async function runAll(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const begin = new Date();
  await using place = await createPlace(options.mitogen);
  const found = await findRunners(place.cli, options.mitogen);
  const machine = describeMachine(found);
  for (const [name, value] of Object.entries(machine)) say(`${name}: ${value}`);
  for (const line of SETTINGS) say(`- ${line}`);
  const scaled = options.scale === 1 ? "" : ` at ${options.scale} of their size`;
  if (scaled !== "") say(`scenarios run${scaled}: figures are not comparable with those at 1`);
  if (options.micro) {
    await benchHotPaths(say);
    await benchWarmCall(say);
    await benchTemplates(say);
  }
  const outcomes: Outcome[] = [];
  let report = toReport();
  for (const scenario of options.scenarios) {
    outcomes.push(await runScenario(scenario, { options, found, signal }));
    report = toReport();
    // After each: a long run that is interrupted has not been for nothing.
    if (options.json !== undefined) await writeJson(options.json, report);
  }
  return report;

  function toReport(): Report {
    return {
      format: 1,
      date: begin.toISOString(),
      command: `npm run bench -- ${process.argv.slice(2).join(" ")}`.trim(),
      scale: options.scale,
      machine,
      settings: SETTINGS,
      outcomes: [...outcomes],
    };
  }
}

interface Setting {
  readonly options: BenchOptions;
  readonly found: readonly Found[];
  readonly signal: AbortSignal;
}

async function runScenario(scenario: Scenario, setting: Setting): Promise<Outcome> {
  const { options, found, signal } = setting;
  const head = {
    scenario: scenario.name,
    about: scenario.about,
    ...(scenario.axis === undefined ? {} : { axis: scenario.axis }),
  };
  say(`\n${scenario.name}: ${scenario.about}`);
  const outcome = await attempt();
  sayOutcome(outcome);
  return outcome;

  async function attempt(): Promise<Outcome> {
    try {
      await using place = await createPlace(options.mitogen);
      const cases: readonly Case[] = await scenario.run({
        place,
        runners: scenario.runners.filter((name) => isWanted(name)),
        runs: options.runs ?? scenario.runs,
        scale: options.scale,
        link: options.link,
        signal,
        progress: (line) => process.stderr.write(`  ${line}\n`),
      });
      return { ...head, cases, verdicts: judge(cases, requirementsOf(scenario.name)) };
    } catch (error) {
      signal.throwIfAborted();
      const failure = error instanceof Error ? error.message : String(error);
      return { ...head, cases: [], verdicts: [], failure };
    }
  }

  function isWanted(name: Found["runner"]): boolean {
    if (options.runners !== undefined) return options.runners.includes(name);
    return found.some(({ runner, version }) => runner === name && version !== undefined);
  }
}

function sayOutcome(outcome: Outcome): void {
  say(`\n${outcomeText(outcome)}`);
}

async function readReport(file: string): Promise<Report> {
  return JSON.parse(await readFile(file, "utf8")) as Report;
}

async function writeReports(report: Report, options: BenchOptions): Promise<void> {
  if (options.json !== undefined && options.from === undefined) {
    await writeJson(options.json, report);
  }
  if (options.html !== undefined) await writeFile(options.html, reportPage(report));
  if (options.results !== undefined) await writeResults(options.results, report);
}

async function writeJson(file: string, report: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify(report, null, 1)}\n`);
}

function toExitCode(outcomes: readonly Outcome[]): number {
  const hasFailed = outcomes.some(
    ({ failure, cases }) =>
      failure !== undefined ||
      cases.some(({ series }) => series.some((one) => one.failure !== undefined)),
  );
  if (hasFailed) return 2;
  const missed = outcomes.flatMap(({ verdicts }) =>
    verdicts.filter(({ passed, figure }) => !passed && figure !== undefined),
  );
  return missed.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
