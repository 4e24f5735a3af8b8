import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Analysis, analyse } from "../../pcaps/analyse.ts";
import { type Capture, startCapture } from "../../pcaps/capture.ts";
import type { Measured } from "../measure.ts";
import { createPlaceFor, type Place } from "../place.ts";
import { describeMachine } from "../report/machine.ts";
import type { Outcome, Report } from "../report/outcome.ts";
import { reportPage } from "../report/page.ts";
import { outcomeText } from "../report/terminal.ts";
import { toSample } from "../run-playbook.ts";
import { findRunners } from "../runners.ts";
import type { Case, Sample, Series } from "../scenario.ts";
import { judge, verdictText } from "../verdict.ts";
import type { CompareArguments } from "./arguments.ts";
import { inventoryHosts } from "./inventory.ts";
import { type Engine, runEngine } from "./run-engine.ts";
import { type Sandboxes, startSandboxes } from "./sandboxes.ts";

const run = promisify(execFile);

/** What a command of the tools is given by whoever starts it. */
export interface ToolContext {
  /** skein's cli.js. */
  readonly cli: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly signal: AbortSignal;
}

/** More addresses than these are not put into a filter one by one. */
const MOST_IN_FILTER = 60;

/**
 * `skein bench compare`: runs a playbook under both engines and prints what both cost.
 *
 * @returns the exit code: 1 when a budget is exceeded.
 * @throws Error when something could not be measured.
 */
export async function compare(args: CompareArguments, context: ToolContext): Promise<number> {
  await using place = await createPlaceFor(context.cli);
  const home = await place.runDirectory();
  await using sandboxes = args.sandbox
    ? await startSandboxes({ ...args, directory: home })
    : undefined;
  const tap = sandboxes?.tap ?? (await hostsTap(args.inventories, context));
  const setting: Setting = { args, context, place, sandboxes, tap };
  if (sandboxes === undefined) {
    context.stderr("one run of Ansible that does not count, so that both find all done\n");
    await once(setting, "ansible");
  }
  const series = await measureBoth(setting);
  const link = sandboxes?.link;
  const one: Case = {
    title: "",
    ...(link === undefined ? {} : { link: { ...link.asked, measuredRtt: link.measuredRtt } }),
    series,
  };
  const outcome: Outcome = {
    scenario: args.play[0]!,
    about: aboutText(args, sandboxes),
    cases: [one],
    verdicts: judge([one], args.budget),
  };
  context.stdout(`${outcome.about}\n${outcomeText(outcome)}\n`);
  await writeReports(outcome, args, context);
  const broken = outcome.verdicts.filter(({ passed }) => !passed);
  for (const verdict of broken) {
    context.stderr(`error: ${verdictText(verdict)}; again: skein bench compare ${args.line}\n`);
  }
  return broken.length === 0 ? 0 : 1;
}

interface Tap {
  readonly interface: string;
  readonly enter: readonly string[];
  readonly filter: string;
}

interface Setting {
  readonly args: CompareArguments;
  readonly context: ToolContext;
  readonly place: Place;
  readonly sandboxes: Sandboxes | undefined;
  /** Undefined where nothing can be captured. */
  readonly tap: Tap | undefined;
}

async function measureBoth(setting: Setting): Promise<readonly Series[]> {
  const { args, context } = setting;
  const series = (["skein", "ansible"] as const).map((runner) => ({
    runner,
    samples: [] as Sample[],
    traces: [] as NonNullable<Series["trace"]>[],
  }));
  let recap: string | undefined;
  for (let index = 0; index < args.runs; index++) {
    for (const { runner, samples, traces } of series.toReversed()) {
      const { sample, analysis, measured } = await once(setting, runner);
      samples.push(sample);
      if (analysis !== undefined) traces.push(analysis.timeline);
      const ended = `${recapOf(measured.stdout)}, exit code ${measured.status}`;
      context.stderr(`${runner}: ${sample.wall?.toFixed(2)} s; ${ended}\n`);
      if (recap !== undefined && recap !== ended) {
        context.stderr(`warning: the one before ended with ${recap}: see skein bench conform\n`);
      }
      recap = ended;
    }
  }
  return series.map(({ runner, samples, traces: [trace] }) => ({
    runner,
    samples,
    ...(trace === undefined ? {} : { trace }),
  }));
}

interface Once {
  readonly sample: Sample;
  readonly measured: Measured;
  readonly analysis: Analysis | undefined;
}

