import { expect, it } from "vitest";
import { exitCodeOf, type RunOutcome } from "./exit-code.ts";

const CLEAN: RunOutcome = { failed: false, unreachable: false, broken: false, quit: false };

it.each<[outcome: string, run: Partial<RunOutcome>, code: number]>([
  ["0 when no host is failed in the end", {}, 0],
  ["2 when one host failed", { failed: true }, 2],
  ["4 when one host was unreachable", { unreachable: true }, 4],
  ["4 when hosts failed and others were unreachable", { failed: true, unreachable: true }, 4],
  [
    "2 when the run was broken off, even by an unreachable host",
    { unreachable: true, broken: true },
    2,
  ],
  ["99 when the user ended it in the debugger", { failed: true, broken: true, quit: true }, 99],
])("exits with %s", (_, run, code) => {
  expect(exitCodeOf({ ...CLEAN, ...run })).toBe(code);
});
