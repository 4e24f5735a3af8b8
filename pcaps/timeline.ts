import { IDLE } from "./tcp-flows.ts";

/** What of a segment a timeline needs. */
export interface Passage {
  readonly time: number;
  readonly wireLength: number;
  readonly toServer: boolean;
}

/** Bytes on the wire by a moment, since the first frame. */
export interface TimelinePoint {
  /** Seconds since the first frame. */
  readonly time: number;
  readonly toServer: number;
  readonly toClient: number;
}

/** Bytes of both directions added up over time. */
export interface Timeline {
  readonly seconds: number;
  /** Seconds in pauses of at least `IDLE` in which nothing moved on any connection. */
  readonly idleSeconds: number;
  readonly points: readonly TimelinePoint[];
}

/** Points at most: a plot has no more pixels than that. */
const POINTS = 400;

/** Adds bytes up over time. Points stand where something moved, and at both ends of a pause, so that a pause is a flat line. */
export function toTimeline(passages: readonly Passage[], most = POINTS): Timeline {
  const start = passages[0]?.time ?? 0;
  const seconds = Math.max(0, (passages.at(-1)?.time ?? 0) - start);
  const step = seconds / most;
  const points: TimelinePoint[] = [];
  let last: TimelinePoint = { time: 0, toServer: 0, toClient: 0 };
  let idleSeconds = 0;
  for (const { time, wireLength, toServer } of passages) {
    const now = time - start;
    if (now - last.time >= IDLE) idleSeconds += now - last.time;
    const previous = points.at(-1);
    const isPause = now - last.time > step;
    if (isPause && previous !== last && points.length > 0) points.push(last);
    if (isPause && points.length > 0) points.push({ ...last, time: now });
    last = {
      time: now,
      toServer: last.toServer + (toServer ? wireLength : 0),
      toClient: last.toClient + (toServer ? 0 : wireLength),
    };
    if (previous === undefined || now - points.at(-1)!.time >= step) points.push(last);
  }
  if (points.length > 0 && points.at(-1) !== last) points.push(last);
  return { seconds, idleSeconds, points };
}
