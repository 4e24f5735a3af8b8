import { describe, expect, it } from "vitest";
import { readCases, runCase, toRecorded, toWords } from "../harness/run-case.ts";
import { sample } from "../harness/sample.ts";

const cases = await readCases(import.meta.dirname);
const { seed, release, chosen } = sample(cases);

describe.concurrent("skein refuses", () => {
  it.for(cases)("$name: $data.title", async (one) => {
    const outcome = await runCase("skein", one);
    const words = toWords(outcome);
    expect(words).toBe(one.data.recorded?.text);
    expect(outcome.exitCode, words).toBe(one.data.recorded?.exit);
    expect(words).not.toBe("");
    expect(words).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(words.match(/^ERROR! /gm)?.length ?? 0, words).toBeLessThan(2);
  });
});

describe.concurrent(`ansible-playbook ends as recorded (SKEIN_CASES_SEED=${seed})`, () => {
  it.runIf(release).for(chosen)("$name", async (one) => {
    expect(toRecorded(await runCase("ansible", one)).exit).toBe(one.data.recorded?.exit);
  });
});
