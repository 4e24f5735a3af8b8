import type { Timeline } from "../pcaps/timeline.ts";
import type { LinkAsk } from "./link/link.ts";
import type { Place } from "./place.ts";
import type { RunnerName } from "./runners.ts";

/** What is measured of one run. All of them count costs: less is better. */
export const MEASURES = {
  wall: { unit: "s", title: "wall time" },
  cpu: { unit: "s", title: "controller CPU" },
  user: { unit: "s", title: "- user" },
  system: { unit: "s", title: "- system" },
  memory: { unit: "B", title: "controller memory, peak" },
  faults: { unit: "", title: "page faults" },
  switches: { unit: "", title: "context switches" },
  bytes: { unit: "B", title: "bytes on the wire" },
  sent: { unit: "B", title: "bytes to the target" },
  received: { unit: "B", title: "bytes from the target" },
  payload: { unit: "B", title: "- payload" },
  headers: { unit: "B", title: "- headers" },
  frames: { unit: "", title: "frames on the wire" },
  connections: { unit: "", title: "TCP connections" },
  roundTrips: { unit: "", title: "round trips" },
  itemRoundTrips: { unit: "", title: "round trips of the items alone" },
  turns: { unit: "", title: "direction changes" },
  again: { unit: "", title: "retransmissions" },
  idle: { unit: "s", title: "idle time of the wire" },
  wallRtts: { unit: "", title: "wall time / RTT" },
  wallRttsPerItem: { unit: "", title: "wall time / RTT / item" },
  firstStage: { unit: "B", title: "first stage" },
  archive: { unit: "B", title: "agent's archive" },
} as const;

export type Measure = keyof typeof MEASURES;
export type Sample = Readonly<Partial<Record<Measure, number>>>;

/** All runs of one runner. */
export interface Series {
  readonly runner: RunnerName;
  readonly samples: readonly Sample[];
  /** Bytes over time in its first run. */
  readonly trace?: Timeline;
  /** Why there are no more samples: what the runner said when it failed. */
  readonly failure?: string;
}

/** One setting of a scenario, measured for all runners. */
export interface Case {
  /** `26 ms`, `100 hosts`; the only one of a scenario has an empty title. */
  readonly title: string;
  /** Where it stands on the scenario's axis. */
  readonly x?: number;
  readonly link?: LinkAsk & { readonly measuredRtt: number };
  /** What a run of it does, for figures by item. */
  readonly items?: number;
  readonly series: readonly Series[];
}

export interface ScenarioOptions {
  readonly place: Place;
  readonly runners: readonly RunnerName[];
  readonly runs: number;
  /** From above 0 to 1: which part of the scenario's full size to run. */
  readonly scale: number;
  /** Another link than the scenario's own; an RTT of 0 is the loopback interface. */
  readonly link?: LinkAsk | undefined;
  readonly signal: AbortSignal;
  /** Called with a line whenever something has been measured. */
  readonly progress: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** A sentence for the report. */
  readonly about: string;
  /** What `x` of its cases is, when they make a plot. */
  readonly axis?: string;
  readonly runners: readonly RunnerName[];
  readonly runs: number;
  readonly run: (options: ScenarioOptions) => Promise<readonly Case[]>;
}
