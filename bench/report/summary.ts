import { LABELS, type RunnerName } from "../runners.ts";
import type { Case, Measure } from "../scenario.ts";
import { medianOf } from "../verdict.ts";
import { formatFigure, type Grid } from "./grid.ts";
import type { Outcome } from "./outcome.ts";
import { verdictMark } from "./terminal.ts";

/** One case of a scenario under skein, and what the others take of it. */
export interface Glance {
  readonly title: string;
  readonly wall: number | undefined;
  /** How many times more than skein: by runner, then by measure. */
  readonly times: Readonly<Record<Other, Readonly<Partial<Record<Measure, number>>>>>;
}

type Other = "ansible" | "mitogen";

const OTHERS: readonly Other[] = ["ansible", "mitogen"];
const COMPARED: readonly Measure[] = ["wall", "cpu", "bytes"];

/** All cases of all scenarios, in their order. */
export function glances(outcomes: readonly Outcome[]): readonly Glance[] {
  return outcomes.flatMap(({ scenario, cases }) => cases.map((one) => toGlance(scenario, one)));
}

/** A run on one screen: a row for each case, with what the references take in times of what skein takes. */
export function summaryGrid(outcomes: readonly Outcome[]): Grid {
  const head = [
    "times more than skein",
    "skein, wall time",
    ...OTHERS.flatMap((other) => [`${LABELS[other]}: wall time`, "CPU", "bytes"]),
    "requirements",
  ];
  const rows = outcomes.flatMap((outcome) => {
    const state = toState(outcome);
    if (outcome.cases.length === 0) {
      return [[outcome.scenario, "-", ...OTHERS.flatMap(() => ["-", "-", "-"]), state]];
    }
    return outcome.cases.map((one, index) => {
      const { title, wall, times } = toGlance(outcome.scenario, one);
      return [
        title,
        wall === undefined ? "failed" : formatFigure(wall, "wall"),
        ...OTHERS.flatMap((other) => COMPARED.map((measure) => toText(times[other][measure]))),
        index === 0 ? state : "",
      ];
    });
  });
  return [head, ...rows];
}

function toGlance(scenario: string, { title, series }: Case): Glance {
  const ratios = (other: RunnerName): Readonly<Partial<Record<Measure, number>>> =>
    Object.fromEntries(
      COMPARED.flatMap((measure) => {
        const own = medianOf(series, "skein", measure);
        const theirs = medianOf(series, other, measure);
        if (own === undefined || theirs === undefined || own === 0) return [];
        return [[measure, theirs / own]];
      }),
    );
  return {
    title: title === "" ? scenario : `${scenario}, ${title}`,
    wall: medianOf(series, "skein", "wall"),
    times: { ansible: ratios("ansible"), mitogen: ratios("mitogen") },
  };
}

function toState({ verdicts, failure }: Outcome): string {
  if (failure !== undefined) return "failed";
  const marks = verdicts.map(verdictMark);
  const missed = marks.filter((mark) => mark === "FAIL").length;
  const met = marks.filter((mark) => mark === "pass").length;
  if (missed > 0) return `${missed} missed`;
  return met > 0 ? `${met} met` : "";
}

function toText(times: number | undefined): string {
  return times === undefined ? "-" : `${Number(times.toPrecision(3))}x`;
}
