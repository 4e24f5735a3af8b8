import type { Node, Task } from "../model/play.ts";

/** The tasks of nodes, blocks opened. */
export function flatten(nodes: readonly Node[]): Task[] {
  return nodes.flatMap((node) =>
    node.kind === "task"
      ? [node]
      : [...flatten(node.children), ...flatten(node.rescue), ...flatten(node.always)],
  );
}
