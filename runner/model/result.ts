import type { Dict } from "./value.ts";

export type Status = "ok" | "changed" | "failed" | "skipped" | "unreachable";

/** The outcome of a task, or of one loop item, on one host. */
export interface TaskResult {
  readonly status: Status;
  /** What the module or action returned, keys that start with `_ansible_` included; register sees it cleaned. */
  readonly data: Dict;
}

/** Counts of the recap for one host. */
export interface HostStats {
  ok: number;
  changed: number;
  unreachable: number;
  failures: number;
  skipped: number;
  rescued: number;
  ignored: number;
}
