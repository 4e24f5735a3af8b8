import { expect, it } from "vitest";
import { exitCodeOf } from "./exit-code.ts";

it.each<[outcome: string, failed: boolean, unreachable: boolean, broken: boolean, code: number]>([
  ["0 when no host is out", false, false, false, 0],
  ["2 when a host failed", true, false, false, 2],
  ["4 when a host was unreachable", false, true, false, 4],
  ["4 when hosts failed and others were unreachable", true, true, false, 4],
  ["2 when the run was broken off, even by an unreachable host", false, true, true, 2],
])("exits with %s", (_, failed, unreachable, broken, code) => {
  expect(exitCodeOf({ failed, unreachable, broken })).toBe(code);
});
