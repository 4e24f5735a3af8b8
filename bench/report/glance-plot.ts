import { drawing, text } from "../../pcaps/drawing.ts";
import { LABELS, type RunnerName } from "../runners.ts";
import type { Measure } from "../scenario.ts";
import { COLOURS, type Plot } from "./plots.ts";
import type { Glance } from "./summary.ts";

const WIDTH = 900;
const LEFT = 210;
const RIGHT = 60;
const TOP = 62;
const BAR = 9;
const ROW = 30;
const GAP = 46;

interface Panel {
  readonly measure: Measure;
  readonly title: string;
}

const PANELS: readonly Panel[] = [
  { measure: "wall", title: "wall time" },
  { measure: "bytes", title: "bytes on the wire" },
];

const OTHERS = ["ansible", "mitogen"] as const satisfies readonly RunnerName[];

/** How many times more than skein the references take, a row for each case: bars on a logarithmic scale, beside each other for time and bytes. */
export function glancePlot(glances: readonly Glance[]): Plot {
  const most = Math.max(
    10,
    ...glances.flatMap(({ times }) =>
      OTHERS.flatMap((other) => PANELS.map(({ measure }) => times[other][measure] ?? 1)),
    ),
  );
  // Room for the figure at the end of the longest bar.
  const decades = 1.12 * Math.log10(most);
  const span = (WIDTH - LEFT - RIGHT - GAP) / PANELS.length;
  const height = TOP + glances.length * ROW + 20;
  const body = [
    ...PANELS.flatMap((panel, index) =>
      panelParts(panel, { glances, decades, span, height, x: LEFT + index * (span + GAP) }),
    ),
    ...glances.map(({ title }, row) => text(LEFT - 10, TOP + row * ROW + 18, "end", title)),
    ...OTHERS.flatMap((other, index) => [
      `<rect x="${WIDTH - 330 + index * 170}" y="9" width="10" height="10" fill="${COLOURS[other]}"/>`,
      text(WIDTH - 315 + index * 170, 18, "start", LABELS[other]),
    ]),
  ];
  const title = "How many times more than skein (= 1) they take";
  return {
    name: "at-a-glance",
    svg: drawing({ title, width: WIDTH, height, fontSize: 11 }, [
      text(10, 18, "start", title, 13),
      ...body,
    ]),
  };
}

interface PanelPlace {
  readonly glances: readonly Glance[];
  readonly decades: number;
  readonly span: number;
  readonly height: number;
  readonly x: number;
}

function panelParts({ measure, title }: Panel, place: PanelPlace): readonly string[] {
  const { glances, decades, span, height, x } = place;
  const toWidth = (times: number): number => (Math.log10(times) / decades) * span;
  const grid = Array.from({ length: Math.floor(decades) + 1 }, (_, decade) => {
    const at = x + (decade / decades) * span;
    return [
      `<path d="M${at.toFixed(1)} ${TOP - 4}V${height - 12}" stroke="#ddd"/>`,
      text(at, TOP - 9, "middle", `${10 ** decade}x`),
    ];
  }).flat();
  const bars = glances.flatMap(({ times }, row) =>
    OTHERS.flatMap((other, index) => {
      const value = times[other][measure];
      if (value === undefined) return [];
      const y = TOP + row * ROW + 4 + index * (BAR + 2);
      // Less than skein takes: a bar to the left, of another's colour all the same.
      const width = toWidth(value);
      const [start, length] = width < 0 ? [x + width, -width] : [x, width];
      const label = `${Number(value.toPrecision(3))}x`;
      return [
        `<rect x="${start.toFixed(1)}" y="${y}" width="${Math.max(1, length).toFixed(1)}" height="${BAR}" fill="${COLOURS[other]}"><title>${LABELS[other]}: ${label}</title></rect>`,
        text(Math.max(x, start + length) + 4, y + 8, "start", label, 9.5),
      ];
    }),
  );
  return [text(x, TOP - 26, "start", title, 12), ...grid, ...bars];
}
