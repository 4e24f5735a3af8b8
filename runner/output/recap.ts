import type { HostStats } from "../model/result.ts";
import type { ColorUse, Paint } from "./color.ts";
import { compareText } from "./json.ts";

/** The recap's lines, on the screen and in the log, by host name (`v2_playbook_on_stats` of ansible/plugins/callback/default.py). */
export function recapLines(
  hosts: ReadonlyMap<string, HostStats>,
  paint: Paint,
  color: boolean,
): { readonly shown: string; readonly logged: string }[] {
  return [...hosts.entries()]
    .sort(([a], [b]) => compareText(a, b))
    .map(([host, stats]) => ({
      shown: `${hostColumn(host, stats, paint, color)} : ${counts(stats, paint)}`,
      logged: `${hostColumn(host, stats, plain, false)} : ${counts(stats, plain)}`,
    }));
}

const plain: Paint = (text) => text;

/** The width includes the colour codes, as it does in Ansible. */
function hostColumn(host: string, stats: HostStats, paint: Paint, color: boolean): string {
  return padRight(paint(host, hostColor(stats)), color ? 37 : 26);
}

function hostColor(stats: HostStats): ColorUse {
  if (stats.failures !== 0 || stats.unreachable !== 0) return "ERROR";
  return stats.changed !== 0 ? "CHANGED" : "OK";
}

function counts(stats: HostStats, paint: Paint): string {
  return COLUMNS.map(([label, key, use]) => {
    const text = `${label}=${String(stats[key]).padEnd(4)}`;
    return stats[key] === 0 ? text : paint(text, use);
  }).join(" ");
}

/** Pads by characters as Python counts them. */
function padRight(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - Array.from(text).length));
}

const COLUMNS: readonly (readonly [label: string, key: keyof HostStats, use: ColorUse])[] = [
  ["ok", "ok", "OK"],
  ["changed", "changed", "CHANGED"],
  ["unreachable", "unreachable", "UNREACHABLE"],
  ["failed", "failures", "ERROR"],
  ["skipped", "skipped", "SKIP"],
  ["rescued", "rescued", "OK"],
  ["ignored", "ignored", "WARN"],
];
