import type { Task } from "../../model/play.ts";
import { eventOf } from "../../plugin-host/log-event.ts";
import { scopeOf } from "../item-scope.ts";
import type { ModuleFlags } from "../module/invocation.ts";
import { reachOf } from "../reach.ts";
import { type TaskEnv, withHostStates } from "../task-env.ts";
import { requestOf } from "./request.ts";

/**
 * Lets a connection plugin in Python reset its connection to a host (ansible/plugins/strategy/__init__.py, _execute_meta); does
 * nothing for a host that is reached without one. What goes wrong is a warning: the next task tells what is the matter.
 */
export async function resetForeign(env: TaskEnv, host: string, task: Task): Promise<void> {
  const warn = (text: string): void =>
    env.emit({
      kind: "warning",
      text: `the connection of ${host} could not be reset: ${text}`,
    });
  try {
    const request = await withHostStates(env, () => requestFor(env, host, task));
    if (request === undefined) return;
    const ending = await env.actions.run({
      ...request,
      reading: (attempt) => withHostStates(env, attempt),
      answer: (kind) => Promise.reject(new Error(`there is no '${kind}' in a reset`)),
      log: (entry) => env.emit(eventOf(entry)),
      signal: env.signal,
      keep: host,
    });
    if (ending.kind === "raised") warn(ending.message);
    await env.actions.leave(host);
  } catch (error) {
    if (!env.signal.aborted) warn((error as Error).message);
  }
}

function requestFor(
  env: TaskEnv,
  host: string,
  task: Task,
): ReturnType<typeof requestOf> | undefined {
  const scope = scopeOf(env, host, task);
  if (!reachOf(env, host, task, scope, undefined).isForeign) return undefined;
  const input = { host, task, scope, args: new Map(), unsafeArgs: new Set<never>(), flags: FLAGS };
  const { facts, scopes } = requestOf(env, "own", input);
  return { facts: new Map([...facts, ["kind", "reset"]]), scopes };
}

const FLAGS: ModuleFlags = {
  checkMode: false,
  diff: false,
  noLog: false,
  remoteTmp: "",
  isolation: "warm",
  environment: {},
  timeoutSeconds: 0,
};
