import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** The terminal, or what stands in for it: where text goes and secrets come from. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Width of banners: that of the terminal less one, at least 79. */
  readonly columns: number;
  color(forced: boolean, refused: boolean): boolean;
  /** Asks on standard input and gives the line. @throws Error when it has ended. */
  ask(prompt: string): string;
  /** Asks on the controlling terminal with echo off. @throws Error when there is none. */
  askSecret(prompt: string): string;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  return {
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    columns: Math.max(79, (process.stdout.isTTY ? process.stdout.columns : 80) - 1),
    color: (forced, refused) => forced || (!refused && process.stdout.isTTY === true),
    ask,
    askSecret,
  };
}

/** Writes at once: what is printed must not be lost when the process ends, and order between the two must hold. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") {
        // A pipe whose reader is slow: wait a little rather than spin.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
        continue;
      }
      if (code === "EPIPE") return;
      throw error;
    }
  }
}

function ask(prompt: string): string {
  writeAll(1, prompt);
  const line = readLine(0);
  if (line === undefined)
    throw new Error(`nobody answers (${prompt.trim()}): standard input has ended`);
  return line;
}

/** The next line, without its end; undefined at the end of the file. */
function readLine(fd: number): string | undefined {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    try {
      if (readSync(fd, one, 0, 1, null) === 0) {
        if (bytes.length === 0) return undefined;
        break;
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return undefined;
      if (code !== "EAGAIN") throw error;
      // Standard input that does not block: the answer is still to come.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      continue;
    }
    if (one[0] === 0x0a) break;
    bytes.push(one[0]!);
  }
  return Buffer.from(bytes).toString("utf8").replace(/\r$/, "");
}

function askSecret(prompt: string): string {
  let tty: number;
  try {
    tty = openSync("/dev/tty", "r+");
  } catch (cause) {
    throw new Error(
      `a password is to be asked for (${prompt.trim()}), but there is no terminal: use a password file`,
      { cause },
    );
  }
  const echo = (on: boolean): void =>
    void spawnSync("stty", [on ? "echo" : "-echo"], { stdio: [tty, "ignore", "ignore"] });
  echo(false);
  try {
    writeSync(tty, prompt);
    const bytes: number[] = [];
    const one = Buffer.alloc(1);
    while (readSync(tty, one, 0, 1, null) === 1 && one[0] !== 0x0a) bytes.push(one[0]!);
    writeSync(tty, "\n");
    return Buffer.from(bytes).toString("utf8").replace(/\r$/, "");
  } finally {
    echo(true);
    closeSync(tty);
  }
}
