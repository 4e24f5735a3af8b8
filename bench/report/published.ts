import type { RunnerName } from "../runners.ts";
import type { Case, Measure } from "../scenario.ts";
import { medianOf, seriesOf } from "../verdict.ts";

/** How many times less than vanilla Ansible Mitogen for Ansible was published to take. */
interface Published {
  readonly case?: string;
  readonly measure: Measure;
  readonly times: number;
}

/** From the documentation of Mitogen for Ansible, and the benchmarks it shows. */
const PUBLISHED: Readonly<Record<string, readonly Published[]>> = {
  "loop-100-items": [
    { measure: "wall", times: 5.9 },
    { measure: "bytes", times: 63 },
  ],
  filetree: [
    { case: "26 ms", measure: "wall", times: 15.1 },
    { case: "26 ms", measure: "sent", times: 122 },
  ],
  "debops-shaped": [
    { measure: "wall", times: 4 },
    { measure: "bytes", times: 14.5 },
  ],
};

/** One published ratio, and what was measured here; undefined where somebody did not run. */
export interface Comparison extends Published {
  /** Vanilla's figure over Mitogen's. */
  readonly mitogen: number | undefined;
  /** Vanilla's figure over skein's. */
  readonly skein: number | undefined;
  /** Mitogen's figure over skein's. */
  readonly skeinToMitogen: number | undefined;
}

/** The published ratios for a scenario beside the measured ones; none for most of them. */
export function comparisons(scenario: string, cases: readonly Case[]): readonly Comparison[] {
  return (PUBLISHED[scenario] ?? []).map((published) => {
    const of = (runner: RunnerName): number | undefined =>
      medianOf(seriesOf(cases, published.case), runner, published.measure);
    const [skein, ansible, mitogen] = [of("skein"), of("ansible"), of("mitogen")];
    return {
      ...published,
      mitogen: ratio(ansible, mitogen),
      skein: ratio(ansible, skein),
      skeinToMitogen: ratio(mitogen, skein),
    };
  });
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}
