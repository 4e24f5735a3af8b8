import { escapeXml } from "../../pcaps/drawing.ts";
import { linkText } from "../link/link.ts";
import { LABELS } from "../runners.ts";
import type { Case } from "../scenario.ts";
import { type Verdict, verdictText } from "../verdict.ts";
import { glancePlot } from "./glance-plot.ts";
import { type Grid, publishedGrid, seriesGrid } from "./grid.ts";
import type { Outcome, Report } from "./outcome.ts";
import { plotsOf } from "./plots.ts";
import { comparisons } from "./published.ts";
import { glances, summaryGrid } from "./summary.ts";
import { verdictMark } from "./terminal.ts";

/** A report as one page that needs nothing else: tables, plots, machine and versions. */
export function reportPage(report: Report): string {
  const { outcomes } = report;
  const title = `skein: benchmarks of ${report.date.slice(0, 10)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
${facts(report)}
${table(summaryGrid(outcomes))}
<div class="plots"><figure class="wide">${glancePlot(glances(outcomes)).svg}</figure></div>
${outcomes.map(section).join("\n")}
</body>
</html>
`;
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 1180px; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; margin-bottom: 0.6rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 0.3rem; border-top: 1px solid #ccc; padding-top: 1.2rem; }
h3 { font-size: 1.05rem; margin: 1.2rem 0 0.3rem; }
p { margin: 0.3rem 0 0.8rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.18rem 0.9rem 0.18rem 0; text-align: left; border-bottom: 1px solid #e6e6e6; }
th { border-bottom: 2px solid #bbb; font-weight: 600; }
td:not(:first-child), th:not(:first-child) { text-align: right; }
.facts td { text-align: left !important; vertical-align: top; }
.warning { background: #fff3cd; padding: 0.5rem 0.8rem; border-radius: 4px; }
.fail { color: #b2182b; font-weight: 600; }
.pass { color: #1b7837; font-weight: 600; }
.scroll { overflow-x: auto; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(430px, 1fr)); gap: 0.6rem; }
.plots figure { margin: 0; border: 1px solid #e6e6e6; border-radius: 4px; overflow: hidden; }
.plots figure.wide { grid-column: 1 / -1; }
.plots svg { display: block; width: 100%; height: auto; }
ul { margin: 0.3rem 0 1rem; padding-left: 1.2rem; }
code { font-size: 0.92em; }
`;

function facts(report: Report): string {
  const rows = Object.entries({
    ...report.machine,
    begun: report.date,
    command: report.command,
  }).map(([name, value]) => `<tr><td>${escapeXml(name)}</td><td>${escapeXml(value)}</td></tr>`);
  const scaled =
    report.scale === 1
      ? ""
      : `<p class="warning">Scenarios were run at ${report.scale} of their size: figures are not comparable with those of a full run.</p>`;
  const settings = report.settings.map((line) => `<li>${escapeXml(line)}</li>`).join("");
  return `${scaled}<table class="facts">${rows.join("\n")}</table>\n<ul>${settings}</ul>`;
}

function section(outcome: Outcome): string {
  const { scenario, about, axis, cases, verdicts, failure } = outcome;
  const head = `<h2 id="${escapeXml(scenario)}">${escapeXml(scenario)}</h2>\n<p>${escapeXml(about)}</p>`;
  if (failure !== undefined) return `${head}\n<p class="fail">${escapeXml(failure)}</p>`;
  const published = comparisons(scenario, cases);
  return [
    head,
    ...(verdicts.length === 0 ? [] : [`<ul>${verdicts.map(verdictItem).join("")}</ul>`]),
    ...(published.length === 0 ? [] : [table(publishedGrid(published))]),
    ...cases.map(caseSection),
    `<div class="plots">${plotsOf(scenario, cases, axis)
      .map(
        ({ name, svg }) =>
          `<figure${name.endsWith("bytes-over-time") ? ' class="wide"' : ""}>${svg}</figure>`,
      )
      .join("\n")}</div>`,
  ].join("\n");
}

function caseSection(one: Case): string {
  const link = one.link === undefined ? "" : linkText(one.link, one.link.measuredRtt);
  const head = [one.title, link].filter((text) => text !== "").join(": ");
  const failures = one.series
    .filter(({ failure }) => failure !== undefined)
    .map(
      ({ runner, failure }) =>
        `<p class="fail">${LABELS[runner]} failed: ${escapeXml(failure!)}</p>`,
    );
  return `${head === "" ? "" : `<h3>${escapeXml(head)}</h3>`}\n${table(seriesGrid(one.series))}\n${failures.join("\n")}`;
}

function verdictItem(verdict: Verdict): string {
  const mark = verdictMark(verdict);
  const kind = mark === "pass" ? "pass" : mark === "FAIL" ? "fail" : "";
  return `<li><span class="${kind}">${mark.trim()}</span> ${escapeXml(verdictText(verdict))}</li>`;
}

function table(grid: Grid): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join("")}</tr>`;
  const [head = [], ...rows] = grid;
  return `<div class="scroll"><table><thead>${row(head, "th")}</thead><tbody>${rows.map((one) => row(one, "td")).join("\n")}</tbody></table></div>`;
}
