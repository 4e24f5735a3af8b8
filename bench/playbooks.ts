import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createLink, type Link, type LinkAsk, linkText } from "./link/link.ts";
import { type Lines, type PlaybookRun, runPlaybook, toInventory } from "./run-playbook.ts";
import type { RunnerName } from "./runners.ts";
import type { Case, Sample, Scenario, ScenarioOptions, Series } from "./scenario.ts";
import { startTargets, type Targets } from "./target/targets.ts";
import { median } from "./verdict.ts";

/** One setting of a scenario: what to run, on what, over what. */
export interface Variant {
  readonly title: string;
  readonly x?: number;
  /** The loopback interface when not given. */
  readonly link?: LinkAsk;
  /** Addresses of the target: 1 by default; with 0 there is none, and `files` brings its own `hosts`. */
  readonly hosts?: number;
  /** Whether the play changes its target: then every run gets a new one. */
  readonly disposable?: boolean;
  /** Files beside the playbook, `play.yml` among them. */
  readonly files: Readonly<Record<string, string>>;
  /** Makes what cannot be in `files`, once for all runs. */
  readonly prepare?: (directory: string) => Promise<Prepared>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly lines?: Lines;
  /** What a run does, for figures by item. */
  readonly items?: number;
  /** The same play with one item: what of the round trips is connection and start. */
  readonly baseline?: string;
  /** Not where sampling would be in the figures. */
  readonly memory?: boolean;
}

