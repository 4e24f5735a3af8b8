import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Analysis, analyse } from "../pcaps/analyse.ts";
import { startCapture } from "../pcaps/capture.ts";
import type { Timeline } from "../pcaps/timeline.ts";
import { type Measured, measure } from "./measure.ts";
import type { Place } from "./place.ts";
import { type RunnerName, toCommand } from "./runners.ts";
import type { Sample } from "./scenario.ts";
import type { Targets } from "./target/targets.ts";

/** Results that a run has to print, by their status: a run that does less is no run. */
export type Lines = Readonly<Partial<Record<"ok" | "changed" | "skipping", number>>>;

export interface PlaybookRun {
  readonly place: Place;
  readonly runner: RunnerName;
  /** Files of the run's directory: name → text; `play.yml` and `hosts` among them, unless `args` says otherwise. */
  readonly files: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly lines?: Lines;
  readonly memory?: boolean;
  /** Capture what goes to these. */
  readonly capture?: Targets | undefined;
  /** Seconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of results so far. */
  readonly progress?: (line: string) => void;
}

export interface PlaybookResult {
  readonly sample: Sample;
  readonly trace: Timeline | undefined;
  /** `ok=3 changed=1 ...`, summed over hosts: the same for all who ran the same playbook. */
  readonly recap: string;
}

/** Milliseconds between two lines of progress. */
const TICK = 10_000;

/**
 * Runs a playbook once and measures it.
 *
 * @throws Error when it fails, does not do everything, or when the capture lost packets.
 */
export async function runPlaybook(run: PlaybookRun): Promise<PlaybookResult> {
  const directory = await run.place.runDirectory();
  await writeFiles(directory, run.files);
  const command = await toCommand(run.runner, {
    directory,
    args: run.args ?? ["-i", "hosts", "play.yml"],
    cli: run.place.cli,
    mitogen: run.place.mitogen,
    env: run.env,
  });
  const counter = createCounter(run);
  try {
    const { measured, analysis } = await captured(run.capture, directory, () =>
      measure(command, {
        directory,
        memory: run.memory ?? false,
        timeout: run.timeout ?? 3600,
        onOutput: counter.add,
        ...(run.signal === undefined ? {} : { signal: run.signal }),
      }),
    );
    checkLines(run, measured.stdout);
    const recap = toRecap(measured.stdout);
    return { sample: toSample(measured, analysis), trace: analysis?.timeline, recap };
  } finally {
    counter.stop();
  }
}

/** An inventory with a group `targets` that leads to all addresses of the targets. */
export function toInventory(targets: Targets): string {
  const width = String(targets.addresses.length).length;
  return `${[
    "[targets]",
    ...targets.addresses.map(
      (address, index) =>
        `target-${String(index + 1).padStart(width, "0")} ansible_host=${address}`,
    ),
    "[targets:vars]",
    `ansible_port=${targets.port}`,
    `ansible_user=${targets.user}`,
    `ansible_ssh_private_key_file=${targets.keyFile}`,
    "ansible_python_interpreter=/usr/bin/python3",
    `ansible_ssh_common_args='-o UserKnownHostsFile=${targets.knownHostsFile} -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes'`,
  ].join("\n")}\n`;
}

export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

function checkLines(run: PlaybookRun, stdout: string): void {
  for (const [status, expected] of Object.entries(run.lines ?? {})) {
    const found = stdout.match(new RegExp(`^${status}: `, "gm"))?.length ?? 0;
    if (found === expected) continue;
    throw new Error(
      `${run.runner} printed ${found} results that are ${status}, not ${expected}:\n${stdout.slice(-2000)}`,
    );
  }
}

const COUNTERS = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"];

function toRecap(stdout: string): string {
  const recap = stdout.split(/^PLAY RECAP /m)[1] ?? "";
  return COUNTERS.map((name) => {
    const sum = [...recap.matchAll(new RegExp(`\\b${name}=(\\d+)`, "g"))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
    return `${name}=${sum}`;
  }).join(" ");
}

interface Counter {
  readonly add: (chunk: Buffer) => void;
  stop(): void;
}

function createCounter({ runner, progress }: PlaybookRun): Counter {
  const begin = performance.now();
  let lines = 0;
  const timer = setInterval(() => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    progress?.(`${runner}: ${lines} lines of results after ${seconds} s`);
  }, TICK);
  return {
    add: (chunk) => {
      for (const byte of chunk) if (byte === 10) lines += 1;
    },
    stop: () => clearInterval(timer),
  };
}

interface CapturedRun {
  readonly measured: Measured;
  readonly analysis: Analysis | undefined;
}

async function captured(
  targets: Targets | undefined,
  directory: string,
  act: () => Promise<Measured>,
): Promise<CapturedRun> {
  if (targets === undefined) return { measured: await act(), analysis: undefined };
  const file = join(directory, "wire.pcap");
  const { port, tap } = targets;
  await using capture = await startCapture({ ...tap, port, file });
  const measured = await act();
  const { dropped } = await capture.stop();
  if (dropped > 0) {
    throw new Error(`tcpdump lost ${dropped} packets, its figures would be too low: run again`);
  }
  return { measured, analysis: await analyse(file, { port }) };
}

export function toSample(measured: Measured, analysis: Analysis | undefined): Sample {
  const { wall, cpu, user, system, faults, switches, peakMemory } = measured;
  return {
    ...{ wall, cpu, user, system, faults, switches },
    ...(peakMemory === undefined ? {} : { memory: peakMemory }),
    ...(analysis === undefined ? {} : toWire(analysis)),
  };
}

function toWire({ totals, timeline }: Analysis): Sample {
  return {
    bytes: totals.wireBytes,
    sent: totals.bytesToServer,
    received: totals.bytesToClient,
    payload: totals.payloadBytes,
    headers: totals.headerBytes,
    frames: totals.frames,
    connections: totals.connections,
    roundTrips: totals.roundTrips,
    turns: totals.directionChanges,
    again: totals.retransmissions,
    idle: timeline.idleSeconds,
  };
}
