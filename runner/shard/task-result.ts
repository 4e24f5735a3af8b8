import type { Task } from "../model/play.ts";
import type { Status } from "../model/result.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { copyMarks } from "../template/kept-text.ts";
import type { VarScope } from "../vars/scope.ts";
import { warnOfBraces } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { isTrue, truth } from "./values.ts";

/** Whether a raw result says that the task failed: `failed`, or else an `rc` that is not 0. */
export function markFailed(data: Dict): void {
  if (data.has("failed")) {
    // Jobs say 0 and 1, which their results keep.
    if (typeof data.get("failed") === "number") return;
    data.set("failed", truth(data.get("failed")));
    return;
  }
  const rc = data.get("rc");
  data.set("failed", rc !== undefined && rc !== null && rc !== 0 && rc !== "0");
}

/**
 * changed_when and failed_when on a finished result (ansible/executor/task_executor.py, _execute). The result is visible under the
 * task's `register` name while they are evaluated.
 */
export function judge(
  env: Pick<TaskEnv, "environment" | "emit">,
  task: Task,
  data: Dict,
  scope: VarScope,
): void {
  if (isSettled(data)) return;
  markFailed(data);
  if (!data.has("changed")) data.set("changed", false);
  if (truth(data.get("skipped"))) return;
  if (task.changedWhen.length === 0 && task.failedWhen.length === 0) return;
  const seen = withResult(task, data, scope);
  const all = (conditions: Task["changedWhen"]): boolean =>
    conditions.every(({ source, origin }) => {
      warnOfBraces(env, task, source, seen);
      return env.environment.condition(source, origin).test(seen);
    });
  let name = "changed";
  try {
    if (task.changedWhen.length > 0) data.set("changed", all(task.changedWhen));
    name = "failed";
    if (task.failedWhen.length > 0) {
      const failed = all(task.failedWhen);
      data.set("failed_when_result", failed);
      data.set("failed", failed);
    }
  } catch (error) {
    data.set("failed", true);
    data.set(`${name}_when_result`, (error as Error).message);
  }
}

/** Says that a result stands as it is: neither changed_when, failed_when nor until look at it. */
export function settle(data: Dict): void {
  settled.add(data);
}

export function isSettled(data: Dict): boolean {
  return settled.has(data);
}

const settled = new WeakSet<Dict>();

/** The scope in which a result is judged: with the result registered and its facts visible. */
export function withResult(task: Task, data: Dict, scope: VarScope): VarScope {
  const locals = new Map<string, unknown>();
  const facts = data.get("ansible_facts");
  if (isDict(facts))
    for (const [key, value] of facts) if (typeof key === "string") locals.set(key, value);
  if (task.register !== undefined) locals.set(task.register, registered(data));
  return locals.size === 0 ? scope : scope.with(locals, "outside");
}

/** What `register` keeps of a result (ansible/vars/clean.py, strip_internal_keys): no internal keys, no invocation. */
export function registered(data: Dict): Dict {
  const kept: Dict = new Map();
  for (const [key, value] of data) {
    if (key === "invocation" || (typeof key === "string" && key.startsWith("_ansible_"))) continue;
    kept.set(
      key,
      key === "results" && Array.isArray(value)
        ? value.map((item) => (isDict(item) ? withoutInternals(item) : item))
        : value,
    );
  }
  copyMarks(data, kept);
  return kept;
}

/** An item's result, which keeps its invocation. */
function withoutInternals(data: Dict): Dict {
  const kept: Dict = new Map();
  for (const [key, value] of data)
    if (typeof key !== "string" || !key.startsWith("_ansible_")) kept.set(key, value);
  copyMarks(data, kept);
  return kept;
}

/** The status a result counts as. */
export function statusOf(data: Dict): Status {
  if (isUnreachable(data)) return "unreachable";
  if (isFailed(data)) return "failed";
  if (truth(data.get("skipped"))) return "skipped";
  return isTrue(data.get("changed")) ? "changed" : "ok";
}

/** Of a loop, when it is so of an item: the task as a whole does not say it itself (_check_key of ansible/executor/task_result.py). */
function isUnreachable(data: Dict): boolean {
  const results = data.get("results");
  return Array.isArray(results) && results.length > 0
    ? results.some((item) => isDict(item) && truth(item.get("unreachable")))
    : truth(data.get("unreachable"));
}

/** Where failed_when was asked, its word counts, even of a task that ran out of attempts (ansible/executor/task_result.py, is_failed). */
function isFailed(data: Dict): boolean {
  if (data.has(WORD)) return truth(data.get(WORD));
  const results = data.get("results");
  const items = Array.isArray(results) ? results.filter(isDict) : [];
  return items.some((item) => item.has(WORD))
    ? items.some((item) => truth(item.get(WORD)))
    : truth(data.get("failed"));
}

const WORD = "failed_when_result";

/** The result of a loop from the results of its items (ansible/executor/task_executor.py, run). */
export function loopResult(items: readonly Dict[]): Dict {
  if (items.length === 0) {
    return new Map<Value, Value>([
      ["changed", false],
      ["skipped", true],
      ["skipped_reason", "No items in the list"],
      ["results", []],
    ]);
  }
  const data: Dict = new Map<Value, Value>([["results", [...items]]]);
  let skipped = true;
  let failed = false;
  let changed = false;
  const gathered: Record<"warnings" | "deprecations", Value[]> = { warnings: [], deprecations: [] };
  for (const item of items) {
    if (truth(item.get("changed"))) changed = true;
    if (!truth(item.get("skipped"))) skipped = false;
    if (truth(item.get("failed"))) failed = true;
    for (const kind of ["warnings", "deprecations"] as const) {
      const list = item.get(kind);
      if (Array.isArray(list)) {
        gathered[kind].push(...list);
        item.delete(kind);
      }
    }
  }
  data.set("skipped", skipped);
  data.set("changed", changed);
  if (gathered.warnings.length > 0) data.set("warnings", gathered.warnings);
  if (gathered.deprecations.length > 0) data.set("deprecations", gathered.deprecations);
  if (failed) {
    data.set("failed", true);
    data.set("msg", "One or more items failed");
  } else {
    data.set("msg", skipped ? "All items skipped" : "All items completed");
  }
  return data;
}