/** Where a run finds what was made for it. */
export interface Prepared {
  /** Extra variables. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A scenario's `run` that measures playbooks: each variant with all runners, which take turns. */
export function playbooks(variants: (scale: number) => readonly Variant[]): Scenario["run"] {
  return async (options) => {
    const cases: Case[] = [];
    for (const variant of variants(options.scale)) cases.push(await runVariant(variant, options));
    return cases;
  };
}

async function runVariant(variant: Variant, options: ScenarioOptions): Promise<Case> {
  const { place, progress } = options;
  const { hosts = 1, disposable = false } = variant;
  const asked = hosts === 0 ? undefined : (options.link ?? variant.link);
  const name = variant.title === "" ? "" : `${variant.title}, `;
  const directory = await place.runDirectory();
  await using link = asked === undefined || asked.rtt === 0 ? undefined : await createLink(asked);
  if (link !== undefined) progress(`link: ${linkText(link.asked, link.measuredRtt)}`);
  const home = join(directory, "targets");
  await mkdir(home);
  await using targets =
    hosts === 0 ? undefined : await startTargets({ directory: home, hosts, link, disposable });
  const prepared = (await variant.prepare?.(directory)) ?? {};
  try {
    const series = await measureAll(variant, {
      ...options,
      targets,
      link,
      prepared,
      progress: (line) => progress(`${name}${line}`),
    });
    return toCase(variant, link, series);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Setting extends Omit<ScenarioOptions, "link"> {
  readonly targets: Targets | undefined;
  readonly link: Link | undefined;
  readonly prepared: Prepared;
}

interface Column {
  readonly runner: RunnerName;
  readonly samples: Sample[];
  overhead: number | undefined;
  trace: Series["trace"];
  failure: string | undefined;
}

/** In rounds: a slow minute of the machine hits all of them. Who fails is out, and says why; the others go on. */
async function measureAll(variant: Variant, setting: Setting): Promise<readonly Series[]> {
  const { runners, runs, progress, signal } = setting;
  const columns: Column[] = runners.map((runner) => ({
    runner,
    samples: [],
    overhead: undefined,
    trace: undefined,
    failure: undefined,
  }));
  const seen: { recap: string | undefined } = { recap: undefined };
  const attempt = async (column: Column, act: () => Promise<void>): Promise<void> => {
    if (column.failure !== undefined) return;
    try {
      await act();
    } catch (error) {
      signal.throwIfAborted();
      column.failure = error instanceof Error ? error.message : String(error);
      progress(`${column.runner} FAILED: ${column.failure}`);
    }
  };
  for (const column of columns) {
    await attempt(column, async () => {
      column.overhead = await baselineTrips(variant, setting, column.runner);
    });
  }
  for (let index = 0; index < runs; index++) {
    for (const column of columns) {
      await attempt(column, () => measureOnce(variant, setting, column, seen));
    }
  }
  return columns.map(({ runner, samples, trace, failure }) => ({
    runner,
    samples,
    ...(trace === undefined ? {} : { trace }),
    ...(failure === undefined ? {} : { failure }),
  }));
}

async function measureOnce(
  variant: Variant,
  setting: Setting,
  column: Column,
  seen: { recap: string | undefined },
): Promise<void> {
  const { runner } = column;
  await setting.targets?.renew();
  const { sample, trace, recap } = await runPlaybook(toRun(variant, setting, runner));
  seen.recap ??= recap;
  if (recap !== seen.recap) {
    throw new Error(`${runner} ended with ${recap}, where who ran before had ${seen.recap}`);
  }
  column.trace ??= trace;
  const full = derive(sample, variant, setting.link, column.overhead);
  column.samples.push(full);
  setting.progress(`${runner}: ${toSummary(full)}`);
}

/** What a play of one item asks and is told, one question is about the item: the rest is connection and start. */
async function baselineTrips(
  variant: Variant,
  setting: Setting,
  runner: RunnerName,
): Promise<number | undefined> {
  if (variant.baseline === undefined) return undefined;
  const files = { ...variant.files, "play.yml": variant.baseline };
  const { lines: _, ...rest } = variant;
  const trips: number[] = [];
  for (let index = 0; index < Math.min(setting.runs, 3); index++) {
    await setting.targets?.renew();
    const run = toRun({ ...rest, files }, setting, runner);
    trips.push((await runPlaybook(run)).sample.roundTrips ?? 0);
  }
  return median(trips)! - 1;
}

function toRun(variant: Variant, setting: Setting, runner: RunnerName): PlaybookRun {
  const { place, targets, prepared, signal, progress } = setting;
  const own = targets === undefined ? {} : { hosts: toInventory(targets) };
  const extra = Object.entries(prepared.vars ?? {}).flatMap(([name, value]) => [
    "-e",
    `${name}=${value}`,
  ]);
  const args = variant.args ?? ["-i", "hosts", "play.yml"];
  return {
    place,
    runner,
    files: { ...own, ...variant.files },
    args: [...args, ...extra],
    env: { ...variant.env, ...prepared.env },
    ...(variant.lines === undefined ? {} : { lines: variant.lines }),
    memory: variant.memory ?? true,
    capture: targets,
    signal,
    progress,
  };
}

/** The published measure: how many round trips of the link a run, and one of its items, takes. */
function derive(
  sample: Sample,
  { items }: Variant,
  link: Link | undefined,
  overhead: number | undefined,
): Sample {
  const rtts =
    link === undefined || sample.wall === undefined
      ? undefined
      : (sample.wall * 1000) / link.measuredRtt;
  return {
    ...sample,
    // Items that travel right behind the connection's own questions need none of their own.
    ...(overhead === undefined
      ? {}
      : { itemRoundTrips: Math.max(0, (sample.roundTrips ?? 0) - overhead) }),
    ...(rtts === undefined ? {} : { wallRtts: rtts }),
    ...(rtts === undefined || items === undefined ? {} : { wallRttsPerItem: rtts / items }),
  };
}

function toSummary({ wall, cpu, bytes, roundTrips }: Sample): string {
  const wire = bytes === undefined ? "" : `, ${bytes} bytes, ${roundTrips} round trips`;
  return `${wall?.toFixed(2)} s, ${cpu?.toFixed(2)} s CPU${wire}`;
}

function toCase(variant: Variant, link: Link | undefined, series: readonly Series[]): Case {
  return {
    title: variant.title,
    ...(variant.x === undefined ? {} : { x: variant.x }),
    ...(variant.items === undefined ? {} : { items: variant.items }),
    ...(link === undefined ? {} : { link: { ...link.asked, measuredRtt: link.measuredRtt } }),
    series,
  };
}
