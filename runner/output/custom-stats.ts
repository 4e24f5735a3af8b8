import type { Dict } from "../model/value.ts";
import { compareText, toJson } from "./json.ts";

/** What set_stats gathered: hosts by name, then the whole run (`v2_playbook_on_stats` of ansible/plugins/callback/default.py). */
export function* customStatsLines(custom: ReadonlyMap<string, Dict>): Generator<string> {
  const hosts = [...custom.keys()].filter((host) => host !== "").sort(compareText);
  for (const host of hosts) yield `\t${host}: ${dump(custom.get(host)!)}`;
  const run = custom.get("");
  if (run === undefined) return;
  yield "";
  yield `\tRUN: ${dump(run)}`;
}

function dump(stats: Dict): string {
  return toJson(stats, { indent: 1, hideInternal: true, ascii: false }).replaceAll("\n", "");
}
