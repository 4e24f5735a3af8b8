import type { Block, Node, Task } from "../model/play.ts";

/** --tags and --skip-tags. */
export interface TagChoice {
  /** `["all"]` when --tags was not given. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** The part of a block tree that the tags select; undefined when nothing is left (ansible/playbook/block.py, filter_tagged_tasks). */
export function selectBlock(block: Block, choice: TagChoice): Block | undefined {
  const keep = (nodes: readonly Node[]): Node[] =>
    nodes.flatMap((node) => selectNode(node, choice));
  const children = keep(block.children);
  const rescue = keep(block.rescue);
  const always = keep(block.always);
  if (children.length + rescue.length + always.length === 0) return undefined;
  return { ...block, children, rescue, always };
}

/** Whether a task runs under the chosen tags (ansible/playbook/taggable.py, evaluate_tags). */
export function isSelected(task: Pick<Task, "tags">, { only, skip }: TagChoice): boolean {
  const tagged = task.tags.length > 0;
  const has = (tag: string): boolean => (tagged ? task.tags.includes(tag) : tag === "untagged");
  const selected =
    has("always") ||
    (only.includes("all") && !has("never")) ||
    only.some(has) ||
    (only.includes("tagged") && tagged && !has("never"));
  if (!selected) return false;
  if (skip.includes("all")) return has("always") && !skip.includes("always");
  return !skip.some(has) && !(skip.includes("tagged") && tagged);
}

function selectNode(node: Node, choice: TagChoice): Node[] {
  if (node.kind === "task") return isSelected(node, choice) ? [node] : [];
  const block = selectBlock(node, choice);
  return block === undefined ? [] : [block];
}
