import type { Case } from "../scenario.ts";
import type { Verdict } from "../verdict.ts";

/** What `--json` writes, and what all other forms of a report are made from. */
export interface Report {
  readonly format: 1;
  /** When it began, ISO 8601. */
  readonly date: string;
  /** How to run it again. */
  readonly command: string;
  /** From above 0 to 1. */
  readonly scale: number;
  /** Machine and versions: name → value. */
  readonly machine: Readonly<Record<string, string>>;
  /** What all runners were given. */
  readonly settings: readonly string[];
  readonly outcomes: readonly Outcome[];
}

/** One scenario's. */
export interface Outcome {
  readonly scenario: string;
  readonly about: string;
  readonly axis?: string;
  readonly cases: readonly Case[];
  readonly verdicts: readonly Verdict[];
  /** Why there are no cases. */
  readonly failure?: string;
}
