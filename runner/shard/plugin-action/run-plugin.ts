import type { Dict, Value } from "../../model/value.ts";
import { isDict } from "../../model/value.ts";
import { eventOf } from "../../plugin-host/log-event.ts";
import { HostGone } from "../../plugin-host/python-process.ts";
import type { ActionInput } from "../action/action.ts";
import type { Target } from "../target.ts";
import { type TaskEnv, withHostStates } from "../task-env.ts";
import { TaskFailure } from "../task-error.ts";
import { settle } from "../task-result.ts";
import { createAnswers } from "./answers.ts";
import { type OnConnection, requestOf } from "./request.ts";
import { changeIn } from "./side-effects.ts";

/**
 * Runs an action plugin in Python on the controller, and gives its raw result. What it asks of the target goes over the task's own
 * connection (ansible/executor/task_executor.py, _execute); without one, Ansible's connection plugin reaches it, and all items of the
 * task in turn are done by one process.
 *
 * @throws TaskFailure for an exception in it, which fails the task whatever other items did
 */
export async function runPlugin(
  env: TaskEnv,
  target: Target | undefined,
  input: ActionInput,
): Promise<Dict> {
  const { host, task } = input;
  const state = target === undefined ? undefined : env.state(target.name);
  const wasTold = state?.interpreterTold;
  try {
    const request = await withHostStates(env, () => requestOf(env, kindOf(target), input));
    const ending = await env.actions.run({
      ...request,
      reading: (attempt) => withHostStates(env, attempt),
      answer: target === undefined ? refuse : createAnswers(env, target, input),
      ...(target === undefined ? { keep: host } : {}),
      log: (entry) => env.emit(eventOf(entry)),
      signal: env.signal,
    });
    if (ending.kind === "raised") throw new TaskFailure(failureOf(ending));
    const result = ending.result as Dict;
    if (ending.isSettled) settle(result);
    const change = changeIn(result, host);
    if (change !== undefined) result.set("changed", await env.changeInventory(change));
    // Found by a module whose result the plugin kept to itself: the next one is to tell of it.
    if (wasTold === false && !tellsInterpreter(result)) state!.interpreterTold = false;
    return result;
  } catch (error) {
    if (!(error instanceof HostGone)) throw error;
    return new Map<Value, Value>([
      ["failed", true],
      ["msg", `The action plugin '${task.action}' gave no result for ${host}: ${error.message}.`],
    ]);
  }
}

function kindOf(target: Target | undefined): OnConnection {
  if (target === undefined) return "own";
  return target.route.link.kind === "local" ? "local" : "asked";
}

/** Who has a connection of its own has nothing to ask. */
function refuse(kind: string): Promise<never> {
  return Promise.reject(new Error(`there is no connection of skein's for '${kind}'`));
}

/** The result of a task whose plugin threw (ansible/executor/task_executor.py, run). */
function failureOf({
  message,
  traceback,
}: {
  readonly message: string;
  readonly traceback: string | undefined;
}): Dict {
  const result = new Map<Value, Value>([
    ["failed", true],
    ["msg", message],
  ]);
  if (traceback !== undefined) {
    result.set("exception", traceback);
    result.set("stdout", "");
  }
  return result;
}

function tellsInterpreter(result: Dict): boolean {
  const facts = result.get("ansible_facts");
  return isDict(facts) && facts.has("discovered_interpreter_python");
}
