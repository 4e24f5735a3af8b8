import type { Task } from "../model/play.ts";
import { isDict, type Value } from "../model/value.ts";
import { omitToken } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { pyRepr } from "../template/py-repr.ts";
import type { VarScope } from "../vars/scope.ts";
import type { TaskEnv } from "./task-env.ts";
import { undefinedEnvironment } from "./task-error.ts";
import { textOf } from "./values.ts";

/**
 * The environment variables of a task: those of the play, the block and the task, the inner one wins.
 * A variable that reads a host's environment is left out as long as no facts of it are known: gathering them has
 * the play's environment as well. What is no mapping is passed over with a warning (`_post_validate_environment` of ansible/playbook/task.py).
 *
 * @throws TaskError for a variable that is undefined; TemplateError; NeedHostState.
 */
export function taskEnvironment(
  env: TaskEnv,
  task: Task,
  scope: VarScope,
): Readonly<Record<string, string>> {
  if (task.environment.length === 0) return {};
  const merged: Record<string, string> = {};
  const add = (key: Value, value: Value): void => {
    if (value !== omitToken) merged[textOf(key)] = textOf(value);
  };
  const render = (value: Value): Value => env.environment.renderValue(value, scope, task.origin);
  try {
    for (const entry of task.environment) {
      if (isDict(entry)) {
        for (const [key, value] of entry) {
          const rendered = unlessUnknownFacts(() => render(value));
          if (rendered !== undefined) add(render(key), rendered);
        }
        continue;
      }
      const rendered = render(entry);
      if (isDict(rendered)) for (const [key, value] of rendered) add(key, value);
      else env.emit({ kind: "warning", text: notParsed(task), each: true });
    }
  } catch (error) {
    if (isUndefined(error)) throw undefinedEnvironment(error, task.origin);
    throw error;
  }
  return merged;
}

/** Undefined where a template reads the environment of a host whose facts are not there yet. */
function unlessUnknownFacts(render: () => Value): Value | undefined {
  try {
    return render();
  } catch (error) {
    if (isUndefined(error) && error.message.includes("ansible_env")) return undefined;
    throw error;
  }
}

function isUndefined(error: unknown): error is TemplateError {
  return error instanceof TemplateError && error.kind === "undefined";
}

function notParsed({ environment }: Task): string {
  return `could not parse environment value, skipping: ${pyRepr([...environment])}`;
}
