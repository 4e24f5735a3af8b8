import type { Task } from "../../model/play.ts";
import { type Dict, isDict, UnsafeText, type Value } from "../../model/value.ts";
import type { DebugCommand } from "../../pool/messages.ts";
import type { Environment } from "../../template/environment.ts";
import { prettyRepr } from "../../template/library/pretty.ts";
import { pyRepr, pyStr } from "../../template/py-repr.ts";
import type { VarScope } from "../../vars/scope.ts";
import { needsHostState } from "../task-env.ts";
import { evaluate, type Names, plain, setItem } from "./evaluate.ts";
import { type Expression, PythonError, parseExpression, parseStatement } from "./expression.ts";
import { copied, HostObject, ResultObject, TaskObject, TaskVars } from "./objects.ts";

/** A task that ran on a host, held for the user to look at, to change, and to put to the host again. */
export interface DebugSession {
  /** What is shown in front of what the user types. */
  readonly prompt: string;
  /** Obeys. @returns what is to be shown, "" for nothing. @throws NeedHostState. */
  hear(command: DebugCommand, text: string): string;
  /** The task and the variables as they are now. */
  again(): DebuggedTask;
}

/** A task as the debugger left it. */
export interface DebuggedTask {
  readonly task: Task;
  /** As it stands in the playbook. */
  readonly original: Task;
  /** Variables set in the debugger; they may be templates, and outrank all others. */
  readonly vars: Dict;
}

/** What a session asks of its shard. */
export interface DebugWorld {
  readonly environment: Environment;
  /** The variables of a task, those of the debugger on top. */
  scope(task: Task, vars: Dict): VarScope;
  /** The arguments of a task, rendered. @throws Error for what cannot be. */
  args(task: Task, scope: VarScope): Dict;
}

/**
 * Opens a session (`Debugger` of ansible/plugins/strategy/__init__.py). The task is shown as it ran: with its arguments rendered,
 * where that is possible.
 *
 * @param ran the task as it was put to the host
 * @throws NeedHostState
 */
export function createDebugSession(
  world: DebugWorld,
  host: string,
  ran: DebuggedTask,
  result: Dict,
): DebugSession {
  const { vars } = ran;
  let current = renderedTask(world, ran.task, vars, "keep");
  const own = new Map<string, unknown>();
  const taskVars = new TaskVars(world.scope(current, vars), vars);
  const hostObject = new HostObject(host);
  const task = new TaskObject(() => current);
  const objects = new Map<string, unknown>([
    ["task", task],
    ["task_vars", taskVars],
    ["host", hostObject],
    ["result", new ResultObject(result, task, hostObject)],
  ]);
  const names: Names = (name) => (own.has(name) ? own.get(name) : objects.get(name));

  const assign = (target: Expression, value: Value): void => {
    switch (target.kind) {
      case "name":
        if (objects.has(target.name)) throw new Error(CHANGEABLE);
        own.set(target.name, value);
        return;
      case "attribute":
        if (target.name !== "args" || evaluate(target.of, names) !== task)
          throw new Error(CHANGEABLE);
        if (!isDict(value)) throw new Error("the arguments of a task are a dictionary");
        current = { ...current, args: new Map(value) };
        return;
      case "item": {
        if (!isChangeable(target)) throw new Error(CHANGEABLE);
        const variable = variableOf(target, names);
        if (variable !== undefined) taskVars.own(variable);
        setItem(evaluate(target.of, names), plain(evaluate(target.key, names)), value);
        return;
      }
      default:
        throw new PythonError("SyntaxError", '"cannot assign to literal"');
    }
  };

  return {
    prompt: `[${host}] ${task.pyRepr()} (debug)> `,
    hear(command, text) {
      try {
        if (command === "print") return prettyRepr(evaluate(parseExpression(text), names));
        if (command === "update") {
          current = { ...ran.original, args: copied(ran.original.args) };
          current = renderedTask(world, ran.original, vars, "throw");
          return "";
        }
        const { target, value } = parseStatement(text);
        const found = evaluate(value, names);
        if (target !== undefined) assign(target, plain(found));
        else if (found !== null) return pyRepr(found);
        return "";
      } catch (error) {
        if (needsHostState(error)) throw error;
        return complaint(error as Error);
      }
    },
    again: () => ({ task: current, original: ran.original, vars }),
  };
}

const CHANGEABLE =
  "what can be changed here are task.args and its items, items of task_vars, and names of your own";

/**
 * A task with its name and arguments rendered, as it is past its checks; what they gave is not rendered again. The arguments of a
 * loop stay as they are, as do those that cannot be rendered, unless that is to `throw`.
 */
function renderedTask(world: DebugWorld, task: Task, vars: Dict, failure: "throw" | "keep"): Task {
  const asWritten = { ...task, args: copied(task.args) };
  if (task.loop !== undefined) return asWritten;
  const scope = world.scope(task, vars);
  const name = nameOf(world, task, scope);
  try {
    const args = world.args(task, scope);
    return { ...task, name, args: fixed(args, world.environment) as Dict, moduleDefaults: [] };
  } catch (error) {
    if (failure === "throw" || needsHostState(error)) throw error;
    return { ...asWritten, name };
  }
}

function nameOf({ environment }: DebugWorld, task: Task, scope: VarScope): string | undefined {
  if (task.name === undefined || !environment.isTemplate(task.name)) return task.name;
  try {
    return pyStr(environment.renderValue(task.name, scope, task.origin));
  } catch (error) {
    if (needsHostState(error)) throw error;
    return task.name;
  }
}

/** A value that gives itself when it is rendered. */
function fixed(value: Value, environment: Environment): Value {
  if (typeof value === "string")
    return environment.isTemplate(value) ? new UnsafeText(value) : value;
  if (Array.isArray(value)) return value.map((item) => fixed(item, environment));
  if (!isDict(value)) return value;
  return new Map([...value].map(([key, item]) => [key, fixed(item, environment)]));
}

/** Whether an item belongs to what the debugger holds copies of. */
function isChangeable(target: Expression): boolean {
  switch (target.kind) {
    case "item":
      return isChangeable(target.of);
    case "attribute":
      return target.name === "args" && target.of.kind === "name" && target.of.name === "task";
    case "name":
      return target.name !== "result" && target.name !== "host";
    default:
      return false;
  }
}

/** The variable whose inside an assignment changes: `x` in `task_vars['x']['y'] = 1`. */
function variableOf(target: Expression, names: Names): Value | undefined {
  if (target.kind !== "item") return undefined;
  const { of } = target;
  if (of.kind === "item" && of.of.kind === "name" && of.of.name === "task_vars")
    return plain(evaluate(of.key, names));
  return variableOf(of, names);
}

function complaint(error: Error): string {
  if (error instanceof PythonError) return `***${error.pyType}:${error.pyType}(${error.argument})`;
  return `*** ${error.message}`;
}
