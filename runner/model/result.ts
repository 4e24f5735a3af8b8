export type Status = "ok" | "changed" | "failed" | "skipped" | "unreachable";

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
