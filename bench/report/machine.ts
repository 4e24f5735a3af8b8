import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import type { Found } from "../runners.ts";

/** Machine and versions, for the top of a report. */
export function describeMachine(found: readonly Found[]): Readonly<Record<string, string>> {
  const runners = found
    .filter(({ runner }) => runner !== "adhoc")
    .map(({ runner, version, missing }) => [runner, version ?? `not here: ${missing}`]);
  return {
    machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.versions.node}`,
    load: loadavg()
      .map((load) => load.toFixed(1))
      .join(" "),
    ...Object.fromEntries(runners),
  };
}
