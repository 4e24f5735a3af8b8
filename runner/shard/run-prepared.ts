import type { Dict } from "../model/value.ts";
import type { ActionIo, Prepared } from "./action/action.ts";
import { runPlugin } from "./plugin-action/run-plugin.ts";
import { callBatch, failureOf, type Target, tellInterpreter } from "./target.ts";
import { type TaskEnv, withHostStates } from "./task-env.ts";
import { TaskFailure } from "./task-error.ts";

/**
 * Runs what an action prepared and gives its raw result; a lost or refused connection becomes an unreachable result.
 *
 * @throws TaskFailure when a plugin fails the whole task
 */
export async function runPrepared(
  env: TaskEnv,
  target: () => Target,
  prepared: Prepared,
): Promise<Dict> {
  if (prepared.kind === "done") return prepared.result;
  try {
    if (prepared.kind === "inventory") {
      const changed = await env.changeInventory(prepared.change);
      return new Map(prepared.result).set("changed", changed);
    }
    if (prepared.kind === "foreign") return await runPlugin(env, undefined, prepared.input);
    const where = await withHostStates(env, target);
    if (prepared.kind === "steps") return await prepared.run(actionIo(env, where));
    if (prepared.kind === "plugin") return await runPlugin(env, where, prepared.input);
    const [result] = await callBatch(env, where, [prepared], false);
    const data = prepared.finish(result!);
    if (prepared.isModule !== false) tellInterpreter(env, where, data);
    return data;
  } catch (error) {
    if (error instanceof TaskFailure) throw error;
    return failureOf(error);
  }
}

function actionIo(env: TaskEnv, target: Target): ActionIo {
  return {
    batch: (calls, stop) => callBatch(env, target, calls, stop),
    get isLocal() {
      return target.route.link.kind === "local";
    },
    async exec(command, executable, timeoutSeconds = 0) {
      const [become] = target.route.become;
      const pty = HAS_TERMINAL.has(target.route.link.kind);
      const wrapped =
        executable === undefined || executable === ""
          ? command
          : `${executable} -c ${quote(command)}`;
      return target.link.exec(wrapped, {
        pty,
        signal: env.signal,
        timeoutSeconds,
        ...(become === undefined ? {} : { become }),
      });
    },
    putFile: (chunks) => target.context.putFile(chunks, { signal: env.signal }),
    sleep: (seconds) => env.sleep(seconds),
    home: async () => (await target.context.hello(env.signal)).home,
    pause: (request) => env.pause(request),
    reset: () => target.link.reset(),
    signal: env.signal,
  };
}

/** Where commands without an agent have a terminal, as they have under Ansible. */
const HAS_TERMINAL: ReadonlySet<string> = new Set(["ssh", "openssh"]);

function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
