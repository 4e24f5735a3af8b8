import { drawing, text } from "./drawing.ts";
import type { Timeline, TimelinePoint } from "./timeline.ts";

/** One curve's worth of bytes over time. */
export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly timeline: Timeline;
  /** What to draw of it. */
  readonly read: (point: TimelinePoint) => number;
}

export interface BytesOverTime {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 900;
const HEIGHT = 340;
const LEFT = 78;
const RIGHT = 20;
const TOP = 46;
const BOTTOM = 42;

/** The two directions of one capture, for `bytesOverTime`. */
export function directionCurves(timeline: Timeline): readonly Curve[] {
  return [
    { label: "to the server", colour: "#b2182b", timeline, read: ({ toServer }) => toServer },
    { label: "to the client", colour: "#2166ac", timeline, read: ({ toClient }) => toClient },
  ];
}

/** Bytes on the wire over time, added up, as an SVG with axes: one line for each curve. It needs nothing from outside. */
export function bytesOverTime({ title, curves }: BytesOverTime): string {
  const seconds = Math.max(...curves.map(({ timeline }) => timeline.seconds), 1e-6);
  const most = Math.max(
    ...curves.map(({ timeline, read }) => {
      const last = timeline.points.at(-1);
      return last === undefined ? 0 : read(last);
    }),
    1,
  );
  const x = (time: number): number => LEFT + (time / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (bytes: number): number => HEIGHT - BOTTOM - (bytes / most) * (HEIGHT - TOP - BOTTOM);
  return drawing({ title, width: WIDTH, height: HEIGHT, fontSize: 12 }, [
    text(LEFT, 18, "start", title, 14),
    ...ticks(most).map((value) => yTick(y(value), bytesText(value))),
    ...ticks(seconds).map((value) => xTick(x(value), `${tidy(value)} s`)),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
    ...curves.map((curve) => polyline(curve, x, y)),
    ...legend(curves),
  ]);
}

/** `12 kB`, `3.4 MB`. */
export function bytesText(value: number): string {
  if (value >= 1e9) return `${tidy(value / 1e9)} GB`;
  if (value >= 1e6) return `${tidy(value / 1e6)} MB`;
  if (value >= 1e3) return `${tidy(value / 1e3)} kB`;
  return `${tidy(value)} B`;
}

/** Round numbers from 0 to the most, about four of them. */
export function ticks(most: number): readonly number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

function polyline(curve: Curve, x: (time: number) => number, y: (bytes: number) => number): string {
  const places = curve.timeline.points.map(
    (point) => `${x(point.time).toFixed(1)},${y(curve.read(point)).toFixed(1)}`,
  );
  return `<polyline fill="none" stroke="${curve.colour}" stroke-width="1.8" points="${[...new Set(places)].join(" ")}"/>`;
}

function legend(curves: readonly Curve[]): readonly string[] {
  const width = Math.floor((WIDTH - LEFT - RIGHT) / Math.max(curves.length, 3));
  return curves.flatMap(({ label, colour, timeline, read }, index) => {
    const last = timeline.points.at(-1);
    const sum = last === undefined ? "0 B" : bytesText(read(last));
    const at = LEFT + index * width;
    return [
      `<rect x="${at}" y="28" width="12" height="4" fill="${colour}"/>`,
      text(at + 17, 34, "start", `${label}: ${sum}`),
    ];
  });
}

function yTick(y: number, label: string): string {
  return `<path d="M${LEFT - 4} ${y.toFixed(1)}H${WIDTH - RIGHT}" stroke="#ddd"/>${text(LEFT - 8, y + 4, "end", label)}`;
}

function xTick(x: number, label: string): string {
  const at = HEIGHT - BOTTOM;
  return `<path d="M${x.toFixed(1)} ${at}v4" stroke="#444"/>${text(x, at + 18, "middle", label)}`;
}

function tidy(value: number): string {
  return String(Number(value.toPrecision(3)));
}
