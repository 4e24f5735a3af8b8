import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseKeyValues, SplitError, splitArgs } from "./splitter.ts";
import { plainValue } from "./testdata/plain-value.ts";

interface Row {
  readonly text: string;
  readonly words?: string[];
  readonly plain?: unknown;
  readonly free?: unknown;
  readonly error?: string;
}
const ROWS = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata/expected-splits.json"), "utf8"),
) as Row[];

describe("arguments in one line", () => {
  const good = ROWS.filter((row) => row.error === undefined);
  it.each(good.map((row) => [JSON.stringify(row.text), row] as const))(
    "split as Ansible splits them: %s",
    (_title, row) => {
      expect(splitArgs(row.text)).toEqual(row.words);
      expect(plainValue(parseKeyValues(row.text))).toEqual(row.plain);
      expect(plainValue(parseKeyValues(row.text, true))).toEqual(row.free);
    },
  );

  const bad = ROWS.filter((row) => row.error !== undefined);
  it.each(bad.map((row) => [JSON.stringify(row.text), row] as const))(
    "are refused as by Ansible: %s",
    (_title, row) => {
      expect(() => parseKeyValues(row.text)).toThrow(SplitError);
      if (row.error?.startsWith("failed"))
        expect(() => parseKeyValues(row.text)).toThrow(row.error);
    },
  );
});
