import { linkText } from "../link/link.ts";
import { LABELS } from "../runners.ts";
import type { Case } from "../scenario.ts";
import { type Verdict, verdictText } from "../verdict.ts";
import { gridText, publishedGrid, seriesGrid } from "./grid.ts";
import type { Outcome } from "./outcome.ts";
import { comparisons } from "./published.ts";

/** One scenario's tables, and what became of its requirements. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.failure !== undefined) return `FAILED: ${outcome.failure}`;
  const published = comparisons(outcome.scenario, outcome.cases);
  return [
    ...outcome.cases.map(caseText),
    ...(published.length === 0 ? [] : [gridText(publishedGrid(published))]),
    ...(outcome.verdicts.length === 0 ? [] : [verdictLines(outcome.verdicts)]),
  ].join("\n\n");
}

export function verdictLines(verdicts: readonly Verdict[]): string {
  return verdicts.map((verdict) => `${verdictMark(verdict)}  ${verdictText(verdict)}`).join("\n");
}

/** What was not measured has neither passed nor failed. */
export function verdictMark({ figure, passed }: Verdict): string {
  if (figure === undefined) return "  - ";
  return passed ? "pass" : "FAIL";
}

function caseText(one: Case): string {
  const link = one.link === undefined ? "" : linkText(one.link, one.link.measuredRtt);
  const head = [one.title, link].filter((text) => text !== "").join(": ");
  const failures = one.series
    .filter(({ failure }) => failure !== undefined)
    .map(({ runner, failure }) => `${LABELS[runner]} failed: ${failure}`);
  return [...(head === "" ? [] : [head]), gridText(seriesGrid(one.series)), ...failures].join("\n");
}
