import { describe, expect, it } from "vitest";
import { toPlayOutput } from "../../integration/harness/compare.ts";
import { differenceText, outputDifferences, treeDifferences } from "./differences.ts";

const STARS = "*".repeat(40);
const OUTPUT = `
PLAY [web] ${STARS}

TASK [first] ${STARS}
ok: [b] => {"changed": false, "stat": {"mtime": 1.5, "size": 4}}
changed: [a] => (item=one) => {"changed": true, "start": "now", "stdout": "x"}

TASK [second] ${STARS}
skipping: [a] => {"changed": false, "skip_reason": "Conditional result was False"}

PLAY RECAP ${STARS}
a                          : ok=1    changed=1    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
b                          : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
`;

function differ(skein: string): readonly string[] {
  return outputDifferences(toPlayOutput(OUTPUT), toPlayOutput(skein)).map(
    ({ where, what }) => `${where}: ${what}`,
  );
}

describe("outputDifferences()", () => {
  it("finds none in runs that differ in times and in who answered first", () => {
    const [before, rest] = [OUTPUT.split("ok: [b]")[0]!, OUTPUT.split("TASK [second]")[1]!];
    const other = `${before}changed: [a] => (item=one) => {"changed": true, "start": "then", "stdout": "x"}
ok: [b] => {"stat": {"size": 4, "mtime": 2.5}, "changed": false}

TASK [second]${rest}`;
    expect(differ(other)).toEqual([]);
  });

  it.each([
    ["a status", ["ok: [b]", "changed: [b]"], ["TASK [first], b: status"]],
    ["a field of a result", ['"stdout": "x"', '"stdout": "y"'], ["TASK [first], a (one): stdout"]],
    ["a field within a field", ['"size": 4', '"size": 5'], ["TASK [first], b: stat.size"]],
    ["a field that is not there", [', "stdout": "x"', ""], ["TASK [first], a (one): stdout"]],
    ["a recap", ["skipped=1", "skipped=2"], ["PLAY RECAP: a"]],
    [
      "a host that did not answer",
      ["ok: [b] =>", "ok: [c] =>"],
      ["TASK [first], b: result", "TASK [first], c: result"],
    ],
    [
      "the order of tasks",
      ["TASK [second]", "TASK [third]"],
      ["after TASK [first]: what comes next"],
    ],
  ] as const)("finds %s", (_, [from, to], expected) => {
    expect(OUTPUT).toContain(from);
    expect(differ(OUTPUT.replace(from, to))).toEqual(expected);
  });
});

describe("treeDifferences()", () => {
  it("names each path with what each of them left there", () => {
    const found = treeDifferences(
      "web1",
      { "/a": "f 644 x", "/b": "d 755" },
      { "/a": "f 600 x", "/b": "d 755", "/c": "f" },
    );
    expect(found.map(differenceText)).toEqual([
      "the target web1: /a\n  ansible: f 644 x\n  skein:   f 600 x",
      "the target web1: /c\n  ansible: not there, or as before\n  skein:   f",
    ]);
  });
});
