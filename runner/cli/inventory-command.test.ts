import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TomlError } from "../template/library/toml-dump.ts";
import { runInventory } from "./inventory-command.ts";
import { parseInventoryOptions } from "./inventory-options.ts";
import { UsageError } from "./parse-flags.ts";

interface Row {
  readonly line: string;
  readonly hash: string;
  readonly code: number;
  readonly stdout: string;
}

const TESTDATA = join(import.meta.dirname, "testdata");
const rows = JSON.parse(readFileSync(join(TESTDATA, "inventory.json"), "utf8")) as readonly Row[];

async function run(line: string, hash: string): Promise<{ code: number; stdout: string }> {
  const parsed = parseInventoryOptions("skein inventory", line.split(" "), 80);
  if (parsed.kind === "help") throw new Error("help was shown");
  let stdout = "";
  try {
    const code = await runInventory(parsed.options, {
      env: {
        ANSIBLE_CONFIG: "/nonexistent.cfg",
        HOME: "/nonexistent",
        ANSIBLE_HASH_BEHAVIOUR: hash,
        PATH: process.env["PATH"],
      },
      cwd: join(TESTDATA, "inventory"),
      signal: new AbortController().signal,
      log: { open: () => {}, write: () => {}, flush: () => {} },
      terminal: {
        stdout: (text) => {
          stdout += text;
        },
        stderr: () => {},
        columns: 79,
        color: () => false,
        interactive: false,
        ask: () => Promise.resolve(undefined),
      },
    });
    return { code, stdout };
  } catch (error) {
    // What the main program makes of an error that is no usage error.
    if (error instanceof TomlError) return { code: 1, stdout };
    if (!(error instanceof UsageError)) throw error;
    return { code: error.exitCode, stdout };
  }
}

describe("skein inventory prints what ansible-inventory prints", () => {
  test.each(rows)("$line ($hash)", async ({ line, hash, code, stdout }) => {
    expect(await run(line, hash)).toEqual({ code, stdout });
  });
});

test.each([
  ["", "No action selected"],
  ["--list --graph", "Conflicting options used"],
])("refuses %j", async (line, message) => {
  await expect(async () => run(line, "replace")).rejects.toThrow();
  expect(() => parseInventoryOptions("skein inventory", line.split(" "), 80)).toThrow(message);
});
