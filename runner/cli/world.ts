import type { LogFile } from "./log-file.ts";
import type { Terminal } from "./terminal.ts";

/** The outside world of a run. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
  /** Opened when settings name one. */
  readonly log: LogFile;
  readonly signal: AbortSignal;
}
