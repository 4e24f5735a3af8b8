import type { Task } from "../../model/play.ts";
import type { Dict } from "../../model/value.ts";
import type { DebugCommand } from "../../pool/messages.ts";
import { scopeOf } from "../item-scope.ts";
import { renderArguments } from "../prepare-item.ts";
import { type TaskEnv, withHostStates } from "../task-env.ts";
import {
  createDebugSession,
  type DebuggedTask,
  type DebugSession,
  type DebugWorld,
} from "./session.ts";

/** The tasks of a shard that the debugger holds: of each host the last one. */
export interface DebugSessions {
  /** Ends what is held of a host, whose next task is about to run. @returns that task as the debugger left it. */
  take(host: string): DebuggedTask | undefined;
  /** Holds a task. @param ran as it was put to the host, when the debugger had left it so @returns the prompt. */
  open(env: TaskEnv, host: string, ran: Task | DebuggedTask, result: Dict): Promise<string>;
  /** Obeys what the user says. @returns what is to be shown. @throws Error for a host of which nothing is held. */
  hear(env: TaskEnv, host: string, command: DebugCommand, text: string): Promise<string>;
}

export function createDebugSessions(): DebugSessions {
  const held = new Map<string, DebugSession>();
  return {
    take(host) {
      const session = held.get(host);
      if (session === undefined) return undefined;
      held.delete(host);
      return session.again();
    },
    async open(env, host, ran, result) {
      const debugged = "original" in ran ? ran : { task: ran, original: ran, vars: new Map() };
      const session = await withHostStates(env, () =>
        createDebugSession(worldOf(env, host), host, debugged, result),
      );
      held.set(host, session);
      return session.prompt;
    },
    async hear(env, host, command, text) {
      const session = held.get(host);
      if (session === undefined) throw new Error(`no task of ${host} is in the debugger`);
      return withHostStates(env, () => session.hear(command, text));
    },
  };
}

/** The variables of a task, with those of the debugger on top. */
export function withDebuggedVars(env: TaskEnv, vars: Dict): TaskEnv {
  if (vars.size === 0) return env;
  return { ...env, extra: { vars: new Map([...env.extra.vars, ...vars]), final: false } };
}

function worldOf(env: TaskEnv, host: string): DebugWorld {
  return {
    environment: env.environment,
    scope: (task, vars) => scopeOf(withDebuggedVars(env, vars), host, task),
    args: (task, scope) => renderArguments(env, task, scope),
  };
}
