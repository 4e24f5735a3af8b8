import { spawnSync } from "node:child_process";
import { read, readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** A terminal whose keys are read one by one. */
export interface Keys {
  /** The next byte, or undefined when a tenth of a second brought none. */
  next(): Promise<number | undefined>;
}

export interface KeysOptions {
  /** Whether the terminal itself shows what is typed. */
  readonly echo: boolean;
  /** Whether Ctrl-C is a signal (else it is the byte 3). */
  readonly signals: boolean;
}

/** Lends the keys of a terminal out and puts its settings back afterwards, whatever happens. */
export async function withKeys<T>(
  fd: number,
  options: KeysOptions,
  use: (keys: Keys) => Promise<T>,
): Promise<T> {
  const saved = stty(fd, ["-g"]).trim();
  const flag = (name: string, on: boolean): string => (on ? name : `-${name}`);
  // Reads end by themselves after a tenth of a second: nothing is left that would swallow a later key.
  const raw = ["-icanon", "-icrnl", "-iexten", "min", "0", "time", "1"];
  stty(fd, [...raw, flag("echo", options.echo), flag("isig", options.signals)]);
  const waiting: number[] = [];
  const buffer = Buffer.alloc(256);
  try {
    return await use({
      async next() {
        if (waiting.length === 0) waiting.push(...(await readSome(fd, buffer)));
        return waiting.shift();
      },
    });
  } finally {
    stty(fd, [saved]);
  }
}

/** Whether a descriptor is a terminal that this process may read: one in the background would be stopped. */
export function isInteractive(fd: number): boolean {
  if (!isatty(fd)) return false;
  try {
    const fields = readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

function stty(fd: number, args: readonly string[]): string {
  const done = spawnSync("stty", args, { stdio: [fd, "pipe", "ignore"], encoding: "utf8" });
  return done.stdout ?? "";
}

function readSome(fd: number, buffer: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, count) => {
      if (error === null) resolve(Buffer.from(buffer.subarray(0, count)));
      else if (error.code === "EAGAIN" || error.code === "EINTR") resolve(Buffer.alloc(0));
      else reject(error);
    });
  });
}
