import type { Task } from "../model/play.ts";
import { isDict, PyFloat, type Value } from "../model/value.ts";
import { pyStr } from "../template/py-repr.ts";
import type { VarScope } from "../vars/scope.ts";
import { render } from "./rendering.ts";
import type { TaskEnv } from "./task-env.ts";
import { placeText, TaskError } from "./task-error.ts";

/**
 * Refuses keywords whose values are not of the keyword's type. Ansible looks at them when the task's condition holds
 * (`post_validate` of ansible/playbook/base.py).
 *
 * @throws TaskError with Ansible's words
 */
export function checkKeywordTypes(env: TaskEnv, task: Task, scope: VarScope): void {
  for (const { name, type, value } of doubtful(task)) {
    const rendered = render(env, value, scope, task);
    const why = rendered === null ? undefined : WHY_NOT[type](rendered);
    if (why === undefined) continue;
    throw new TaskError(
      `the field '${name}' has an invalid value (${pyStr(value)}), and could not be converted to an ${type}.The error was: ${why}${placeText(task.origin)}`,
    );
  }
}

/** Whether a value is one that Ansible takes for a boolean (ansible/module_utils/parsing/convert_bool.py). */
export function isBoolean(value: Value): boolean {
  if (typeof value === "string") return BOOLEANS.has(value.trim().toLowerCase());
  const number = value instanceof PyFloat ? value.value : value;
  return typeof number === "boolean" || number === 0 || number === 1;
}

interface Doubtful {
  readonly name: string;
  readonly type: "bool" | "int";
  readonly value: Value;
}

/** Keywords that are not plainly of their type: of most tasks none. */
function doubtful(task: Task): readonly Doubtful[] {
  let found = known.get(task);
  if (found === undefined) {
    found = [
      ...pick(task, BOOLEAN_KEYWORDS, "bool", (value) => typeof value === "boolean"),
      ...pick(task, INTEGER_KEYWORDS, "int", Number.isInteger),
    ];
    known.set(task, found);
  }
  return found;
}

const known = new WeakMap<Task, readonly Doubtful[]>();

function pick(
  task: Task,
  keywords: Readonly<Record<string, keyof Task>>,
  type: Doubtful["type"],
  isPlain: (value: unknown) => boolean,
): Doubtful[] {
  return Object.entries(keywords).flatMap(([name, key]) => {
    const value = (task[key] ?? null) as Value;
    return value === null || isPlain(value) ? [] : [{ name, type, value }];
  });
}

const BOOLEAN_KEYWORDS: Readonly<Record<string, keyof Task>> = {
  any_errors_fatal: "anyErrorsFatal",
  become: "become",
  check_mode: "checkMode",
  delegate_facts: "delegateFacts",
  diff: "diff",
  ignore_errors: "ignoreErrors",
  ignore_unreachable: "ignoreUnreachable",
  no_log: "noLog",
  run_once: "runOnce",
};

const INTEGER_KEYWORDS: Readonly<Record<string, keyof Task>> = {
  delay: "delay",
  poll: "poll",
  port: "port",
  retries: "retries",
  timeout: "timeout",
};

const WORDS = ["0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"];
const BOOLEANS: ReadonlySet<string> = new Set(WORDS);

const WHY_NOT: Readonly<Record<Doubtful["type"], (value: Value) => string | undefined>> = {
  bool(value) {
    if (Array.isArray(value)) return "unhashable type: 'list'";
    if (isDict(value)) return "unhashable type: 'dict'";
    if (isBoolean(value)) return undefined;
    const words = WORDS.map((word) => `'${word}'`).join(", ");
    return `The value '${pyStr(value)}' is not a valid boolean.  Valid booleans include: 0, 1, ${words}`;
  },
  int(value) {
    if (typeof value !== "string")
      return Array.isArray(value) || isDict(value) ? NO_NUMBER : undefined;
    if (/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) return undefined;
    return `invalid literal for int() with base 10: '${value}'`;
  },
};

const NO_NUMBER = "int() argument must be a string, a bytes-like object or a real number";
