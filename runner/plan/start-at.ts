import type { Block, Node, Task } from "../model/play.ts";

/**
 * A block tree from the first task on that is asked for, in the order in which a play without failures runs; undefined when it
 * has no such task (ansible/executor/play_iterator.py).
 */
export function startAt(block: Block, isStart: (task: Task) => boolean): Block | undefined {
  const children = behind(block.children, isStart);
  if (children !== undefined) return { ...block, children };
  const always = behind(block.always, isStart);
  return always === undefined ? undefined : { ...block, children: [], rescue: [], always };
}

/** Whether a task has that name, or one that the shell pattern fits; of a role's, with its prefix too. */
export function hasName(task: Task, wanted: string): boolean {
  const own = task.name ?? task.action;
  const full = task.role === undefined ? own : `${task.role.name} : ${own}`;
  const pattern = globRegExp(wanted);
  return [task.name, full].some(
    (name) => name !== undefined && (name === wanted || pattern.test(name)),
  );
}

function behind(
  nodes: readonly Node[],
  isStart: (task: Task) => boolean,
): readonly Node[] | undefined {
  for (const [index, node] of nodes.entries()) {
    const rest = nodes.slice(index + 1);
    if (node.kind === "task") {
      if (isStart(node)) return [node, ...rest];
      continue;
    }
    const inner = startAt(node, isStart);
    if (inner !== undefined) return [inner, ...rest];
  }
  return undefined;
}

/** `*`, `?`, `[abc]` and `[!abc]` as Python's fnmatch reads them. */
function globRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g, (found, not, set) => {
    if (set !== undefined) return `[${not === "!" ? "^" : ""}${set.replaceAll("\\", "\\\\")}]`;
    return found === "*" ? ".*" : found === "?" ? "." : `\\${found}`;
  });
  return new RegExp(`^${source}$`, "s");
}
