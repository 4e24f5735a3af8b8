import type { Block, Node, Play, Task } from "../model/play.ts";
import { isSelected, selectBlock, type TagChoice } from "./select-tags.ts";

/** A play laid out as one block tree, ready to be walked. */
export interface PlayTree {
  readonly root: Block;
  /** All handlers in the order in which a flush visits them. */
  readonly handlers: Block;
}

/**
 * The tree of a play: fact gathering, then pre_tasks, roles with tasks, and post_tasks, each followed by
 * a flush of the handlers (ansible/playbook/play.py, compile).
 *
 * @param gather whether facts are gathered.
 * @param forceHandlers whether hosts that fail in a section see its flush as well.
 * @param nextId allots ids for the nodes made here.
 */
export function playTree(
  play: Play,
  tags: TagChoice,
  gather: boolean,
  forceHandlers: boolean,
  nextId: () => number,
): PlayTree {
  const children: Node[] = [];
  if (gather && isSelected(play.setup, tags)) children.push(play.setup);
  for (const section of play.sections) {
    const block = selectBlock(section, tags);
    const flush = flushTask(play, nextId());
    if (forceHandlers) {
      const own = block === undefined ? [] : [block];
      children.push({ ...blockOf(nextId(), play, own), always: [flush] });
      continue;
    }
    if (block !== undefined) children.push(block);
    children.push(flush);
  }
  return {
    root: blockOf(nextId(), play, children),
    handlers: blockOf(nextId(), play, play.handlers),
  };
}

/** Whether a task is `meta: NAME`. */
export function metaName(task: Task): string | undefined {
  if (task.resolvedAction !== "ansible.builtin.meta") return undefined;
  const name = task.args.get("_raw_params");
  return typeof name === "string" ? name.trim() : undefined;
}

/** A block made by the engine around nodes of a play. */
export function blockOf(id: number, at: Pick<Play, "origin">, children: readonly Node[]): Block {
  return {
    kind: "block",
    id,
    origin: at.origin,
    name: undefined,
    children,
    rescue: [],
    always: [],
    role: undefined,
  };
}

function flushTask(play: Play, id: number): Task {
  return {
    ...play.setup,
    id,
    name: undefined,
    action: "meta",
    resolvedAction: "ansible.builtin.meta",
    modulePath: undefined,
    args: new Map([["_raw_params", "flush_handlers"]]),
    tags: ["always"],
    when: [],
    implicit: true,
  };
}
