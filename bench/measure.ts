import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = process.cwd();

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface MeasureOptions {
  /** A directory for the run's own files. */
  readonly directory: string;
  /** Whether to sample memory, which costs the run a little. */
  readonly memory?: boolean;
  /** Seconds; the run is ended and fails when they are over. */
  readonly timeout?: number;
}

/** What a command cost: it and all that it started, ended processes and background ones included. */
export interface Measured {
  /** Seconds from its start to its exit. */
  readonly wall: number;
  /** Seconds of processor time, user and system. */
  readonly cpu: number;
  /** Most bytes at a time, shared pages counted once. */
  readonly peakMemory: number | undefined;
  /** Processes that it left in the background, which were ended. */
  readonly left: number;
  readonly stdout: string;
}

interface Result {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMemory: number | null;
  readonly status: number;
  readonly left: number;
}

/**
 * Runs a command to its end and measures it, by way of measure.py, which tells how.
 *
 * @throws Error when it fails, or takes too long: with the command and the end of what it said.
 */
export async function measure(command: Command, options: MeasureOptions): Promise<Measured> {
  const { directory, memory = false, timeout = 600 } = options;
  const file = join(directory, "measured.json");
  const wrapper = join(ROOT, "bench/measure.py");
  const args = [wrapper, file, memory ? "1" : "0", String(timeout), ...command.argv];
  const child = spawn("/usr/bin/python3", args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  const said = Buffer.concat(stdout).toString("utf8");
  const complain = (what: string): Error =>
    new Error(
      `${what}: ${command.argv.join(" ")}\n${`${said}${Buffer.concat(stderr).toString("utf8")}`.slice(-2000)}`,
    );
  if (code === 124) throw complain(`not finished within ${timeout} seconds`);
  if (code !== 0) throw complain(`could not be measured (${code})`);
  const result = JSON.parse(await readFile(file, "utf8")) as Result;
  if (result.status !== 0) throw complain(`failed with ${result.status}`);
  return {
    wall: result.wall,
    cpu: result.cpu,
    peakMemory: result.peakMemory ?? undefined,
    left: result.left,
    stdout: said,
  };
}
