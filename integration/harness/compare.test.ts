import { describe, expect, it } from "vitest";
import { toMaskedText, toPlayOutput, toStatuses } from "./compare.ts";

const OUTPUT = `
PLAY [web] *********************************************************************

TASK [first] *******************************************************************
ok: [b]
changed: [a] => (item=one) => {"start": "now", "stdout": "x"}
--- before
+++ after
@@ -1 +1 @@
-old
+new

changed: [a -> c] => (item=two)
fatal: [d]: UNREACHABLE! => {"msg": "no"}

TASK [second] ******************************************************************
FAILED - RETRYING: [a]: second (2 retries left).
fatal: [a]: FAILED! => {"msg": "bad"}
...ignoring
ok: [b] => {
    "msg": "shown"
}
included: /somewhere/tasks.yml for b, a

PLAY RECAP *********************************************************************
a                          : ok=2    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=1   
`;

describe("toStatuses()", () => {
  it("gives one line per task, host and item, whoever answered first", () => {
    expect(toStatuses(toPlayOutput(OUTPUT))).toEqual([
      "PLAY [web]",
      "TASK [first]",
      "  a (one): changed",
      "  a -> c (two): changed",
      "  b: ok",
      "  d: fatal: UNREACHABLE",
      "TASK [second]",
      "   (tasks.yml for a, b): included",
      "  a: fatal: FAILED ignored",
      "  a: retrying",
      "  b: ok",
      "PLAY RECAP",
    ]);
  });
});

describe("toPlayOutput()", () => {
  const { sections, recap } = toPlayOutput(OUTPUT);

  it("reads the recap as numbers", () => {
    expect(recap["a"]).toMatchObject({ ok: 2, changed: 1, ignored: 1 });
  });

  it("gives a diff to the result below it, and other lines to the result above", () => {
    const texts = sections.flatMap(({ entries }) => entries.map(({ text }) => text));
    expect(texts).toContain(
      "--- before\n+++ after\n@@ -1 +1 @@\n-old\n+new\nchanged: [a -> c] => (item=two)",
    );
    expect(texts).toContain('ok: [b] => {\n    "msg": "shown"\n}');
  });
});

describe("toMaskedText()", () => {
  it("is the same for runs that differ in times and in who answered first", () => {
    const other = OUTPUT.replace("for b, a", "for a, b")
      .replace('"now"', '"then"')
      .replace("\nok: [b]\n", "\n")
      .replace("\nfatal: [d]", "\nok: [b]\nfatal: [d]");
    expect(other).not.toBe(OUTPUT);
    expect(toMaskedText(toPlayOutput(other))).toBe(toMaskedText(toPlayOutput(OUTPUT)));
  });

  it("differs where a status does", () => {
    const other = toPlayOutput(OUTPUT.replace("ok: [b]", "changed: [b]"));
    expect(toMaskedText(other)).not.toBe(toMaskedText(toPlayOutput(OUTPUT)));
  });
});
