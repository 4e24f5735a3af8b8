import type { Node, Play, Task } from "./play.ts";

/** All tasks of a play, handlers included. */
export function tasksOf(play: Play): readonly Task[] {
  return [play.setup, ...play.sections.flatMap((section) => tasksBelow(section)), ...play.handlers];
}

/** All tasks below a node. */
export function tasksBelow(node: Node): readonly Task[] {
  if (node.kind === "task") return [node];
  return [...node.children, ...node.rescue, ...node.always].flatMap(tasksBelow);
}
