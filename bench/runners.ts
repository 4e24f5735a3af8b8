import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "./measure.ts";

/** Who runs the playbook. `adhoc` is `ansible HOST -m MODULE`, without a playbook. */
export type RunnerName = "skein" | "ansible" | "mitogen" | "adhoc";

export const LABELS: Readonly<Record<RunnerName, string>> = {
  skein: "skein",
  ansible: "ansible-playbook",
  mitogen: "mitogen_linear",
  adhoc: "ansible -m ping",
};

/** The settings that all of them get, in words for the report. */
export const SETTINGS = [
  "all: the same playbook and inventory, ansible_python_interpreter=/usr/bin/python3, known_hosts given, forks 50, an own empty HOME",
  "targets: an sshd of this run, sessions with an empty HOME, so that no start-up file of the account is part of the figures",
  "ansible-playbook: pipelining on, ControlMaster=auto, ControlPersist=60s, compression on (-C), an own ControlPath directory",
  "mitogen_linear: the same, with Mitogen's strategy",
  "what a run leaves in the background (ssh masters) is ended with it, and its processor time is the run's",
] as const;

const STRATEGIES = "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy";

export interface RunnerOptions {
  /** A directory of this run alone. */
  readonly directory: string;
  /** What follows the name of the program. */
  readonly args: readonly string[];
  /** skein's cli.js. */
  readonly cli: string;
}

/** The command that runs these arguments, in an environment that holds nothing of the caller's. */
export async function toCommand(name: RunnerName, options: RunnerOptions): Promise<Command> {
  const { directory, args, cli } = options;
  await mkdir(join(directory, "home"), { recursive: true });
  const program: Readonly<Record<RunnerName, readonly string[]>> = {
    skein: [process.execPath, cli, "playbook"],
    ansible: ["ansible-playbook"],
    mitogen: ["ansible-playbook"],
    adhoc: ["ansible"],
  };
  return {
    argv: [...program[name], ...args],
    cwd: directory,
    env: { ...cleanEnv(directory), ...(name === "mitogen" ? mitogenEnv() : {}) },
  };
}

function cleanEnv(directory: string): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: join(directory, "home"),
    LANG: "C.UTF-8",
    ANSIBLE_HOME: join(directory, "ansible"),
    ANSIBLE_LOCAL_TEMP: join(directory, "tmp"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(directory, "cp"),
    ANSIBLE_SSH_ARGS: "-C -o ControlMaster=auto -o ControlPersist=60s",
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_FORKS: "50",
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
  };
}

function mitogenEnv(): Record<string, string> {
  if (!existsSync(STRATEGIES)) {
    throw new Error(
      `Mitogen is not at ${STRATEGIES}: install it (Debian: apt-get install ansible-mitogen), or leave it out with --runners skein,ansible`,
    );
  }
  return { ANSIBLE_STRATEGY_PLUGINS: STRATEGIES, ANSIBLE_STRATEGY: "mitogen_linear" };
}
