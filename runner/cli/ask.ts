import { closeSync, openSync, readSync } from "node:fs";
import { isInteractive, type Keys, withKeys } from "./keys.ts";

export interface AskOptions {
  /** Shows nothing of what is typed, and asks on the controlling terminal even when the standard streams are files. */
  readonly private: boolean;
  readonly signal: AbortSignal;
  /** Writes to a descriptor, at once. */
  readonly write: (fd: number, text: string) => void;
}

/**
 * Asks for a line as Python's `getpass` and `input` do. Without a terminal the line is read from standard
 * input, with a warning where it would not have been shown.
 *
 * @returns undefined at the end of input (Ctrl-D).
 * @throws Error when the run is interrupted meanwhile.
 */
export async function ask(prompt: string, options: AskOptions): Promise<string | undefined> {
  const { write } = options;
  const tty = options.private ? openTerminal() : undefined;
  try {
    if (tty !== undefined) {
      return await withKeys(tty, { echo: false, signals: true }, (keys) => {
        // Who answers a prompt as soon as it stands there must not be echoed.
        write(tty, prompt);
        return line(keys, options.signal, (text) => write(tty, text === "\n" ? text : ""));
      });
    }
    if (!isInteractive(0)) {
      if (options.private) write(2, "Warning: Password input may be echoed.\n");
      write(options.private ? 2 : 1, prompt);
      return plainLine();
    }
    return await withKeys(0, { echo: false, signals: true }, (keys) => {
      write(1, prompt);
      return line(keys, options.signal, (text) =>
        write(1, options.private && text !== "\n" ? "" : text),
      );
    });
  } finally {
    if (tty !== undefined) closeSync(tty);
  }
}

function openTerminal(): number | undefined {
  try {
    return openSync("/dev/tty", "r+");
  } catch {
    return undefined;
  }
}

const END = 0x04;
const BACKSPACES: ReadonlySet<number> = new Set([0x08, 0x7f]);
const KILL = 0x15;
const ENTER: ReadonlySet<number> = new Set([0x0a, 0x0d]);
/** More than anybody types. */
const LINE_LIMIT = 64 * 1024;

/** Edits a line; `show` gets what is to be seen of it. */
async function line(
  keys: Keys,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<string | undefined> {
  let typed: number[] = [];
  for (;;) {
    if (signal.aborted) throw new Error("interrupted while asking");
    const key = await keys.next();
    if (key === undefined) continue;
    if (ENTER.has(key)) {
      show("\n");
      return Buffer.from(typed).toString("utf8");
    }
    if (key === END && typed.length === 0) {
      show("\n");
      return undefined;
    }
    if (key === KILL) {
      show("\b \b".repeat([...Buffer.from(typed).toString("utf8")].length));
      typed = [];
    } else if (BACKSPACES.has(key)) {
      if (typed.length > 0) show("\b \b");
      // A character may be several bytes: all but its first one start with the bits 10.
      while (typed.length > 0 && (typed.pop()! & 0xc0) === 0x80);
    } else if (typed.length < LINE_LIMIT) {
      typed.push(key);
      if (isWhole(typed)) show(Buffer.from(lastCharacter(typed)).toString("utf8"));
    }
  }
}

/** Whether the last character has all its bytes. */
function isWhole(bytes: readonly number[]): boolean {
  const last = lastCharacter(bytes);
  const first = last[0] ?? 0;
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return last.length >= length;
}

function lastCharacter(bytes: readonly number[]): readonly number[] {
  let start = bytes.length - 1;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return bytes.slice(start);
}

/** A line of a pipe or file, no byte more: the rest is for the next question. */
function plainLine(): string | undefined {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    const count = readSync(0, one, 0, 1, null);
    if (count === 0) return bytes.length === 0 ? undefined : Buffer.from(bytes).toString("utf8");
    if (one[0] === 0x0a) return Buffer.from(bytes).toString("utf8").replace(/\r$/, "");
    if (bytes.length < LINE_LIMIT) bytes.push(one[0]!);
  }
}
