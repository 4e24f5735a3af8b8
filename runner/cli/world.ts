import type { Terminal } from "./terminal.ts";

/** The outside world of a run. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}
