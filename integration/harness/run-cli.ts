import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

export type Engine = "skein" | "ansible";

/** The program and the arguments in front of the playbook's. */
export const COMMANDS: Readonly<Record<Engine, readonly string[]>> = {
  skein: [process.execPath, join(ROOT, "dist/cli.js"), "playbook"],
  ansible: ["ansible-playbook"],
};

export interface CliOptions {
  readonly args: readonly string[];
  /** Added to a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files written into the working directory first: name → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** What standard input says; nothing by default. */
  readonly input?: string;
  /** Seconds until it is killed, which fails the test that waits for it. */
  readonly timeout?: number;
  /** Called with the process id once it runs. It leads a session of its own: `ps --sid` finds what it left behind. */
  readonly onStart?: (pid: number) => void;
  /** Called with all of standard output so far, whenever there is more of it. */
  readonly onOutput?: (stdout: string) => void;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
}

/**
 * Runs skein or ansible-playbook in an environment and a working directory of its own, which hold nothing but `files` and are
 * removed afterwards. A run that reaches its timeout is killed and ends with signal SIGKILL.
 */
export async function runCli(engine: Engine, options: CliOptions): Promise<Outcome> {
  const place = await mkdtemp(join(tmpdir(), "skein-run-"));
  try {
    const work = join(place, "work");
    await mkdir(join(place, "home"));
    await writeFiles(work, options.files ?? {});
    const [program, ...first] = COMMANDS[engine];
    return await collect(program!, [...first, ...options.args], work, options, place);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** The environment of a run: nothing of the caller's, so that nobody's settings decide a test. */
export function cleanEnv(place: string): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: join(place, "home"),
    USER: "root",
    LANG: "C.UTF-8",
    TZ: "UTC",
    ANSIBLE_HOME: join(place, "ansible"),
    ANSIBLE_LOCAL_TEMP: join(place, "tmp"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(place, "cp"),
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_RETRY_FILES_ENABLED: "0",
  };
}

export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
}

function collect(
  program: string,
  args: readonly string[],
  cwd: string,
  options: CliOptions,
  place: string,
): Promise<Outcome> {
  const begin = performance.now();
  const env = { ...cleanEnv(place), ...options.env };
  const child = spawn(program, args, { cwd, env, detached: true });
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const killer = setTimeout(kill, (options.timeout ?? 120) * 1000);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("utf8");
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    options.onOutput?.(text(stdout));
  });
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  if (child.pid !== undefined) options.onStart?.(child.pid);
  return new Promise((done, failed) => {
    child.once("error", (error) => {
      clearTimeout(killer);
      failed(error);
    });
    // Not "close": a process left behind by the run may keep the pipes open, and a test looks for that itself.
    child.once("exit", (exitCode, signal) => {
      clearTimeout(killer);
      const seconds = (performance.now() - begin) / 1000;
      setTimeout(() => {
        done({ stdout: text(stdout), stderr: text(stderr), exitCode, signal, seconds });
        child.stdout.destroy();
        child.stderr.destroy();
      }, 50);
    });
  });
}
