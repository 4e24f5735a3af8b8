import { drawing, text } from "../../pcaps/drawing.ts";
import { bytesOverTime, bytesText, ticks } from "../../pcaps/svg.ts";
import { LABELS, type RunnerName } from "../runners.ts";
import { type Case, MEASURES, type Measure } from "../scenario.ts";
import { medianOf } from "../verdict.ts";

/** One drawing: a name for its file, and the SVG. */
export interface Plot {
  readonly name: string;
  readonly svg: string;
}

export const COLOURS: Readonly<Record<RunnerName, string>> = {
  skein: "#1b7837",
  ansible: "#b2182b",
  mitogen: "#2166ac",
  adhoc: "#8c510a",
};

const WIDTH = 450;
const HEIGHT = 300;
const LEFT = 66;
const RIGHT = 14;
const TOP = 58;
const BOTTOM = 46;
/** What is drawn over an axis, and as bars where there is none. */
const DRAWN: readonly Measure[] = ["wall", "cpu", "bytes", "roundTrips"];

/** Everything there is to draw of a scenario. */
export function plotsOf(
  scenario: string,
  cases: readonly Case[],
  axis: string | undefined,
): readonly Plot[] {
  const measures = DRAWN.filter((measure) =>
    cases.some(({ series }) =>
      series.some(({ runner }) => medianOf(series, runner, measure) !== undefined),
    ),
  );
  const placed = cases.filter(({ x }) => x !== undefined);
  const figures =
    axis !== undefined && placed.length > 1
      ? measures.map((measure) => overAxis({ scenario, measure, axis, cases: placed }))
      : measures.map((measure) => bars(scenario, measure, cases));
  return [...figures, ...cases.flatMap((one) => traces(scenario, one))];
}

/** In the manner of the published plots: bytes on the wire over time, all runners of one case in one picture. */
function traces(scenario: string, one: Case): readonly Plot[] {
  const curves = one.series.flatMap(({ runner, trace }) =>
    trace === undefined || trace.points.length === 0
      ? []
      : [
          {
            label: LABELS[runner],
            colour: COLOURS[runner],
            timeline: trace,
            read: (point: { readonly toServer: number; readonly toClient: number }) =>
              point.toServer + point.toClient,
          },
        ],
  );
  if (curves.length === 0) return [];
  const of = one.title === "" ? scenario : `${scenario}, ${one.title}`;
  const name = fileName(scenario, one.title, "bytes-over-time");
  return [{ name, svg: bytesOverTime({ title: `${of}: bytes on the wire over time`, curves }) }];
}

interface AxisPlot {
  readonly scenario: string;
  readonly measure: Measure;
  readonly axis: string;
  readonly cases: readonly Case[];
}

function overAxis({ scenario, measure, axis, cases }: AxisPlot): Plot {
  const runners = runnersOf(cases);
  const lines = runners.map((runner) => ({
    runner,
    points: cases.flatMap(({ x, series }) => {
      const value = medianOf(series, runner, measure);
      return value === undefined ? [] : [{ x: x!, value }];
    }),
  }));
  const mostX = Math.max(...cases.map(({ x }) => x!));
  const mostY = Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value)), 1e-9);
  const px = (x: number): number => LEFT + (x / mostX) * (WIDTH - LEFT - RIGHT);
  const py = toHeight(mostY);
  const body = lines.flatMap(({ runner, points }) => [
    `<polyline fill="none" stroke="${COLOURS[runner]}" stroke-width="2" points="${points.map(({ x, value }) => `${px(x).toFixed(1)},${py(value).toFixed(1)}`).join(" ")}"/>`,
    ...points.map(
      ({ x, value }) =>
        `<circle cx="${px(x).toFixed(1)}" cy="${py(value).toFixed(1)}" r="3" fill="${COLOURS[runner]}"><title>${LABELS[runner]}, ${x}: ${figure(value, measure)}</title></circle>`,
    ),
  ]);
  const xTicks = ticks(mostX).map((value) =>
    text(px(value), HEIGHT - BOTTOM + 16, "middle", String(value)),
  );
  const title = `${scenario}: ${MEASURES[measure].title}`;
  return {
    name: fileName(scenario, "", measure),
    svg: frame(title, [
      ...yTicks(mostY, measure, py),
      ...xTicks,
      text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "middle", axis),
      ...body,
      ...legend(runners),
    ]),
  };
}

