import type { Place } from "./place.ts";
import type { RunnerName } from "./runners.ts";

/** What is measured of one run. All of them count costs: less is better. */
export const MEASURES = {
  wall: { unit: "s", title: "wall time" },
  cpu: { unit: "s", title: "controller CPU" },
  memory: { unit: "B", title: "controller memory, peak" },
  bytes: { unit: "B", title: "bytes on the wire" },
  sent: { unit: "B", title: "bytes to the target" },
  received: { unit: "B", title: "bytes from the target" },
  frames: { unit: "", title: "frames on the wire" },
  connections: { unit: "", title: "TCP connections" },
  roundTrips: { unit: "", title: "round trips" },
  itemRoundTrips: { unit: "", title: "round trips of the items alone" },
  firstStage: { unit: "B", title: "first stage" },
  archive: { unit: "B", title: "agent's archive" },
} as const;

export type Measure = keyof typeof MEASURES;
export type Sample = Readonly<Partial<Record<Measure, number>>>;

/** All runs of one runner. */
export interface Series {
  readonly runner: RunnerName;
  readonly samples: readonly Sample[];
}

export interface ScenarioOptions {
  readonly place: Place;
  readonly runners: readonly RunnerName[];
  readonly runs: number;
  /** How many items or hosts; the scenario's own number by default. */
  readonly scale: number;
  /** Called with a line whenever something has been measured. */
  readonly progress: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** A sentence for the report. */
  readonly about: (scale: number) => string;
  readonly runners: readonly RunnerName[];
  readonly runs: number;
  readonly scale: number;
  readonly run: (options: ScenarioOptions) => Promise<readonly Series[]>;
}
