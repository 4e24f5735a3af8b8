import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** The terminal, or what stands in for it: where text goes and secrets come from. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Width of banners: that of the terminal less one, at least 79. */
  readonly columns: number;
  color(forced: boolean, refused: boolean): boolean;
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
