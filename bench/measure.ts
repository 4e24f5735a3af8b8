import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { programFile } from "./programs.ts";

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
  /** Exit codes that are no failure; only 0 by default. */
  readonly accept?: (status: number) => boolean;
  /** Called with each piece of standard output as it comes. */
  readonly onOutput?: (chunk: Buffer) => void;
  readonly signal?: AbortSignal;
}

/** What a command cost: it and all that it started, ended processes and background ones included. */
export interface Measured {
  /** Seconds from its start to its exit. */
  readonly wall: number;
  /** Seconds of processor time, user and system. */
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  /** Page faults, those that read a disk and those that do not. */
  readonly faults: number;
  /** Context switches, wanted and unwanted. */
  readonly switches: number;
  /** Most bytes at a time, shared pages counted once. */
  readonly peakMemory: number | undefined;
  /** Processes that it left in the background, which were ended. */
  readonly left: number;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Result = Omit<Measured, "cpu" | "peakMemory" | "stdout" | "stderr"> & {
  readonly peakMemory: number | null;
};

/**
 * Runs a command to its end and measures it, by way of measure.py, which tells how.
 *
 * @throws Error when it fails, or takes too long: with the command and the end of what it said.
 */
export async function measure(command: Command, options: MeasureOptions): Promise<Measured> {
  const { directory, memory = false, timeout = 600, accept = isZero } = options;
  const file = join(directory, "measured.json");
  const wrapper = programFile("measure.py");
  const args = [wrapper, file, memory ? "1" : "0", String(timeout), ...command.argv];
  const child = spawn("/usr/bin/python3", args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const onAbort = (): void => void child.kill("SIGTERM");
  options.signal?.addEventListener("abort", onAbort);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    options.onOutput?.(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  options.signal?.removeEventListener("abort", onAbort);
  options.signal?.throwIfAborted();
  const said = Buffer.concat(stdout).toString("utf8");
  const complained = Buffer.concat(stderr).toString("utf8");
  const complain = (what: string): Error =>
    new Error(`${what}: ${command.argv.join(" ")}\n${essence(`${said}\n${complained}`)}`);
  if (code === 124) throw complain(`not finished within ${timeout} seconds`);
  if (code !== 0) throw complain(`could not be measured (${code})`);
  const result = JSON.parse(await readFile(file, "utf8")) as Result;
  if (!accept(result.status)) throw complain(`failed with ${result.status}`);
  return {
    ...result,
    cpu: result.user + result.system,
    peakMemory: result.peakMemory ?? undefined,
    stdout: said,
    stderr: complained,
  };
}

function isZero(status: number): boolean {
  return status === 0;
}

/** Lines that tell what went wrong, if there are some, else the end. */
function essence(text: string): string {
  const telling = text
    .split("\n")
    .filter((line) => /^(fatal|failed|ERROR|error|\[ERROR)/.test(line))
    .map((line) => line.slice(0, 600));
  return telling.length === 0 ? text.slice(-2000) : telling.slice(0, 5).join("\n");
}
