import { LABELS } from "./runners.ts";
import { MEASURES, type Measure, type Sample, type Series } from "./scenario.ts";
import { median, medianOf, type Verdict, verdictText } from "./verdict.ts";

/** Medians and spread of each runner, one row for each measure, with the ratio to skein. */
export function seriesTable(series: readonly Series[]): string {
  const header = ["median (least - most)", ...series.map(({ runner }) => LABELS[runner])];
  const rows = (Object.keys(MEASURES) as Measure[])
    .filter((measure) => series.some(({ samples }) => samples.some((one) => measure in one)))
    .map((measure) => [
      MEASURES[measure].title,
      ...series.map((one) => cell(series, one, measure)),
    ]);
  const table = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function verdictLines(verdicts: readonly Verdict[]): string {
  return verdicts
    .map((verdict) => {
      const mark = verdict.figure === undefined ? "  - " : verdict.passed ? "pass" : "FAIL";
      return `${mark}  ${verdictText(verdict)}`;
    })
    .join("\n");
}

function cell(all: readonly Series[], { runner, samples }: Series, measure: Measure): string {
  const values = samples
    .map((sample: Sample) => sample[measure])
    .filter((value) => value !== undefined);
  const middle = median(values);
  if (middle === undefined) return "-";
  const show = (value: number): string => format(value, MEASURES[measure].unit);
  const spread =
    values.length > 1 ? ` (${show(Math.min(...values))} - ${show(Math.max(...values))})` : "";
  const own = medianOf(all, "skein", measure);
  const ratio =
    runner === "skein" || own === undefined || own === 0
      ? ""
      : ` ${(middle / own).toPrecision(3)}x`;
  return `${show(middle)}${spread}${ratio}`;
}

function format(value: number, unit: string): string {
  switch (unit) {
    case "s":
      return `${value.toFixed(value < 10 ? 3 : 1)} s`;
    case "B":
      return value < 10_000_000 ? `${Math.round(value)}` : `${(value / 1e6).toFixed(1)} MB`;
    default:
      return String(value);
  }
}
