import type { Block, Node, Task } from "../model/play.ts";

/**
 * Where a host is in a play: a path of frames, innermost last. Cursors are immutable and interned by a
 * `CursorTable`, so hosts at the same place with the same history share one object, and a cohort is a
 * set of hosts with the same cursor.
 *
 *     play ── frame(block A, "block", 2) ── frame(block B, "rescue", 0)
 */
export interface Cursor {
  readonly parent: Cursor | undefined;
  readonly block: Block;
  readonly phase: Phase;
  readonly index: number;
  /** A failure that `always` must still hand on when it is through. */
  readonly failed: boolean;
  /** How this frame was entered: a child block, the files of an include, or the handlers. */
  readonly entry: "block" | "include" | "handlers";
}

export type Phase = "block" | "rescue" | "always";

const PHASE_ORDER: Record<Phase, number> = { block: 0, rescue: 1, always: 2 };

/** Makes cursors, the same object for the same place. */
export interface CursorTable {
  make(cursor: Cursor): Cursor;
}

/** A table of cursors for one play. */
export function createCursorTable(): CursorTable {
  const ids = new Map<Cursor, number>();
  const known = new Map<string, Cursor>();
  return {
    make(cursor) {
      const parent = cursor.parent === undefined ? -1 : ids.get(cursor.parent);
      const key = `${parent}/${cursor.block.id}/${cursor.phase}/${cursor.index}/${cursor.failed}/${cursor.entry}`;
      const same = known.get(key);
      if (same !== undefined) return same;
      known.set(key, cursor);
      ids.set(cursor, ids.size);
      return cursor;
    },
  };
}

/** The node a cursor points at, or undefined when its list is through. */
export function nodeAt(cursor: Cursor): Node | undefined {
  return childrenOf(cursor)[cursor.index];
}

/** The task a settled cursor points at. */
export function taskAt(cursor: Cursor): Task {
  const node = nodeAt(cursor);
  if (node === undefined || node.kind !== "task") throw new Error("cursor is not at a task");
  return node;
}

/** The list a cursor walks. */
export function childrenOf(cursor: Cursor): readonly Node[] {
  if (cursor.phase === "block") return cursor.block.children;
  return cursor.phase === "rescue" ? cursor.block.rescue : cursor.block.always;
}

/** Document order: negative when `a` comes before `b`. */
export function compareCursors(a: Cursor, b: Cursor): number {
  if (a === b) return 0;
  const left = pathOf(a);
  const right = pathOf(b);
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const paths = new WeakMap<Cursor, readonly number[]>();

function pathOf(cursor: Cursor): readonly number[] {
  const known = paths.get(cursor);
  if (known !== undefined) return known;
  const own = [PHASE_ORDER[cursor.phase], cursor.index];
  const path = cursor.parent === undefined ? own : [...pathOf(cursor.parent), ...own];
  paths.set(cursor, path);
  return path;
}
