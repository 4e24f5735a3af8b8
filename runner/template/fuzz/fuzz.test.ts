import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Answer, type Row, TESTDATA } from "./answer.ts";
import { compareAnswers } from "./compare.ts";
import type { ENCODED } from "./data.ts";
import { fuzz } from "./fuzz.ts";
import { generateRow } from "./generate.ts";
import { hasJudge, type Judge, startJudge } from "./judge.ts";
import { createRandom } from "./random.ts";

const SECONDS = 60_000;

describe("the fuzzer", () => {
  it("makes the same rows from the same seed", () => {
    const rows = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => generateRow(random));
    };
    expect(rows(7)).toEqual(rows(7));
    expect(rows(7)).not.toEqual(rows(8));
  });

  it("tells a value from another, and a deliberate message from another", () => {
    const row: Row = { template: "{{ n }}" };
    const kinds = (ours: Answer, theirs: Answer) => compareAnswers(row, ours, theirs).kind;
    expect(kinds({ value: 1 }, { value: 1 })).toBe("same");
    expect(kinds({ value: 1 }, { value: "1" })).toBe("different");
    expect(kinds({ value: 1 }, { error: "TypeError", message: "no" })).toBe("different");
    expect(kinds({ message: "a" }, { error: "AnsibleFilterError", message: "b" })).toBe(
      "different",
    );
    expect(kinds({ message: "a" }, { error: "TypeError", message: "b" })).toBe("explained");
  });

  it.each<[string, Answer, Answer]>([
    ["{{ e }}", { value: "a" }, { value: "b" }],
    ["{{ s | e }}", { value: "a" }, { value: "b" }],
    ["{{ s is exists }}", { value: true }, { value: false }],
    ["{{ 1 if false }}", { message: "no" }, { value: "" }],
    ["{{ s | string }}", { value: [1] }, { value: "[2]" }],
    ["{{ lookup('env', 'HOME') + s }}", { value: "a" }, { value: "b" }],
    ["{{ s | type_debug }}", { value: "int" }, { value: "NativeJinjaText" }],
    ["{{ [l, l] | to_yaml }}", { value: "[1]" }, { value: "[&id001 [2], *id001]" }],
    ["{{ l | union(le) }}", { value: [1] }, { value: [2] }],
    ["{% if 900 is sameas 900 %}a{% else %}b{% endif %}", { value: "a" }, { value: "c" }],
    [
      "{{ 0 | nofilter }}",
      { message: `Could not load "a": 'a'` },
      { error: "AnsibleFilterError", message: 'no "b"' },
    ],
    [
      "{{ a b }}",
      { message: "no" },
      { error: "AnsibleError", message: "template error while templating string: no" },
    ],
  ])("does not take %s for explained by its words alone", (template, ours, theirs) => {
    expect(compareAnswers({ template }, ours, theirs).kind).toBe("different");
  });

  it.each<[string, Answer, Answer]>([
    ["{{ s | e }}", { value: "&amp;lt;" }, { value: "&lt;" }],
    ["{{ s | string }}", { value: [1] }, { value: "[1]" }],
    ["{{ s | string | type_debug }}", { value: "str" }, { value: "NativeJinjaText" }],
    ["{{ [l, l] | to_yaml }}", { value: "[[2], [2]]\n" }, { value: "[&id001 [2], *id001]\n" }],
    ["{{ l | union(le) }}", { value: [1, 2] }, { value: [2, 1] }],
    ["{{ lookup('env', 'HOME') }}", { message: "no" }, { value: "NotImplemented" }],
    ["{% if 900 is sameas 900 %}a{% else %}b{% endif %}", { value: "a" }, { value: "b" }],
  ])("knows why %s may differ", (template, ours, theirs) => {
    expect(compareAnswers({ template }, ours, theirs).kind).toBe("explained");
  });

  it("reports what a judge answers otherwise", async () => {
    const judge: Judge = {
      version: "0",
      ask: async (_vars, rows) => rows.map(() => ({ value: "never" })),
      [Symbol.asyncDispose]: async () => {},
    };
    const report = await fuzz({ judge, count: 20, seed: 1 });
    expect(report.values).toBe(20);
    expect(report.differences.length).toBeGreaterThan(10);
  });
});

// These ask the Ansible that is installed; where there is none, the rows written down must do.
describe.skipIf(!hasJudge())("beside the installed Ansible", () => {
  it(
    "1,500 random templates answer alike",
    async () => {
      await using judge = await startJudge();
      const report = await fuzz({ judge, count: 1500, seed: 2024 });
      expect(report.differences).toEqual([]);
      expect(report.values).toBeGreaterThan(750);
    },
    SECONDS,
  );

  it(
    "a random tenth of the rows is still answered as it was written down",
    async () => {
      const seed = Number(process.env["SKEIN_ROWS_SEED"] ?? Date.now() % 1_000_000);
      const random = createRandom(seed);
      await using judge = await startJudge();
      for (const file of readdirSync(join(TESTDATA, "expected"))) {
        const table = JSON.parse(readFileSync(join(TESTDATA, "expected", file), "utf8")) as {
          vars: typeof ENCODED;
          rows: (Row & Answer)[];
        };
        const rows = table.rows.filter(() => random.once(10));
        const answers = await judge.ask(table.vars, rows);
        const again = rows.map((row, index) => ({ ...question(row), ...answers[index] }));
        expect(again, `${file}, SKEIN_ROWS_SEED=${seed}`).toEqual(rows);
      }
    },
    SECONDS,
  );
});

function question({ value: _value, error: _error, message: _message, ...row }: Row & Answer): Row {
  return row;
}
