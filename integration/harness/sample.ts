import { spawnSync } from "node:child_process";

/** The release that the records were made with. */
const RELEASE = "core 2.14.";

/** One case in so many is run by ansible-playbook again, so that nobody's record can be wrong for long. */
const SHARE = 10;

export interface Sample<T> {
  /** What decides the choice: print it, so that the same choice can be made again. */
  readonly seed: number;
  /** Whether the ansible-playbook that is installed is the one that was recorded. */
  readonly release: boolean;
  readonly chosen: readonly T[];
}

/** A tenth of all cases, another one each time unless SKEIN_CASES_SEED says which. */
export function sample<T>(cases: readonly T[]): Sample<T> {
  const seed = Number(process.env["SKEIN_CASES_SEED"] ?? Date.now() % 100_000);
  const version = spawnSync("ansible-playbook", ["--version"], { encoding: "utf8" }).stdout ?? "";
  let state = seed;
  const keyed = cases.map((one) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { one, key: state };
  });
  keyed.sort((a, b) => a.key - b.key);
  return {
    seed,
    release: version.includes(RELEASE),
    chosen: keyed.slice(0, Math.ceil(cases.length / SHARE)).map(({ one }) => one),
  };
}
