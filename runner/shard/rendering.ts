import type { Condition, Task } from "../model/play.ts";
import { isDict, PyTuple, type Value } from "../model/value.ts";
import { omitToken } from "../template/environment.ts";
import type { VarScope } from "../vars/scope.ts";
import type { TaskEnv } from "./task-env.ts";
import { failedCondition } from "./task-error.ts";
import { isTrue } from "./values.ts";

/** Whether a condition holds. @throws TaskError with Ansible's message. */
export function holds(env: TaskEnv, task: Task, condition: Condition, scope: VarScope): boolean {
  warnOfBraces(env, task, condition.source, scope);
  try {
    return env.environment.condition(condition.source, condition.origin).test(scope);
  } catch (error) {
    throw failedCondition(error as Error, task.origin);
  }
}

/** Says that a condition is an expression as it stands, once per task and host (ansible/playbook/conditional.py). */
export function warnOfBraces(
  env: Pick<TaskEnv, "environment" | "emit">,
  task: Task,
  source: Condition["source"],
  scope: VarScope,
): void {
  if (typeof source === "boolean" || !env.environment.isTemplate(source)) return;
  let said = warned.get(task);
  if (said === undefined) {
    said = new Set();
    warned.set(task, said);
  }
  const key = `${String(scope.get("inventory_hostname"))}\0${source}`;
  if (said.has(key)) return;
  said.add(key);
  env.emit({
    kind: "warning",
    text: `conditional statements should not include jinja2 templating delimiters such as {{ }} or {% %}. Found: ${source}`,
    each: true,
  });
}

const warned = new WeakMap<Task, Set<string>>();

/** Renders a keyword of a task; null for one that is omitted and inherits nothing. */
export function render(env: TaskEnv, value: Value, scope: VarScope, task: Task): Value {
  if (value instanceof PyTuple) {
    const [own, inherited] = value;
    const rendered = env.environment.renderValue(own ?? null, scope, task.origin);
    return rendered === omitToken ? render(env, inherited ?? null, scope, task) : rendered;
  }
  if (typeof value !== "string" && !Array.isArray(value) && !isDict(value)) return value;
  const rendered = env.environment.renderValue(value, scope, task.origin);
  return rendered === omitToken ? null : rendered;
}

/** check_mode and diff of a task against the run's flags. */
export function modeOf(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
): { readonly checkMode: boolean; readonly diff: boolean } {
  const keyword = (value: Value | undefined, fallback: boolean): boolean => {
    const wanted = value === undefined ? null : render(env, value, scope, task);
    return wanted === null ? fallback : isTrue(wanted);
  };
  return {
    checkMode: keyword(task.checkMode, env.options.checkMode),
    diff: keyword(task.diff, env.options.diffMode),
  };
}