/** Room above the highest bar for its figure. */
const HEADROOM = 1.08;

/** Groups of bars, one for each case; a bar for each runner. */
function bars(scenario: string, measure: Measure, cases: readonly Case[]): Plot {
  const runners = runnersOf(cases);
  const most = Math.max(
    ...cases.flatMap(({ series }) =>
      runners.map((runner) => medianOf(series, runner, measure) ?? 0),
    ),
    1e-9,
  );
  const py = toHeight(HEADROOM * most);
  const group = (WIDTH - LEFT - RIGHT) / cases.length;
  const width = Math.min(46, (group * 0.8) / runners.length);
  const body = cases.flatMap(({ title, series }, index) => {
    const middle = LEFT + group * (index + 0.5);
    const start = middle - (width * runners.length) / 2;
    return [
      ...runners.flatMap((runner, place) => {
        const value = medianOf(series, runner, measure);
        if (value === undefined) return [];
        const x = start + place * width;
        const y = Math.min(py(value), HEIGHT - BOTTOM - 1);
        return [
          `<rect x="${(x + 1).toFixed(1)}" y="${y.toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${(HEIGHT - BOTTOM - y).toFixed(1)}" fill="${COLOURS[runner]}"><title>${LABELS[runner]}: ${figure(value, measure)}</title></rect>`,
          ...(width > 26 ? [text(x + width / 2, y - 4, "middle", figure(value, measure), 10)] : []),
        ];
      }),
      text(middle, HEIGHT - BOTTOM + 16, "middle", title),
    ];
  });
  const title = `${scenario}: ${MEASURES[measure].title}`;
  return {
    name: fileName(scenario, "", measure),
    svg: frame(title, [...yTicks(most, measure, py), ...body, ...legend(runners)]),
  };
}

function runnersOf(cases: readonly Case[]): readonly RunnerName[] {
  return [...new Set(cases.flatMap(({ series }) => series.map(({ runner }) => runner)))];
}

function toHeight(most: number): (value: number) => number {
  return (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
}

function frame(title: string, parts: readonly string[]): string {
  return drawing({ title, width: WIDTH, height: HEIGHT, fontSize: 11 }, [
    text(LEFT, 18, "start", title, 13),
    ...parts,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
  ]);
}

function yTicks(most: number, measure: Measure, py: (value: number) => number): readonly string[] {
  return ticks(most).map(
    (value) =>
      `<path d="M${LEFT - 4} ${py(value).toFixed(1)}H${WIDTH - RIGHT}" stroke="#ddd"/>${text(LEFT - 7, py(value) + 4, "end", figure(value, measure))}`,
  );
}

function legend(runners: readonly RunnerName[]): readonly string[] {
  let x = LEFT;
  return runners.flatMap((runner) => {
    const at = x;
    x += 26 + LABELS[runner].length * 6.2;
    return [
      `<rect x="${at.toFixed(1)}" y="30" width="10" height="10" fill="${COLOURS[runner]}"/>`,
      text(at + 14, 39, "start", LABELS[runner]),
    ];
  });
}

function figure(value: number, measure: Measure): string {
  const { unit } = MEASURES[measure];
  if (unit === "B") return bytesText(value);
  const short = String(Number(value.toPrecision(3)));
  return unit === "" ? short : `${short} ${unit}`;
}

function fileName(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase().replace(/[^a-z0-9]+/g, "-"))
    .join("-");
}
