import type { CallResult, Context, Link } from "#router";
import { commandThrough, RouterError } from "#router";
import type { Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import type { VarScope } from "../vars/scope.ts";
import { isDiscovered, type Route, routeOf } from "./connection.ts";
import type { Invocation } from "./module/invocation.ts";
import { keywordOf, type Reach, reachOf } from "./reach.ts";
import type { TaskEnv } from "./task-env.ts";
import { textOf } from "./values.ts";

/** Where one task's calls go: a context on the host itself or on the host that delegate_to names. */
export interface Target {
  readonly route: Route;
  readonly context: Context;
  readonly link: Link;
  /** Inventory name of the host that is reached. */
  readonly name: string;
  /** Whether the task says where it runs, be it the host itself. */
  readonly isDelegated: boolean;
  /** Whether the interpreter was found rather than named. */
  readonly discovered: boolean;
}

/** Resolves where a task runs. @throws Error when connection variables cannot be used. */
export function targetOf(
  env: TaskEnv,
  host: string,
  task: Task,
  scope: VarScope,
  { name, vars, transport, command, method }: Reach = reachOf(env, host, task, scope),
): Target {
  const read = (variable: string): unknown => vars.own(variable);
  const playbookDir = vars.get("playbook_dir");
  const route = routeOf({
    host: name,
    playbookDir: typeof playbookDir === "string" ? playbookDir : undefined,
    transport,
    command,
    method,
    task,
    read,
    keyword: (value) => keywordOf(env, task, scope, value),
    defaults: env.options.connection,
    ssh: env.ssh,
  });
  const link = env.link(route.key, route.link);
  const interpreter = read("ansible_python_interpreter");
  const discovered =
    interpreter === MISSING
      ? isDiscovered(env.options.connection.interpreter)
      : isDiscovered(textOf(interpreter as Value));
  return {
    name,
    route,
    link,
    context: link.context(route.become),
    isDelegated: task.delegateTo !== undefined && task.delegateTo !== null,
    discovered,
  };
}

/** Adds the interpreter that was found to the first module result of a host, where Ansible's own discovery reports it. */
export function tellInterpreter(env: TaskEnv, { name, isDelegated }: Target, data: Dict): void {
  if (isDelegated) return;
  const state = env.state(name);
  if (state.interpreter === undefined || state.interpreterTold) return;
  state.interpreterTold = true;
  const facts = data.get("ansible_facts");
  if (isDict(facts)) facts.set("discovered_interpreter_python", state.interpreter);
  else
    data.set(
      "ansible_facts",
      new Map<Value, Value>([["discovered_interpreter_python", state.interpreter]]),
    );
}

/** Sends calls in one batch; `onResult` hears each as it comes. */
export async function callBatch(
  env: TaskEnv,
  target: Target,
  calls: readonly Invocation[],
  stop: boolean,
  onResult?: (result: CallResult) => void,
): Promise<readonly CallResult[]> {
  const results: CallResult[] = [];
  const { context } = target;
  const state = env.state(target.name);
  if (target.discovered && !state.interpreterTold && state.interpreter === undefined) {
    // Resolved before the first result: the agent says hello first.
    context.hello().then(
      ({ exe }) => {
        state.interpreter = exe;
      },
      () => undefined,
    );
  }
  tellCalls(env, target, calls);
  const bundles = new Set(calls.flatMap(({ sources }) => sources));
  context.sources([...bundles]);
  await context.call(
    { stop, calls: calls.map(({ call }) => call) },
    (result) => {
      results.push(result);
      onResult?.(result);
    },
    env.signal,
  );
  return results;
}

/** At -vvv: what is called, and the command line of the account it is called in. */
function tellCalls(env: TaskEnv, { name, route }: Target, calls: readonly Invocation[]): void {
  if (env.options.verbosity < 3) return;
  for (const { call } of calls) {
    const text = `EXEC ${commandThrough(route.become, call.module)}`;
    env.emit({ kind: "verbose", level: 3, host: name, text });
  }
}

/** The result of a task whose host could not be asked (ansible/executor/task_executor.py and plugins/connection/ssh.py). */
export function failureOf(error: unknown): Dict {
  if (!(error instanceof RouterError)) {
    return new Map<Value, Value>([
      ["failed", true],
      ["msg", (error as Error).message],
    ]);
  }
  switch (error.code) {
    case "become-password-wrong":
    case "become-password-missing":
    case "become-failed":
    case "become-timeout":
    case "cancelled":
    case "limit":
    case "agent":
      return new Map<Value, Value>([
        ["failed", true],
        ["msg", error.message],
      ]);
    case "no-python":
      return new Map<Value, Value>([
        ["changed", false],
        ["failed", true],
        ["module_stderr", error.message],
        ["module_stdout", ""],
        [
          "msg",
          "The module failed to execute correctly, you probably need to set the interpreter.\nSee stdout/stderr for the exact error",
        ],
        ["rc", 127],
      ]);
    default:
      return new Map<Value, Value>([
        ["changed", false],
        ["unreachable", true],
        ["msg", error.message],
      ]);
  }
}
