import type { Segment } from "./segment.ts";

const WIDTH = 900;
const HEIGHT = 320;
const MARGIN = 60;

/** Bytes on the wire over time, added up, as an SVG: one line for each direction. `port` is the server's. */
export function bytesOverTime(segments: readonly Segment[], port: number): string {
  const isToServer = ({ destination }: Segment): boolean => destination.endsWith(`:${port}`);
  const up = accumulate(segments.filter(isToServer));
  const down = accumulate(segments.filter((segment) => !isToServer(segment)));
  const start = segments[0]?.time ?? 0;
  const seconds = Math.max((segments.at(-1)?.time ?? 0) - start, 1e-6);
  const most = Math.max(up.at(-1)?.bytes ?? 0, down.at(-1)?.bytes ?? 0, 1);
  const line = (points: readonly Point[], colour: string): string => {
    const text = points.map(
      ({ time, bytes }) =>
        `${(MARGIN + ((time - start) / seconds) * (WIDTH - 2 * MARGIN)).toFixed(1)},${(HEIGHT - MARGIN - (bytes / most) * (HEIGHT - 2 * MARGIN)).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${[...new Set(text)].join(" ")}"/>`;
  };
  const label = (x: number, y: number, text: string): string =>
    `<text x="${x}" y="${y}" font-family="sans-serif" font-size="12">${text}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<rect x="${MARGIN}" y="${MARGIN}" width="${WIDTH - 2 * MARGIN}" height="${HEIGHT - 2 * MARGIN}" fill="none" stroke="#999"/>`,
    line(up, "#b2182b"),
    line(down, "#2166ac"),
    label(MARGIN, MARGIN - 10, `${most} bytes; red: to port ${port}, blue: from it`),
    label(WIDTH - 2 * MARGIN, HEIGHT - MARGIN + 20, `${seconds.toFixed(2)} s`),
    "</svg>\n",
  ].join("\n");
}

interface Point {
  readonly time: number;
  readonly bytes: number;
}

function accumulate(segments: readonly Segment[]): Point[] {
  let bytes = 0;
  return segments.map(({ time, wireLength }) => {
    bytes += wireLength;
    return { time, bytes };
  });
}
