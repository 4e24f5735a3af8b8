import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { linkText } from "../link/link.ts";
import { LABELS } from "../runners.ts";
import { verdictText } from "../verdict.ts";
import { glancePlot } from "./glance-plot.ts";
import { type Grid, publishedGrid, seriesGrid } from "./grid.ts";
import type { Outcome, Report } from "./outcome.ts";
import { reportPage } from "./page.ts";
import { type Plot, plotsOf } from "./plots.ts";
import { comparisons } from "./published.ts";
import { glances, summaryGrid } from "./summary.ts";
import { verdictMark } from "./terminal.ts";

const FOLDER = "results";

/** Writes RESULTS.md into a directory, and its page and plots into `results/` below it. What an earlier report left there goes. */
export async function writeResults(directory: string, report: Report): Promise<void> {
  const folder = join(directory, FOLDER);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (/\.(svg|html)$/.test(name)) await rm(join(folder, name));
  }
  await writeFile(join(folder, "index.html"), reportPage(report));
  const drawn = report.outcomes.flatMap(({ scenario, cases, axis }) =>
    plotsOf(scenario, cases, axis),
  );
  for (const { name, svg } of [glancePlot(glances(report.outcomes)), ...drawn]) {
    await writeFile(join(folder, `${name}.svg`), svg);
  }
  await writeFile(join(directory, "RESULTS.md"), resultsText(report));
}

/** A report as Markdown, with links to its page and plots. */
export function resultsText(report: Report): string {
  const facts = Object.entries(report.machine).map(([name, value]) => `- ${name}: ${value}`);
  const scaled =
    report.scale === 1
      ? []
      : [`**At ${report.scale} of the scenarios' size: not comparable with a full run.**`, ""];
  return `${[
    `# Results of ${report.date.slice(0, 10)}`,
    "",
    `Written by \`${report.command}\`; how to read the figures is in [README.md](README.md). The same as one page, with all plots: [${FOLDER}/index.html](${FOLDER}/index.html).`,
    "",
    ...scaled,
    ...facts,
    "",
    ...report.settings.map((line) => `- ${line}`),
    "",
    ...markdown(summaryGrid(report.outcomes)),
    "",
    toImage(glancePlot(glances(report.outcomes))),
    ...report.outcomes.flatMap(outcomeLines),
  ].join("\n")}\n`;
}

function outcomeLines(outcome: Outcome): readonly string[] {
  const { scenario, about, axis, cases, verdicts, failure } = outcome;
  const head = ["", `## ${scenario}`, "", about, ""];
  if (failure !== undefined) return [...head, `Failed: ${failure}`];
  const published = comparisons(scenario, cases);
  return [
    ...head,
    ...verdicts.map((verdict) => `- ${verdictMark(verdict).trim()}: ${verdictText(verdict)}`),
    ...(published.length === 0 ? [] : ["", ...markdown(publishedGrid(published))]),
    ...cases.flatMap(({ title, link, series }) => [
      "",
      ...(title === "" && link === undefined
        ? []
        : [
            `**${[title, link === undefined ? "" : linkText(link, link.measuredRtt)].filter((text) => text !== "").join(": ")}**`,
            "",
          ]),
      ...markdown(seriesGrid(series)),
      ...series
        .filter((one) => one.failure !== undefined)
        .flatMap((one) => ["", `${LABELS[one.runner]} failed: ${one.failure!.split("\n").at(-1)}`]),
    ]),
    "",
    ...plotsOf(scenario, cases, axis).map(toImage),
  ];
}

function toImage({ name }: Plot): string {
  return `![${name.replaceAll("-", " ")}](${FOLDER}/${name}.svg)`;
}

function markdown(grid: Grid): readonly string[] {
  const [head = [], ...rows] = grid;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ];
}
