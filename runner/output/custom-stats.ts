import type { Dict } from "../model/value.ts";
import { type DumpOptions, dumpResult } from "./dump-results.ts";
import { compareText } from "./json.ts";

/** What set_stats gathered: hosts by name, then the whole run (`v2_playbook_on_stats` of ansible/plugins/callback/default.py). */
export function* customStatsLines(
  custom: ReadonlyMap<string, Dict>,
  options: DumpOptions,
): Generator<string> {
  const dump = (stats: Dict): string => dumpResult(stats, options, 1).replaceAll("\n", "");
  const hosts = [...custom.keys()].filter((host) => host !== "").sort(compareText);
  for (const host of hosts) yield `\t${host}: ${dump(custom.get(host)!)}`;
  const run = custom.get("");
  if (run === undefined) return;
  yield "";
  yield `\tRUN: ${dump(run)}`;
}
