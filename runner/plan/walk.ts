import type { Block, Node } from "../model/play.ts";
import { type Cursor, type CursorTable, nodeAt } from "./cursor.ts";

/** What a walk needs to know about the host that walks. */
export interface Walker {
  readonly table: CursorTable;
  /** Whether a handler is to run for this host; asked when a handlers frame reaches it. */
  isNotified(handler: Node): boolean;
}

/** Where a step leads: to the next task, or out of the play (`failed` tells how). */
export type Step =
  | { readonly kind: "at"; readonly cursor: Cursor }
  | { readonly kind: "end"; readonly failed: boolean };

/** The first task of a block tree. */
export function enter(root: Block, walker: Walker): Step {
  return settle(walker.table.make(frame(undefined, root, "block", 0)), walker);
}

/** The task behind the one at `cursor`, after it went well. */
export function advance(cursor: Cursor, walker: Walker): Step {
  return settle(walker.table.make({ ...cursor, index: cursor.index + 1 }), walker);
}

/** Where a host goes when its task failed: rescue, always, or out (ansible/executor/play_iterator.py, _set_failed_state). */
export function fail(cursor: Cursor, walker: Walker): Step {
  const { block, phase } = cursor;
  if (cursor.entry !== "handlers") {
    if (phase === "block" && block.rescue.length > 0) {
      return settle(walker.table.make({ ...cursor, phase: "rescue", index: 0 }), walker);
    }
    if (phase !== "always" && block.always.length > 0) {
      return settle(
        walker.table.make({ ...cursor, phase: "always", index: 0, failed: true }),
        walker,
      );
    }
  }
  return cursor.parent === undefined ? { kind: "end", failed: true } : fail(cursor.parent, walker);
}

/**
 * Whether a failure at `cursor` counts as rescued: some block around it that has a rescue section is still at its own tasks, be it
 * not the next to act (ansible/executor/play_iterator.py, is_any_block_rescuing).
 */
export function isRescued(cursor: Cursor): boolean {
  for (let at: Cursor | undefined = cursor; at !== undefined; at = at.parent) {
    if (at.entry === "handlers") return false;
    if (at.phase === "block" && at.block.rescue.length > 0) return true;
  }
  return false;
}

/** Whether a host that failed is here only for the handlers that are forced on it. */
export function isForced(cursor: Cursor): boolean {
  for (let at: Cursor | undefined = cursor; at !== undefined; at = at.parent) {
    const [first] = at.block.always;
    if (at.failed && first?.kind === "task" && first.implicit === true) return true;
  }
  return false;
}

/** The same place without the failures that always sections would hand on. */
export function forgiven(cursor: Cursor, table: CursorTable): Cursor {
  const parent = cursor.parent === undefined ? undefined : forgiven(cursor.parent, table);
  return table.make({ ...cursor, parent, failed: false });
}

/** Enters blocks that an include at `cursor` brought, one behind the other; behind them comes the task after the include. */
export function enterIncluded(cursor: Cursor, included: Block, walker: Walker): Step {
  return settle(
    walker.table.make({ ...frame(cursor, included, "block", 0), entry: "include" }),
    walker,
  );
}

/** Enters the handlers at a flush; behind them comes what follows the flush. */
export function enterHandlers(cursor: Cursor, handlers: Block, walker: Walker): Step {
  return settle(
    walker.table.make({ ...frame(cursor, handlers, "block", 0), entry: "handlers" }),
    walker,
  );
}

/** Moves to the first task at or behind a cursor, going into blocks and out of finished ones. */
function settle(start: Cursor, walker: Walker): Step {
  let cursor = start;
  for (;;) {
    const node = nodeAt(cursor);
    if (node === undefined) {
      const out = leave(cursor, walker);
      if (out.kind === "end") return out;
      cursor = out.cursor;
    } else if (node.kind === "block") {
      cursor = walker.table.make(frame(cursor, node, "block", 0));
    } else if (cursor.entry === "handlers" && !walker.isNotified(node)) {
      cursor = walker.table.make({ ...cursor, index: cursor.index + 1 });
    } else {
      return { kind: "at", cursor };
    }
  }
}

/** Leaves a list that is through: to always, or up to the parent's next node. */
function leave(cursor: Cursor, walker: Walker): Step {
  if (cursor.phase !== "always" && cursor.block.always.length > 0) {
    return { kind: "at", cursor: walker.table.make({ ...cursor, phase: "always", index: 0 }) };
  }
  if (cursor.failed) {
    return cursor.parent === undefined
      ? { kind: "end", failed: true }
      : fail(cursor.parent, walker);
  }
  const { parent } = cursor;
  if (parent === undefined) return { kind: "end", failed: false };
  return { kind: "at", cursor: walker.table.make({ ...parent, index: parent.index + 1 }) };
}

function frame(
  parent: Cursor | undefined,
  block: Block,
  phase: Cursor["phase"],
  index: number,
): Cursor {
  return { parent, block, phase, index, failed: false, entry: "block" };
}
