import type { Report } from "./outcome.ts";

/**
 * Several reports as one, for scenarios that were run one by one, or again: a later report's outcome takes the place of an
 * earlier one's. Machine, settings and date are those of the first.
 *
 * @throws Error when they are not of one machine, of the same versions and at the same scale.
 */
export function mergeReports(reports: readonly Report[]): Report {
  const [first, ...others] = reports;
  if (first === undefined) throw new Error("there is no report");
  if (others.length === 0) return first;
  for (const other of others) {
    const differs = VERSIONS.find((name) => first.machine[name] !== other.machine[name]);
    if (differs !== undefined || first.scale !== other.scale) {
      throw new Error(
        `reports of ${first.date} and ${other.date} are not comparable: they differ in ${differs ?? "scale"}`,
      );
    }
  }
  const outcomes = new Map(first.outcomes.map((one) => [one.scenario, one]));
  for (const one of others.flatMap((other) => other.outcomes)) outcomes.set(one.scenario, one);
  return {
    ...first,
    command: reports.map(({ command, date }) => `${command} (${date.slice(0, 16)}Z)`).join("; "),
    outcomes: [...outcomes.values()],
  };
}

/** What has to be the same, as `describeMachine()` names it: everything but the load. */
const VERSIONS = ["machine", "skein", "ansible", "mitogen"];
