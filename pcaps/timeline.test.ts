import { describe, expect, it } from "vitest";
import { type Passage, toTimeline } from "./timeline.ts";

const up = (time: number, wireLength = 10): Passage => ({ time, wireLength, toServer: true });
const down = (time: number, wireLength = 10): Passage => ({ time, wireLength, toServer: false });

describe("toTimeline()", () => {
  it("of nothing is nothing", () => {
    expect(toTimeline([])).toEqual({ seconds: 0, idleSeconds: 0, points: [] });
  });

  it("adds both directions up, from the first frame on", () => {
    const { seconds, points } = toTimeline([up(100), down(101, 5), up(102)]);
    expect(seconds).toBe(2);
    expect(points.at(0)).toEqual({ time: 0, toServer: 10, toClient: 0 });
    expect(points.at(-1)).toEqual({ time: 2, toServer: 20, toClient: 5 });
  });

  it("draws a pause as a flat line, and counts it as idle", () => {
    const { points, idleSeconds } = toTimeline([up(0), up(0.01), up(1.01), up(1.02)], 10);
    expect(idleSeconds).toBeCloseTo(1);
    const before = points.findLast(({ time }) => time < 1);
    const after = points.find(({ time }) => time >= 1);
    expect(before?.toServer).toBe(20);
    expect(after).toMatchObject({ toServer: 20 });
  });

  it("keeps the sum whatever it leaves out, and leaves out most of a long capture", () => {
    const passages = Array.from({ length: 100_000 }, (_, index) => up(index / 1000, 1));
    const { points } = toTimeline(passages);
    expect(points.length).toBeLessThan(900);
    expect(points.at(-1)?.toServer).toBe(100_000);
  });
});
