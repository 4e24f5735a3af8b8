import { parseArgs } from "node:util";
import type { LinkAsk } from "./link/link.ts";
import { DEBIAN_MITOGEN, LABELS, type RunnerName } from "./runners.ts";
import type { Scenario } from "./scenario.ts";
import { namesOf, pickScenarios } from "./scenarios.ts";

export interface BenchOptions {
  readonly micro: boolean;
  readonly scenarios: readonly Scenario[];
  readonly runs: number | undefined;
  readonly scale: number;
  readonly link: LinkAsk | undefined;
  readonly runners: readonly RunnerName[] | undefined;
  readonly mitogen: string;
  readonly json: string | undefined;
  readonly html: string | undefined;
  /** A directory for RESULTS.md, its page and its plots. */
  readonly results: string | undefined;
  /** Reports of earlier runs, to be shown again as one instead of running anything. */
  readonly from: readonly string[] | undefined;
}

const MICRO = "micro";

export const USAGE = `usage: npm run bench -- [NAME...] [options]

names: ${namesOf()}, all (the default); and micro, for hot paths alone

  --runs N             runs of each, instead of the scenario's own number
  --scale PART         from above 0 to 1: a part of the full size
  --runners A,B        of ${Object.keys(LABELS).join(", ")}; those that are here by default
  --rtt MS, --rate N   another link than the scenario's own (0: loopback; N in Mbit/s)
  --mitogen DIR        a checkout of Mitogen, instead of Debian's package
  --debops DIR         a checkout of DebOps: runs its common playbook
  --json FILE, --html FILE
  --results DIR        writes RESULTS.md, its page and plots there (bench, for those that are committed)
  --from FILE          shows a report that --json wrote again, and runs nothing; repeated, what later ones have counts
`;

/** @throws Error for what it does not understand, with the usage. */
export function readOptions(args: readonly string[]): BenchOptions {
  try {
    return toOptions(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function toOptions(args: readonly string[]): BenchOptions {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      runs: text,
      scale: text,
      runners: text,
      rtt: text,
      rate: text,
      mitogen: text,
      debops: text,
      json: text,
      html: text,
      results: text,
      from: { type: "string", multiple: true },
    },
    allowPositionals: true,
  });
  const names = positionals.filter((name) => name !== MICRO);
  const onlyMicro = positionals.length > 0 && names.length === 0 && values.debops === undefined;
  const runs = toNumber("--runs", values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs >= 1)) {
    throw new Error(`--runs ${values.runs}: a whole number from 1 on is expected`);
  }
  const scale = toNumber("--scale", values.scale) ?? 1;
  if (scale <= 0 || scale > 1) {
    throw new Error(`--scale ${values.scale}: a number above 0, and 1 at most, is expected`);
  }
  return {
    micro: positionals.includes(MICRO),
    scenarios: onlyMicro ? [] : pickScenarios(names, values.debops),
    runs,
    scale,
    link: toLink(values.rtt, values.rate),
    runners: values.runners?.split(",").map(toRunner),
    mitogen: values.mitogen ?? DEBIAN_MITOGEN,
    json: values.json,
    html: values.html,
    results: values.results,
    from: values.from,
  };
}

function toLink(rtt: string | undefined, rate: string | undefined): LinkAsk | undefined {
  const milliseconds = toNumber("--rtt", rtt);
  const limit = toNumber("--rate", rate);
  if (limit === 0) throw new Error("--rate 0: nothing would ever arrive");
  if (milliseconds === undefined && limit === undefined) return undefined;
  return { rtt: milliseconds ?? 1, ...(limit === undefined ? {} : { rate: limit }) };
}

function toNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new Error(`${option} ${text}: a number is expected`);
  }
  return value;
}

function toRunner(name: string): RunnerName {
  if (!Object.hasOwn(LABELS, name)) {
    throw new Error(`--runners ${name}: known are ${Object.keys(LABELS).join(", ")}`);
  }
  return name as RunnerName;
}
