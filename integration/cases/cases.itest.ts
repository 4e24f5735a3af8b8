import { describe, expect, it } from "vitest";
import { readCases, runCase, toRecorded } from "../harness/run-case.ts";
import { sample } from "../harness/sample.ts";

const cases = await readCases(import.meta.dirname);
const { seed, release, chosen } = sample(cases);

describe.concurrent("skein", () => {
  it.for(cases)("$name: $data.title", async (one) => {
    const outcome = await runCase("skein", one);
    const { exit, text } = toRecorded(outcome);
    expect(text, outcome.stderr).toBe(one.data.recorded?.text);
    expect(exit, outcome.stderr).toBe(one.data.recorded?.exit);
  });
});

describe.concurrent(`ansible-playbook says what was recorded (SKEIN_CASES_SEED=${seed})`, () => {
  it.runIf(release).for(chosen)("$name", async (one) => {
    expect(toRecorded(await runCase("ansible", one))).toEqual(one.data.recorded);
  });
});
