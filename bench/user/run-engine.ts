import { type Measured, measure } from "../measure.ts";
import { tunedEnv } from "../runners.ts";

/** Who runs a user's playbook. */
export type Engine = "skein" | "ansible";

export interface EngineOptions {
  readonly engine: Engine;
  /** skein's cli.js. */
  readonly cli: string;
  readonly args: readonly string[];
  /** For files of the run. */
  readonly directory: string;
  /** Whether Ansible gets settings that make it fast. */
  readonly tuned?: boolean;
  readonly memory?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs a user's playbook in the user's own directory and environment. Output is the default callback's, without colour, so
 * that both can be read.
 *
 * @returns whatever the exit code is.
 * @throws Error when it cannot be started.
 */
export function runEngine(options: EngineOptions): Promise<Measured> {
  const { engine, cli, args, directory, tuned = false, memory = false, signal } = options;
  const program = engine === "skein" ? [process.execPath, cli, "playbook"] : ["ansible-playbook"];
  const own = Object.entries(process.env).filter((entry) => entry[1] !== undefined);
  const env = {
    ...(Object.fromEntries(own) as Record<string, string>),
    ...(tuned && engine === "ansible" ? tunedEnv() : {}),
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_FORCE_COLOR: "0",
    ANSIBLE_STDOUT_CALLBACK: "default",
    ANSIBLE_CALLBACK_RESULT_FORMAT: "json",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
  };
  const command = { argv: [...program, ...args], cwd: process.cwd(), env };
  return measure(command, { directory, memory, timeout: 24 * 3600, signal, accept: () => true });
}
