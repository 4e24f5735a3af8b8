/** A run of lines: `a[aFrom..aTo)` is to become `b[bFrom..bTo)`. */
interface Change {
  readonly equal: boolean;
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

export interface UnifiedDiffOptions {
  readonly before: string;
  readonly after: string;
  /** Lines of unchanged text around changes. */
  readonly context: number;
}

/**
 * The lines of a unified diff, headers first, nothing when the texts are equal. Lines keep their line ends.
 *
 * Which lines count as moved, and which as kept, follows Python's `difflib`: the longest common run, then the same to
 * its left and right; in texts of 200 lines and more, lines that make up over one percent do not start a run.
 */
export function unifiedDiff(
  a: readonly string[],
  b: readonly string[],
  options: UnifiedDiffOptions,
): string[] {
  const lines: string[] = [];
  for (const hunk of hunksOf(changesOf(a, b), options.context)) {
    if (lines.length === 0) lines.push(`--- ${options.before}\n`, `+++ ${options.after}\n`);
    const first = hunk[0]!;
    const last = hunk.at(-1)!;
    lines.push(`@@ -${rangeText(first.aFrom, last.aTo)} +${rangeText(first.bFrom, last.bTo)} @@\n`);
    for (const change of hunk) {
      if (change.equal) {
        for (let i = change.aFrom; i < change.aTo; i++) lines.push(` ${a[i]}`);
      } else {
        for (let i = change.aFrom; i < change.aTo; i++) lines.push(`-${a[i]}`);
        for (let i = change.bFrom; i < change.bTo; i++) lines.push(`+${b[i]}`);
      }
    }
  }
  return lines;
}

/** `line`, or `line,count`; an empty range stands behind the line before it. */
function rangeText(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

/** Cuts long unchanged runs, so that changes far from each other become hunks of their own. */
function hunksOf(changes: readonly Change[], context: number): Change[][] {
  const hunks: Change[][] = [];
  let hunk: Change[] = [];
  changes.forEach((change, index) => {
    if (!change.equal) {
      hunk.push(change);
      return;
    }
    const isFirst = index === 0;
    const isLast = index === changes.length - 1;
    const length = change.aTo - change.aFrom;
    const isGap = !isFirst && !isLast && length > 2 * context;
    if (!isFirst && (isGap || isLast)) hunk.push(shorten(change, 0, Math.min(length, context)));
    if (isGap) {
      hunks.push(hunk);
      hunk = [];
    }
    if (isGap || (isFirst && !isLast))
      hunk.push(shorten(change, Math.max(0, length - context), length));
    if (!isFirst && !isLast && !isGap) hunk.push(change);
  });
  if (hunk.some((change) => !change.equal)) hunks.push(hunk);
  return hunks;
}

function shorten(change: Change, from: number, to: number): Change {
  return {
    equal: true,
    aFrom: change.aFrom + from,
    aTo: change.aFrom + to,
    bFrom: change.bFrom + from,
    bTo: change.bFrom + to,
  };
}

/** Equal runs and what is replaced between them, without gaps. */
function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  const advance = (equal: boolean, aTo: number, bTo: number): void => {
    if (aTo > i || bTo > j) changes.push({ equal, aFrom: i, aTo, bFrom: j, bTo });
    [i, j] = [aTo, bTo];
  };
  for (const run of commonRuns(a, b)) {
    advance(false, run.a, run.b);
    const last = changes.at(-1);
    if (last?.equal === true) {
      // Two runs that touch are one.
      changes.pop();
      [i, j] = [last.aFrom, last.bFrom];
    }
    advance(true, run.a + run.length, run.b + run.length);
  }
  advance(false, a.length, b.length);
  return changes;
}

interface Run {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

/** Common runs, in order. */
function commonRuns(a: readonly string[], b: readonly string[]): Run[] {
  const places = placesOf(b);
  const runs: Run[] = [];
  const open: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [aFrom, aTo, bFrom, bTo] = range;
    const run = longestRun(a, b, places, range);
    if (run.length === 0) continue;
    runs.push(run);
    if (aFrom < run.a && bFrom < run.b) open.push([aFrom, run.a, bFrom, run.b]);
    const [aEnd, bEnd] = [run.a + run.length, run.b + run.length];
    if (aEnd < aTo && bEnd < bTo) open.push([aEnd, aTo, bEnd, bTo]);
  }
  return runs.sort((x, y) => x.a - y.a || x.b - y.b);
}

/** Where each line stands in a text, without lines so frequent that they say nothing. */
function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, index) => {
    const seen = places.get(line);
    if (seen === undefined) places.set(line, [index]);
    else seen.push(index);
  });
  if (lines.length >= 200) {
    const limit = Math.floor(lines.length / 100) + 1;
    for (const [line, found] of places) if (found.length > limit) places.delete(line);
  }
  return places;
}

/** The longest common run in a range, the earliest of equals; grown at both ends over frequent lines. */
function longestRun(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: readonly [number, number, number, number],
): Run {
  let best: Run = { a: aFrom, b: bFrom, length: 0 };
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > best.length) best = { a: i - length + 1, b: j - length + 1, length };
    }
    lengths = next;
  }
  let { a: i, b: j, length } = best;
  while (i > aFrom && j > bFrom && a[i - 1] === b[j - 1]) {
    i--;
    j--;
    length++;
  }
  while (i + length < aTo && j + length < bTo && a[i + length] === b[j + length]) length++;
  return { a: i, b: j, length };
}
