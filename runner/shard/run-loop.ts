import type { Task } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import { isKept, markKept } from "../template/kept-text.ts";
import { pyStr } from "../template/py-repr.ts";
import type { VarScope } from "../vars/scope.ts";
import type { Gathered } from "./effects.ts";
import { scopeOf } from "./item-scope.ts";
import { loopLocals } from "./loop.ts";
import { type PreparedItem, prepareItem } from "./prepare-item.ts";
import { render } from "./rendering.ts";
import { reportItem } from "./report.ts";
import { finishItem, isUnreachable, keepSecret, lazyTarget, runItem } from "./run-item.ts";
import { runPrepared } from "./run-prepared.ts";
import { callBatch, failureOf, type Target, tellInterpreter } from "./target.ts";
import { type TaskEnv, withHostStates } from "./task-env.ts";

/** A batch leaves when it has this many calls or this many bytes: the target works while the rest is prepared. */
const BATCH_CALLS = 256;
const BATCH_BYTES = 512 * 1024;
/** Batches under way per task and host. */
const BATCHES_IN_FLIGHT = 4;

/** The items of a loop, and whether they came from a target. */
export interface LoopItems {
  readonly items: readonly Value[];
  readonly from: "outside" | undefined;
}

/**
 * Runs a task for each item and gives the items' results in order. Items share round trips as long as no item reads what an earlier one
 * produced, which is seen while they are prepared; results, order and output are those of the serial run.
 */
export async function runLoop(
  env: TaskEnv,
  host: string,
  task: Task,
  { items, from }: LoopItems,
  gathered: Gathered,
): Promise<Dict[]> {
  const results: Dict[] = [];
  const report: Report = (index, data, label, delegate) => {
    decorate(task, data, items, index, label);
    results.push(data);
    gathered.delegate = delegate;
    reportItem(env, { host, task, data, label, delegate });
  };

  if (env.options.taskTimeout > 0 || !mayBatch(task)) {
    for (const index of items.keys()) {
      if (index > 0) await pause(env, host, task);
      const scope = scopeOf(env, host, task).with(loopLocals(task, items, index), from);
      const label = labelOf(env, task, scope, items[index]!);
      const locals = new Map(loopLocals(task, items, index)) as Dict;
      const data = await runItem(env, host, task, scope, gathered, locals, label, from);
      report(index, data, label, gathered.delegate);
    }
    return results;
  }

  const lane = createLane(env, report, host, task, gathered);
  for (const index of items.keys()) {
    const before = lane.isBusy();
    let item: ReturnType<typeof prepare>;
    try {
      item = await withHostStates(env, () => prepare(index));
    } catch (error) {
      // Items before it are through first; then the task fails as a whole.
      await lane.drain();
      if (!before) throw error;
      item = prepare(index);
    }
    if (item.reads) {
      // This item reads what earlier ones produced: they must be through before it is prepared.
      await lane.drain();
      item = prepare(index);
    }
    await lane.add({ index, ...item });
  }
  await lane.drain();
  return results;

  function prepare(index: number): {
    readonly item: PreparedItem;
    readonly label: string;
    readonly reads: boolean;
    readonly locals: Dict;
  } {
    const watch = { name: task.register ?? "", hit: false };
    const locals = loopLocals(task, items, index);
    const scope = scopeOf(env, host, task, watch).with(locals, from);
    const item = prepareItem(env, host, task, scope);
    return {
      item,
      label: labelOf(env, task, scope, items[index]!),
      reads: watch.hit && lane.isBusy(),
      locals: new Map(locals) as Dict,
    };
  }
}

type Report = (index: number, data: Dict, label: string, delegate: string | undefined) => void;

interface Entry {
  readonly index: number;
  readonly item: PreparedItem;
  readonly label: string;
  readonly locals: Dict;
}

interface Lane {
  /** Takes a prepared item; sends when enough are waiting. */
  add(entry: Entry): Promise<void>;
  /** Sends what waits and settles when everything added so far is reported. */
  drain(): Promise<void>;
  isBusy(): boolean;
}

