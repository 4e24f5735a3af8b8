import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { ask } from "./ask.ts";

/** The terminal, or what stands in for it: where text goes and answers come from. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Width of banners: that of the terminal less one, at least 79. */
  readonly columns: number;
  color(forced: boolean, refused: boolean): boolean;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** Asks for a line; undefined at the end of input. @throws Error when the run is interrupted meanwhile. */
  ask(prompt: string, isPrivate: boolean, signal: AbortSignal): Promise<string | undefined>;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  return {
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    columns: Math.max(79, (process.stdout.isTTY ? process.stdout.columns : 80) - 1),
    color: (forced, refused) => forced || (!refused && process.stdout.isTTY === true),
    interactive: isatty(0),
    ask: (prompt, isPrivate, signal) =>
      ask(prompt, { private: isPrivate, signal, write: writeAll }),
  };
}

/** Writes all of it at once: what is printed must not be lost when the process ends, and order between the two must hold. */
export function writeAll(fd: number, text: string): void {
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
