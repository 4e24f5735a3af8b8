import { setMaxListeners } from "node:events";
import { type Dict, dictOf } from "../model/value.ts";
import { TIMED_OUT } from "./module/module-result.ts";
import type { TaskEnv } from "./task-env.ts";
import { settle } from "./task-result.ts";

/**
 * Does something that may take so many seconds, or any number for 0: connecting counts, as it does for Ansible's alarm
 * (ansible/executor/task_executor.py, _execute). What is under way when they are over is told by its signal.
 */
export async function withDeadline(
  env: TaskEnv,
  seconds: number,
  run: (env: TaskEnv) => Promise<Dict>,
): Promise<Dict> {
  if (!(seconds > 0)) return run(env);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const abort = (): void => stop.abort(env.signal.reason);
  if (env.signal.aborted) abort();
  env.signal.addEventListener("abort", abort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Dict>((resolve) => {
    timer = setTimeout(() => {
      const data = dictOf({ failed: true, msg: TIMED_OUT });
      settle(data);
      resolve(data);
      stop.abort(new Error(TIMED_OUT));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([run({ ...env, signal: stop.signal }), late]);
  } finally {
    clearTimeout(timer);
    env.signal.removeEventListener("abort", abort);
  }
}
