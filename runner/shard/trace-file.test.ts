import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openTraceFile } from "./trace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "trace-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("events are lines of JSON behind what is there, for nobody else to read, until the file is closed", () => {
  const path = join(folder, "trace");
  for (const attempt of [1, 2]) {
    const { trace, close } = openTraceFile(path);
    trace?.({ kind: "connect", link: "h", attempt });
    close();
    trace?.({ kind: "connect", link: "late", attempt });
  }
  const stamp = { time: expect.any(String), thread: expect.any(Number) };
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { kind: "connect", link: "h", attempt: 1, ...stamp },
    { kind: "connect", link: "h", attempt: 2, ...stamp },
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("without a file nobody listens", () => {
  expect(openTraceFile(undefined).trace).toBeUndefined();
});

test("a file that cannot be written is an error", () => {
  expect(() => openTraceFile(join(folder, "no", "trace"))).toThrow("ENOENT");
});
