import { closeSync, constants, openSync } from "node:fs";
import { userInfo } from "node:os";
import { writeAll } from "./terminal.ts";

/** The file of `log_path`: what is shown, a line with the time and the user before each message. */
export interface LogFile {
  /** Begins to log. A file that cannot be written is warned of, and nothing is logged. */
  open(path: string): void;
  /** Takes a message. Before the file is open, and without one, it is dropped. */
  write(message: string): void;
  /** Writes what is held back. */
  flush(): void;
}

export interface LogFileOptions {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears what is wrong, as finished text. */
  readonly stderr: (text: string) => void;
  readonly now?: () => Date;
}

/** Characters that are held back before they are written, and for how many milliseconds. */
const BATCH = 64 * 1024;
const DELAY = 100;

/**
 * Logs as Ansible does (`ansible/utils/display.py`): messages keep their inner line ends and lose those they begin with. They are
 * written in batches, so that a chatty run does not wait for the disk; the owner flushes when the process ends.
 */
export function createLogFile(options: LogFileOptions): LogFile {
  const { stderr, now = () => new Date() } = options;
  let file: number | undefined;
  let user = "";
  let held = "";
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === "" || file === undefined) return;
    const text = held;
    held = "";
    try {
      writeAll(file, text);
    } catch (error) {
      closeSync(file);
      file = undefined;
      stderr(`[WARNING]: the log ends here, it cannot be written: ${(error as Error).message}\n`);
    }
  }

  return {
    open(path) {
      if (file !== undefined) return;
      try {
        file = openSync(path, FLAGS, 0o666);
        user = userName(options.env);
      } catch {
        stderr(
          `[WARNING]: log file at ${path} is not writeable and we cannot create it, aborting\n\n`,
        );
      }
    },
    write(message) {
      if (file === undefined) return;
      const text = message.replace(/^\n+/, "");
      held += `${timeText(now())} p=${options.pid} u=${user} n=ansible | ${text}\n`;
      if (held.length >= BATCH) flush();
      else timer ??= setTimeout(flush, DELAY).unref();
    },
    flush,
  };
}

/** Not blocking: a pipe that nobody reads is refused rather than waited for. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Who runs it: by the environment, as Python's `getpass.getuser` finds it, or by the account. */
function userName(env: LogFileOptions["env"]): string {
  for (const name of ["LOGNAME", "USER", "LNAME", "USERNAME"]) if (env[name]) return env[name];
  try {
    return userInfo().username;
  } catch {
    return `uid=${process.getuid?.() ?? ""}`;
  }
}

/** `2026-01-31 23:59:59,042`, in local time. */
function timeText(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, "0")}`;
}
