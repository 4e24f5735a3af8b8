import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  answerRow,
  decode,
  type Row,
  TESTDATA,
  type Variables,
} from "./fuzz/answer.ts";

/** What testdata/make_rows.py wrote: rows with what the real Ansible made of them. */
interface Table {
  readonly vars: unknown;
  readonly rows: readonly (Row & Answer)[];
}

for (const file of readdirSync(join(TESTDATA, "expected"))) {
  const table = JSON.parse(readFileSync(join(TESTDATA, "expected", file), "utf8")) as Table;
  const variables = decode(table.vars) as Variables;
  describe(`templates answer as Ansible does: ${file.replace(".json", "")}`, () => {
    it.each(table.rows.map((row, index) => [title(row), index] as const))("%s", (_title, index) => {
      const row = table.rows[index]!;
      const expected = row.error === undefined ? { value: row.value } : { message: row.message };
      expect(answerRow(row, variables)).toEqual(expected);
    });
  });
}

function title(row: Row): string {
  return (
    JSON.stringify(row.template ?? row.file ?? { when: row.when }) +
    (row.native === true ? " (native)" : "")
  );
}
