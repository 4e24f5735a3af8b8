import { type Answer, answerRow, type Row } from "./answer.ts";
import { compareAnswers } from "./compare.ts";
import { ENCODED, VARIABLES } from "./data.ts";
import type { Difference } from "./explained.ts";
import { generateRow } from "./generate.ts";
import type { Judge } from "./judge.ts";
import { createRandom } from "./random.ts";

export interface FuzzOptions {
  readonly judge: Judge;
  readonly count: number;
  readonly seed: number;
  /** Called after every batch. */
  readonly progress?: (done: number, differences: number) => void;
}

export interface FuzzReport {
  readonly differences: readonly Difference[];
  /** How often each known difference was met. */
  readonly explained: ReadonlyMap<string, number>;
  /** How many rows gave a value, not an error. */
  readonly values: number;
}

const BATCH = 500;

/** Asks both engines the same and compares. The same seed asks the same. */
export async function fuzz({ judge, count, seed, progress }: FuzzOptions): Promise<FuzzReport> {
  const random = createRandom(seed);
  const differences: Difference[] = [];
  const explained = new Map<string, number>();
  let values = 0;
  for (let done = 0; done < count; done += BATCH) {
    const size = Math.min(BATCH, count - done);
    const rows = Array.from({ length: size }, () => generateRow(random));
    const asked = judge.ask(ENCODED, rows);
    const ours = rows.map(answerSafely);
    const theirs = await asked;
    rows.forEach((row, index) => {
      const difference = { row, ours: ours[index]!, theirs: theirs[index]! };
      if (difference.theirs.message === undefined) values++;
      const compared = compareAnswers(row, difference.ours, difference.theirs);
      if (compared.kind === "different") differences.push(difference);
      if (compared.kind === "explained")
        explained.set(compared.reason, (explained.get(compared.reason) ?? 0) + 1);
    });
    progress?.(done + size, differences.length);
  }
  return { differences, explained, values };
}

/** A crash of the engine is a difference like any other. */
function answerSafely(row: Row): Answer {
  try {
    return answerRow(row, VARIABLES);
  } catch (error) {
    return { message: `CRASH ${error instanceof Error ? error.stack : String(error)}` };
  }
}
