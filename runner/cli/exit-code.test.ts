import { expect, it } from "vitest";
import type { HostStats } from "../model/result.ts";
import { exitCodeOf } from "./exit-code.ts";

const CLEAN: HostStats = {
  ok: 1,
  changed: 0,
  unreachable: 0,
  failures: 0,
  skipped: 0,
  rescued: 1,
  ignored: 1,
};

it.each<[outcome: string, hosts: Partial<HostStats>[], broken: boolean, code: number]>([
  ["0 when rescued and ignored failures are all there is", [{}, {}], false, 0],
  ["0 without hosts", [], false, 0],
  ["2 when one host failed", [{}, { failures: 1 }], false, 2],
  ["4 when one host was unreachable", [{}, { unreachable: 1 }], false, 4],
  [
    "4 when hosts failed and others were unreachable",
    [{ failures: 1 }, { unreachable: 1 }],
    false,
    4,
  ],
  ["2 when the run was broken off, even by an unreachable host", [{ unreachable: 1 }], true, 2],
])("exits with %s", (_, hosts, broken, code) => {
  const stats = new Map(hosts.map((host, index) => [`host${index}`, { ...CLEAN, ...host }]));
  expect(exitCodeOf({ hosts: stats, broken })).toBe(code);
});