/** Keeps items in order while their calls travel in batches. */
function createLane(
  env: TaskEnv,
  report: Report,
  host: string,
  task: Task,
  gathered: Gathered,
): Lane {
  let waiting: Entry[] = [];
  let bytes = 0;
  let key: string | undefined;
  let target: Target | undefined;
  const inFlight: Promise<void>[] = [];
  let tail: Promise<void> = Promise.resolve();

  const finish = (entry: Entry, data: Dict): void => {
    if (isUnreachable(data)) keepSecret(entry.item, data, gathered);
    else finishItem(env, host, task, entry.item, data, gathered, entry.locals, entry.label);
    report(entry.index, data, entry.label, entry.item.delegate);
  };

  const send = (): void => {
    if (waiting.length === 0) return;
    const entries = waiting;
    const where = target!;
    waiting = [];
    bytes = 0;
    const before = tail;
    const landed: Promise<void> = (async () => {
      let next = 0;
      const ready = new Map<number, Dict>();
      let open = false;
      const flush = (): void => {
        if (!open) return;
        for (let data = ready.get(next); data !== undefined; data = ready.get(next)) {
          ready.delete(next);
          finish(entries[next]!, data);
          next++;
        }
      };
      const calls = entries.map(
        ({ item }) => item.prepared as Extract<PreparedItem["prepared"], { kind: "call" }>,
      );
      const outcome = callBatch(env, where, calls, false, (result) => {
        const data = calls[result.index]!.finish(result);
        if (calls[result.index]!.isModule !== false) tellInterpreter(env, where, data);
        ready.set(result.index, data);
        flush();
      }).then(
        () => undefined,
        (error: unknown) => error,
      );
      await before;
      open = true;
      flush();
      const error = await outcome;
      flush();
      for (; next < entries.length; next++)
        finish(entries[next]!, failureOf(error ?? new Error("the agent answered too few results")));
    })();
    tail = landed;
    inFlight.push(landed);
  };

  return {
    isBusy: () => waiting.length > 0 || inFlight.length > 0,
    async add(entry) {
      const { prepared } = entry.item;
      if (prepared.kind === "call") {
        let where: Target;
        try {
          where = await withHostStates(env, lazyTarget(env, host, task, entry.item));
        } catch (error) {
          await this.drain();
          finish(entry, failureOf(error));
          return;
        }
        const own = `${where.route.key}\0${JSON.stringify(where.route.become.map(({ user, method }) => [user, method]))}`;
        if (key !== undefined && own !== key) await this.drain();
        key = own;
        target = where;
        waiting.push(entry);
        bytes +=
          prepared.call.args.length +
          (prepared.call.place?.data instanceof Uint8Array
            ? prepared.call.place.data.byteLength
            : 0);
        if (waiting.length >= BATCH_CALLS || bytes >= BATCH_BYTES) {
          send();
          if (inFlight.length >= BATCHES_IN_FLIGHT) await inFlight.shift();
        }
        return;
      }
      // Nothing to share: what was sent before it must be through first.
      await this.drain();
      finish(entry, await runPrepared(env, lazyTarget(env, host, task, entry.item), prepared));
    },
    async drain() {
      send();
      await tail;
      inFlight.length = 0;
    },
  };
}

/**
 * Whether items may be prepared before earlier ones are through. `until`, time limits and pauses forbid it, as do modules that set facts which
 * a later item might read, and look-ups of files that an earlier item may write when it runs on this very machine.
 */
function mayBatch(task: Task): boolean {
  if (task.async !== undefined || task.until.length > 0 || task.timeout !== undefined) return false;
  if (task.loopControl.pause !== undefined) return false;
  if (
    /(^|[._])facts?$|\.(setup|getent|set_fact|include_vars|add_host|group_by)$/.test(
      task.resolvedAction,
    )
  )
    return false;
  return !readsFiles(task.args);
}

function readsFiles(value: Value): boolean {
  if (typeof value === "string")
    return /\b(?:lookup|query|q)\s*\(/.test(value) && value.includes("{");
  if (Array.isArray(value)) return value.some(readsFiles);
  if (value instanceof Map) for (const item of value.values()) if (readsFiles(item)) return true;
  return false;
}

/** What an item's result carries besides the module's own (ansible/executor/task_executor.py, _run_loop). */
function decorate(
  task: Task,
  data: Dict,
  items: readonly Value[],
  index: number,
  label: string,
): void {
  const { loopVar, indexVar, extended } = task.loopControl;
  // Only the task as a whole says that nothing has changed.
  if (isUnreachable(data)) data.delete("changed");
  data.set(loopVar, items[index]!);
  if (isKept(items, index)) markKept(data, loopVar);
  data.set("ansible_loop_var", loopVar);
  if (indexVar !== undefined) {
    data.set(indexVar, index);
    data.set("ansible_index_var", indexVar);
  }
  if (extended)
    data.set("ansible_loop", loopLocals(task, items, index).get("ansible_loop") as Value);
  const item = items[index]!;
  data.set("_ansible_item_label", typeof item !== "string" && pyStr(item) === label ? item : label);
}

function labelOf(env: TaskEnv, task: Task, scope: VarScope, item: Value): string {
  const { label } = task.loopControl;
  // Without a label it is the item, printed: text that reads as a list or dict shows as one.
  if (label === undefined && !(typeof item === "string" && /^[[{]/.test(item))) return pyStr(item);
  try {
    return pyStr(render(env, label ?? `{{ ${task.loopControl.loopVar} }}`, scope, task));
  } catch {
    return pyStr(item);
  }
}

async function pause(env: TaskEnv, host: string, task: Task): Promise<void> {
  const { pause: value } = task.loopControl;
  if (value === undefined) return;
  const seconds = Number(render(env, value, scopeOf(env, host, task), task));
  if (seconds > 0) await env.sleep(seconds);
}
