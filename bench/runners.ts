import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Command } from "./measure.ts";

const run = promisify(execFile);

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
  "targets: an sshd of this run, without start-up files of an account; where a play changes anything, in a copy of this machine that is new for every run",
  "ansible-playbook: pipelining on, ControlMaster=auto, ControlPersist=60s, compression on (-C), an own ControlPath directory",
  "mitogen_linear: the same, with Mitogen's strategy",
  "what a run leaves in the background (ssh masters) is ended with it, and its processor time is the run's",
] as const;

/** Where Debian's package has Mitogen's package for Ansible. */
export const DEBIAN_MITOGEN = "/usr/lib/python3/dist-packages";

export interface RunnerOptions {
  /** A directory of this run alone. */
  readonly directory: string;
  /** What follows the name of the program. */
  readonly args: readonly string[];
  /** skein's cli.js. */
  readonly cli: string;
  /** The directory that has `ansible_mitogen` in it. */
  readonly mitogen: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The command that runs these arguments, in an environment that holds nothing of the caller's. */
export async function toCommand(name: RunnerName, options: RunnerOptions): Promise<Command> {
  const { directory, args, cli, mitogen, env = {} } = options;
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
    env: { ...cleanEnv(directory), ...env, ...(name === "mitogen" ? mitogenEnv(mitogen) : {}) },
  };
}

/** What is here to run playbooks with. */
export interface Found {
  readonly runner: RunnerName;
  /** Undefined when it is not here; then `missing` says what to do. */
  readonly version: string | undefined;
  readonly missing?: string;
}

/** Looks for each of them, and asks it for its version. */
export async function findRunners(cli: string, mitogen: string): Promise<readonly Found[]> {
  return [
    await findProgram("skein", [process.execPath, cli, "--version"], "build it: npm run build"),
    await findProgram("ansible", ["ansible-playbook", "--version"], "install ansible-core"),
    await findProgram("adhoc", ["ansible", "--version"], "install ansible-core"),
    await findMitogen(mitogen),
  ];
}

async function findProgram(
  runner: RunnerName,
  argv: readonly string[],
  advice: string,
): Promise<Found> {
  try {
    const { stdout } = await run(argv[0]!, argv.slice(1), { timeout: 30_000 });
    return { runner, version: stdout.split("\n")[0]!.trim() };
  } catch {
    return { runner, version: undefined, missing: `${argv[0]} does not run: ${advice}` };
  }
}

async function findMitogen(directory: string): Promise<Found> {
  if (!existsSync(strategies(directory))) {
    const missing = `no ansible_mitogen in ${directory}: apt-get install ansible-mitogen, or give a checkout with --mitogen DIR`;
    return { runner: "mitogen", version: undefined, missing };
  }
  const source = await readFile(join(directory, "mitogen/__init__.py"), "utf8").catch(() => "");
  const version = /^__version__ = \(([^)]*)\)/m.exec(source)?.[1] ?? "unknown";
  const text = version.replaceAll(/[\s']/g, "").replaceAll(",", ".");
  return { runner: "mitogen", version: `Mitogen ${text}` };
}

function cleanEnv(directory: string): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: join(directory, "home"),
    LANG: "C.UTF-8",
    ANSIBLE_HOME: join(directory, "ansible"),
    ANSIBLE_LOCAL_TEMP: join(directory, "tmp"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(directory, "cp"),
    ...tunedEnv(),
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
  };
}

/** Ansible as its users tune it. */
export function tunedEnv(): Record<string, string> {
  return {
    ANSIBLE_SSH_ARGS: "-C -o ControlMaster=auto -o ControlPersist=60s",
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_FORKS: "50",
  };
}

function strategies(directory: string): string {
  return join(directory, "ansible_mitogen/plugins/strategy");
}

function mitogenEnv(directory: string): Record<string, string> {
  return { ANSIBLE_STRATEGY_PLUGINS: strategies(directory), ANSIBLE_STRATEGY: "mitogen_linear" };
}
