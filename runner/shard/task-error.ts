import { readFileSync } from "node:fs";
import { excerpt } from "../load/source.ts";
import type { Origin } from "../model/origin.ts";
import type { Task } from "../model/play.ts";
import type { Dict } from "../model/value.ts";
import { TemplateError } from "../template/error.ts";
import { pyRepr } from "../template/py-repr.ts";
import { HEADER } from "../vault/envelope.ts";

/** A task that cannot be prepared for a host, as the message its result carries. */
export class TaskError extends Error {}

/** A task that failed as a whole, whatever its other items did, with a result of its own. */
export class TaskFailure extends Error {
  readonly result: Dict;

  constructor(result: Dict) {
    super(String(result.get("msg")));
    this.result = result;
  }
}

/** Ansible's message for an argument that reads an undefined variable (ansible/executor/task_executor.py and errors/__init__.py). */
export function undefinedArgument(error: Error, origin: Origin): TaskError {
  return new TaskError(
    `The task includes an option with an undefined variable. The error was: ${twice(error)}${placeText(origin)}`,
    { cause: error },
  );
}

/** The same for a keyword, `environment` (ansible/playbook/base.py, post_validate). */
export function undefinedEnvironment(error: Error, origin: Origin): TaskError {
  return new TaskError(
    `The field 'environment' has an invalid value, which includes an undefined variable. The error was: ${twice(error)}${placeText(origin)}`,
    { cause: error },
  );
}

/** Ansible's message for arguments whose templates threw Python's ValueError (ansible/playbook/base.py, post_validate). */
export function invalidArguments(error: TemplateError, { args, origin }: Task): TaskError {
  return new TaskError(
    `the field 'args' has an invalid value (${pyRepr(args)}), and could not be converted to an dict.The error was: ${error.message}${placeText(origin)}`,
    { cause: error },
  );
}

/** The traceback of what a plugin in Python threw and nobody expected. */
export function tracebackOf(error: Error): string | undefined {
  if (!(error instanceof TemplateError) || error.python?.isAnsible !== false) return undefined;
  return error.kind === "undefined" ? undefined : error.python.traceback;
}

/** An undefined variable's message as Ansible shows it: said twice, the second time for the cause. */
export function twice(error: Error): string {
  const { message } = innermost(error);
  const half = message.slice(0, (message.length - 2) / 2);
  return message === `${half}. ${half}` ? message : `${message}. ${message}`;
}

/** Ansible's message for a condition that cannot be evaluated (ansible/playbook/conditional.py). */
export function failedCondition(error: Error, origin: Origin): TaskError {
  return new TaskError(`${error.message}${placeText(origin)}`, { cause: error });
}

/** Where in the playbook a task stands, with the line in question. */
export function placeText(origin: Origin): string {
  let text = `\n\nThe error appears to be in '${origin.file}': line ${origin.line}, column ${origin.column}, but may\nbe elsewhere in the file depending on the exact syntax problem.\n`;
  const lines = excerpt(quietly(origin.file), origin);
  if (lines !== "") text += `\nThe offending line appears to be:\n\n${lines}\n`;
  return text;
}

function innermost(error: Error): Error {
  let at = error;
  while (at.cause instanceof Error) at = at.cause;
  return at;
}

function quietly(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    return text.startsWith(HEADER) ? "" : text;
  } catch {
    return "";
  }
}
