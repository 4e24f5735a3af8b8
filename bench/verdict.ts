import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunnerName } from "./runners.ts";
import { MEASURES, type Measure, type Series } from "./scenario.ts";

/** A line of thresholds.json: skein's median, compared with another runner's or with a number. */
export type Requirement =
  | { readonly measure: Measure; readonly versus: RunnerName; readonly times: number }
  | { readonly measure: Measure; readonly atMost: number };

export interface Verdict {
  readonly requirement: Requirement;
  /** How many times less than the other, or skein's own figure; undefined when one of them was not run. */
  readonly figure: number | undefined;
  readonly passed: boolean;
}

/** @throws Error for a name that thresholds.json does not have. */
export function requirementsOf(name: string): readonly Requirement[] {
  const file = join(process.cwd(), "bench/thresholds.json");
  const all = JSON.parse(readFileSync(file, "utf8")) as Record<string, readonly Requirement[]>;
  const found = all[name];
  if (found === undefined) throw new Error(`${file} has no requirements for ${name}`);
  return found;
}

/** Compares medians with what is required. What was not run is not judged, and has not passed. */
export function judge(
  series: readonly Series[],
  requirements: readonly Requirement[],
): readonly Verdict[] {
  return requirements.map((requirement) => {
    const own = medianOf(series, "skein", requirement.measure);
    if ("atMost" in requirement) {
      return {
        requirement,
        figure: own,
        passed: own !== undefined && own <= requirement.atMost,
      };
    }
    const other = medianOf(series, requirement.versus, requirement.measure);
    const figure = own === undefined || other === undefined ? undefined : other / own;
    return { requirement, figure, passed: figure !== undefined && figure >= requirement.times };
  });
}

/** `wall time: 24.1x less than ansible (at least 20x)`. */
export function verdictText({ requirement, figure }: Verdict): string {
  const { title, unit } = MEASURES[requirement.measure];
  if ("atMost" in requirement) {
    const mark = unit === "" ? "" : ` ${unit}`;
    return `${title}: ${figure === undefined ? "not measured" : `${round(figure)}${mark}`} (at most ${requirement.atMost}${mark})`;
  }
  const { versus, times } = requirement;
  const text = figure === undefined ? "not measured," : `${round(figure)}x`;
  return `${title}: ${text} less than ${versus} (at least ${times}x)`;
}

/** Of the samples that have it; undefined when none has. */
export function medianOf(
  series: readonly Series[],
  runner: RunnerName,
  measure: Measure,
): number | undefined {
  const samples = series.find((one) => one.runner === runner)?.samples ?? [];
  return median(samples.map((sample) => sample[measure]).filter((value) => value !== undefined));
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length === 0
      ? undefined
      : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function round(value: number): string {
  return Number.isInteger(value) || value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
