import { catalogueOf, type LoadContext } from "../load/context.ts";
import { LoadError } from "../load/source.ts";
import type { Task } from "../model/play.ts";
import { aliveHosts, type Batch } from "./batch.ts";

/**
 * What a task does on each of its hosts: the task itself, or where a template names its action, the task with the action that it
 * names there. Ansible asks the template before anything else, the task's condition included
 * (ansible/plugins/strategy/linear.py).
 *
 * @throws LoadError for a template that cannot be rendered: it ends the run
 */
export async function chosenActions(
  batch: Batch,
  task: Task,
  hosts: readonly string[],
): Promise<ReadonlyMap<Task, readonly string[]>> {
  if (task.choice === undefined) return new Map([[task, hosts]]);
  const { shards, context } = batch.parts;
  const alive = aliveHosts(batch);
  const names = await Promise.all(
    hosts.map((host) => shards.render(host, task, alive, task.action).catch(undecided(task))),
  );
  const chosen = new Map<Task, string[]>();
  for (const [index, host] of hosts.entries()) {
    const one = withAction(batch, context, task, String(names[index]).trim());
    const others = chosen.get(one);
    if (others === undefined) chosen.set(one, [host]);
    else others.push(host);
  }
  // A shard forgets nothing, but it may not have had them in this play.
  shards.addTasks([...chosen.keys()], []);
  return chosen;
}

function undecided({ origin }: Task): (error: Error) => never {
  return (cause) => {
    throw new LoadError(cause.message, origin, {
      cause,
      kind: "error",
      hint: "A template that names an action needs variables that every host has before the task, whatever its condition and its loop.",
    });
  };
}

/** The copies of a task, by the action that they are for. */
const copies = new WeakMap<Task, Map<string, Task>>();

function withAction(batch: Batch, context: LoadContext, task: Task, name: string): Task {
  let made = copies.get(task);
  if (made === undefined) {
    made = new Map();
    copies.set(task, made);
  }
  let copy = made.get(name);
  if (copy === undefined) {
    const found = catalogueOf(context).action(name, task.choice!);
    const plugin = found?.actionPlugin;
    copy = {
      ...task,
      id: batch.parts.nextId(),
      action: name,
      resolvedAction: found?.fqcn ?? name,
      modulePath: found?.modulePath,
      ...(plugin === undefined
        ? {}
        : { plugin: { path: plugin, collections: task.choice!.collections } }),
    };
    made.set(name, copy);
  }
  return copy;
}
