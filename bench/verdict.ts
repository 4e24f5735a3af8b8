import { readFileSync } from "node:fs";
import { programFile } from "./programs.ts";
import type { RunnerName } from "./runners.ts";
import { type Case, MEASURES, type Measure, type Series } from "./scenario.ts";

/** What is compared: of the case with this title, or of the first. */
interface Subject {
  readonly case?: string;
  readonly measure: Measure;
}

/** A line of thresholds.json, or a budget: skein's median, compared with another runner's or with a number. */
export type Requirement = Subject &
  ({ readonly versus: RunnerName; readonly times: number } | { readonly atMost: number });

export interface Verdict {
  readonly requirement: Requirement;
  /** How many times less than the other, or skein's own figure; undefined when one of them was not run. */
  readonly figure: number | undefined;
  readonly passed: boolean;
}

/** @throws Error when thresholds.json cannot be read. */
export function requirementsOf(name: string): readonly Requirement[] {
  const all = JSON.parse(readFileSync(programFile("thresholds.json"), "utf8")) as Record<
    string,
    readonly Requirement[]
  >;
  return all[name] ?? [];
}

/** Compares medians with what is required. What was not run is not judged, and has not passed. */
export function judge(
  cases: readonly Case[],
  requirements: readonly Requirement[],
): readonly Verdict[] {
  return requirements.map((requirement) => {
    const { measure } = requirement;
    const series = seriesOf(cases, requirement.case);
    const own = medianOf(series, "skein", measure);
    if ("atMost" in requirement) {
      return { requirement, figure: own, passed: own !== undefined && own <= requirement.atMost };
    }
    const other = medianOf(series, requirement.versus, measure);
    const figure = own === undefined || other === undefined ? undefined : other / own;
    return { requirement, figure, passed: figure !== undefined && figure >= requirement.times };
  });
}

/** `wall time: 24.1x less than ansible (at least 20x)`. */
export function verdictText({ requirement, figure }: Verdict): string {
  const { title, unit } = MEASURES[requirement.measure];
  const name = `${requirement.case === undefined ? "" : `${requirement.case}: `}${title.replace(/^- /, "")}`;
  if ("atMost" in requirement) {
    const mark = unit === "" ? "" : ` ${unit}`;
    return `${name}: ${figure === undefined ? "not measured" : `${round(figure)}${mark}`} (at most ${requirement.atMost}${mark})`;
  }
  const { versus, times } = requirement;
  const text = figure === undefined ? "not measured," : `${round(figure)}x`;
  return `${name}: ${text} less than ${versus} (at least ${times}x)`;
}

/** The series of the case with this title, or of the first. */
export function seriesOf(cases: readonly Case[], title: string | undefined): readonly Series[] {
  const found = title === undefined ? cases[0] : cases.find((one) => one.title === title);
  return found?.series ?? [];
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
