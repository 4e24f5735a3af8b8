import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readCases, runCase, toRecorded } from "../harness/run-case.ts";

const cases = await readCases(import.meta.dirname);

/** One case in ten is run by ansible-playbook again, so that nobody's record can be wrong for long. */
const SHARE = 10;
const seed = Number(process.env["SKEIN_CASES_SEED"] ?? Date.now() % 100_000);

/** The release that the records were made with. */
const RELEASE = "core 2.14.";

describe.concurrent("skein", () => {
  it.for(cases)("$name: $data.title", async (one) => {
    const outcome = await runCase("skein", one);
    const { exit, text } = toRecorded(outcome);
    expect(text, outcome.stderr).toBe(one.data.recorded?.text);
    expect(exit, outcome.stderr).toBe(one.data.recorded?.exit);
  });
});

describe.concurrent(`ansible-playbook says what was recorded (SKEIN_CASES_SEED=${seed})`, () => {
  const version = spawnSync("ansible-playbook", ["--version"], { encoding: "utf8" }).stdout ?? "";
  it.runIf(version.includes(RELEASE)).for(sample(seed))("$name", async (one) => {
    expect(toRecorded(await runCase("ansible", one))).toEqual(one.data.recorded);
  });
});

/** Every tenth case of an order that the seed makes. */
function sample(from: number) {
  let state = from;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  const keyed = cases.map((one) => ({ one, key: next() }));
  keyed.sort((a, b) => a.key - b.key);
  return keyed.slice(0, Math.ceil(cases.length / SHARE)).map(({ one }) => one);
}