async function once(setting: Setting, engine: Engine): Promise<Once> {
  const { args, context, place, sandboxes, tap } = setting;
  await sandboxes?.renew();
  const directory = await place.runDirectory();
  const inventory = sandboxes?.inventory ?? args.inventories.flatMap((source) => ["-i", source]);
  const file = join(directory, "wire.pcap");
  await using capture =
    tap === undefined ? undefined : await startCapture({ ...tap, port: 0, file });
  const measured = await runEngine({
    ...{ engine, cli: context.cli, args: [...inventory, ...args.play], directory },
    ...{ tuned: args.tuned, memory: true, signal: context.signal },
  });
  if (![0, 2].includes(measured.status)) {
    const said = `${measured.stdout}${measured.stderr}`.trim().slice(-2000);
    throw new Error(
      `${engine} could not run the playbook (exit code ${measured.status}):\n${said}`,
    );
  }
  const analysis = await analysisOf(capture, file);
  return { sample: toSample(measured, analysis), measured, analysis };
}

async function analysisOf(
  capture: Capture | undefined,
  file: string,
): Promise<Analysis | undefined> {
  if (capture === undefined) return undefined;
  const { dropped } = await capture.stop();
  if (dropped > 0) throw new Error(`tcpdump lost ${dropped} packets: its figures would be too low`);
  return analyse(file);
}

/** What leads to the hosts of an inventory; nothing, with a warning, where this account may not capture. */
async function hostsTap(
  inventories: readonly string[],
  { stderr }: ToolContext,
): Promise<Tap | undefined> {
  if (process.getuid?.() !== 0) {
    stderr("warning: bytes and round trips are not measured: capturing needs root\n");
    return undefined;
  }
  const hosts = await inventoryHosts(inventories);
  const resolved = await Promise.all(
    hosts.map(async ({ address, port }) => {
      const found = await lookup(address).catch(() => undefined);
      return found === undefined ? undefined : { address: found.address, port };
    }),
  );
  const reached = resolved.filter((one) => one !== undefined);
  if (reached.length === 0) {
    stderr("warning: no host of the inventory has an address: bytes are not measured\n");
    return undefined;
  }
  const devices = new Set<string>();
  for (const { address } of reached.slice(0, MOST_IN_FILTER)) devices.add(await deviceTo(address));
  const filter =
    reached.length > MOST_IN_FILTER
      ? [...new Set(reached.map(({ port }) => `tcp port ${port}`))]
      : reached.map(({ address, port }) => `(host ${address} and tcp port ${port})`);
  const [device = "any", ...more] = devices;
  return { interface: more.length > 0 ? "any" : device, enter: [], filter: filter.join(" or ") };
}

async function deviceTo(address: string): Promise<string> {
  const { stdout } = await run("ip", ["-o", "route", "get", address]).catch(() => ({ stdout: "" }));
  return /^local /.test(stdout) ? "lo" : (/ dev (\S+)/.exec(stdout)?.[1] ?? "any");
}

async function writeReports(
  outcome: Outcome,
  { json, html, line }: CompareArguments,
  { cli }: ToolContext,
): Promise<void> {
  if (json === undefined && html === undefined) return;
  const report: Report = {
    format: 1,
    date: new Date().toISOString(),
    command: `skein bench compare ${line}`,
    scale: 1,
    machine: describeMachine(await findRunners(cli, "/")),
    settings: [],
    outcomes: [outcome],
  };
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 1)}\n`);
  if (html !== undefined) await writeFile(html, reportPage(report));
}

function aboutText(args: CompareArguments, sandboxes: Sandboxes | undefined): string {
  const where =
    sandboxes === undefined
      ? `the hosts of ${args.inventories.join(", ")}, on which all was done before`
      : `${sandboxes.hosts.length} copies of this machine, new for every run`;
  const how = args.tuned
    ? "Ansible with pipelining, kept connections and 50 forks"
    : "Ansible as it is configured here (--tuned for pipelining, kept connections and 50 forks)";
  return `${args.play.join(" ")} on ${where}; ${how}`;
}

function recapOf(stdout: string): string {
  const recap = stdout.split(/^PLAY RECAP /m)[1] ?? "";
  const sum = (name: string): number =>
    [...recap.matchAll(new RegExp(`\\b${name}=(\\d+)`, "g"))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  return ["ok", "changed", "unreachable", "failed", "skipped"]
    .map((name) => `${name}=${sum(name)}`)
    .join(" ");
}
