import type { Inventory } from "../model/host.ts";
import type { Node, Play, Playbook, Task } from "../model/play.ts";

/** What --list-hosts, --list-tasks and --list-tags ask for. */
export interface ListOptions {
  readonly hosts: boolean;
  readonly tasks: boolean;
  readonly tags: boolean;
  /** --tags and --skip-tags. */
  readonly onlyTags: readonly string[];
  readonly skipTags: readonly string[];
  /** Renders a play's name or host pattern. */
  readonly render?: (text: string, play: Play) => string;
  /** The hosts of a pattern, for --list-hosts. */
  readonly matchHosts?: (pattern: string, inventory: Inventory | undefined) => readonly string[];
  readonly inventory?: Inventory;
}

/** What --syntax-check prints when a playbook is fine. */
export function syntaxCheckText(file: string): string {
  return `\nplaybook: ${file}`;
}

/**
 * What ansible-playbook prints for --list-hosts, --list-tasks and --list-tags, line for line (`cli/playbook.py`).
 * Sets that Python prints in arbitrary order are sorted here. Load the playbook with `keepRepeatedRoles` for it.
 *
 * @param file the playbook's name as given
 */
export function listPlaybook(playbook: Playbook, file: string, options: ListOptions): string {
  const render = options.render ?? ((text) => text);
  const lines: string[] = [`\nplaybook: ${file}`];
  for (const [index, play] of playbook.plays.entries()) {
    const hosts = render(play.hosts, play);
    const tags = [...(play.tags ?? [])].sort();
    lines.push(
      `\n  play #${index + 1} (${hosts}): ${render(play.name ?? play.hosts, play)}\tTAGS: [${tags.join(",")}]`,
    );
    if (options.hosts) {
      const matched = options.matchHosts?.(hosts, options.inventory) ?? [];
      const pattern = hosts
        .split(",")
        .map((part) => `'${part}'`)
        .join(", ");
      lines.push(
        `    pattern: [${pattern}]`,
        `    hosts (${matched.length}):`,
        ...matched.map((host) => `      ${host}`),
      );
    }
    if (options.tasks || options.tags) lines.push(listTasks(play, options));
  }
  return lines.join("\n");
}

/**
 * Whether a task is to run under --tags and --skip-tags (`playbook/taggable.py`).
 *
 * @param tags the task's tags, inherited ones included
 */
export function selectedByTags(
  tags: readonly string[],
  only: readonly string[],
  skip: readonly string[],
): boolean {
  const has = (tag: string) => tags.includes(tag);
  const untagged = tags.length === 0;
  const named = (wanted: readonly string[]) =>
    wanted.some((tag) => has(tag) || (untagged && tag === "untagged"));
  const chosen = only.length === 0 ? ["all"] : only;
  let run = has("always") || (chosen.includes("all") && !has("never")) || named(chosen);
  run ||= chosen.includes("tagged") && !untagged && !has("never");
  if (!run || skip.length === 0) return run;
  if (skip.includes("all")) return has("always") && !skip.includes("always");
  return !named(skip) && !(skip.includes("tagged") && !untagged);
}

function listTasks(play: Play, options: ListOptions): string {
  const rows: string[] = options.tasks ? ["    tasks:"] : [];
  const all = new Set(play.tags ?? []);
  for (const task of mainTasks(play.sections.flatMap((section) => section.children))) {
    if (!selectedByTags(task.tags, options.onlyTags, options.skipTags)) continue;
    for (const tag of task.tags) all.add(tag);
    if (options.tasks)
      rows.push(`      ${shownName(task)}\tTAGS: [${[...task.tags].sort().join(", ")}]`);
  }
  if (options.tags) rows.push(`      TASK TAGS: [${[...all].sort().join(", ")}]`);
  return rows.join("\n");
}

/** Tasks of nodes without those of rescue and always, which Ansible does not list. */
function mainTasks(nodes: readonly Node[]): Task[] {
  return nodes.flatMap((node) => (node.kind === "task" ? [node] : mainTasks(node.children)));
}

function shownName(task: Task): string {
  if (task.name === undefined || task.name === "" || task.isNamed === false) return task.action;
  return task.role === undefined ? task.name : `${task.role.name} : ${task.name}`;
}
