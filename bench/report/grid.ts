import { LABELS } from "../runners.ts";
import { MEASURES, type Measure, type Sample, type Series } from "../scenario.ts";
import { median, medianOf } from "../verdict.ts";
import type { Comparison } from "./published.ts";

/** A table as text: the first row is its head. All forms of a report are made from these. */
export type Grid = readonly (readonly string[])[];

/** Medians and spread of each runner, one row for each measure, with the ratio to skein. */
export function seriesGrid(series: readonly Series[]): Grid {
  const head = ["median (least - most)", ...series.map(({ runner }) => LABELS[runner])];
  const rows = (Object.keys(MEASURES) as Measure[])
    .filter((measure) => series.some(({ samples }) => samples.some((one) => measure in one)))
    .map((measure) => [
      MEASURES[measure].title,
      ...series.map((one) => cell(series, one, measure)),
    ]);
  return [head, ...rows];
}

/** Published ratios beside measured ones. */
export function publishedGrid(comparisons: readonly Comparison[]): Grid {
  const head = [
    "times less than vanilla",
    "Mitogen, published",
    "Mitogen, here",
    "skein, here",
    "skein to Mitogen, here",
  ];
  return [
    head,
    ...comparisons.map((one) => [
      `${MEASURES[one.measure].title}${one.case === undefined ? "" : ` (${one.case})`}`,
      times(one.times),
      times(one.mitogen),
      times(one.skein),
      times(one.skeinToMitogen),
    ]),
  ];
}

/** For the terminal: columns of equal width. */
export function gridText(grid: Grid): string {
  const widths = grid[0]!.map((_, column) => Math.max(...grid.map((row) => row[column]!.length)));
  return grid
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function formatFigure(value: number, measure: Measure): string {
  switch (MEASURES[measure].unit) {
    case "s":
      return `${value.toFixed(value < 10 ? 3 : 1)} s`;
    case "B":
      return value < 10_000_000 ? `${Math.round(value)}` : `${(value / 1e6).toFixed(1)} MB`;
    default:
      return Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 1 : 0);
  }
}

function cell(all: readonly Series[], one: Series, measure: Measure): string {
  const { runner, samples, failure } = one;
  const values = samples
    .map((sample: Sample) => sample[measure])
    .filter((value) => value !== undefined);
  const middle = median(values);
  if (middle === undefined) return failure === undefined ? "-" : "failed";
  const show = (value: number): string => formatFigure(value, measure);
  const spread =
    values.length > 1 ? ` (${show(Math.min(...values))} - ${show(Math.max(...values))})` : "";
  const own = medianOf(all, "skein", measure);
  const ratio =
    runner === "skein" || own === undefined || own === 0
      ? ""
      : ` ${(middle / own).toPrecision(3)}x`;
  return `${show(middle)}${spread}${ratio}`;
}

function times(value: number | undefined): string {
  return value === undefined ? "-" : `${value.toPrecision(3)}x`;
}
