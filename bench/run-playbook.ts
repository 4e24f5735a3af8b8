import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCapture } from "../pcaps/capture.ts";
import { readPcap } from "../pcaps/pcap-file.ts";
import { toSegments } from "../pcaps/segment.ts";
import { type FlowTotals, sumFlows, toTcpFlows } from "../pcaps/tcp-flows.ts";
import { type Measured, measure } from "./measure.ts";
import type { Place } from "./place.ts";
import { type RunnerName, toCommand } from "./runners.ts";
import type { Sample } from "./scenario.ts";
import type { Sshd } from "./sshd.ts";

export interface PlaybookRun {
  readonly place: Place;
  readonly runner: RunnerName;
  readonly playbook: string;
  readonly inventory: string;
  /** How many results with `changed` it has to print: a run that does less is no run. */
  readonly changed: number;
  readonly memory?: boolean;
  /** Capture what goes over this port. */
  readonly capturePort?: number;
}

/**
 * Runs a playbook once and measures it.
 *
 * @throws Error when it fails, does not do everything, or when the capture lost packets.
 */
export async function runPlaybook(run: PlaybookRun): Promise<Sample> {
  const directory = await run.place.runDirectory();
  await writeFile(join(directory, "play.yml"), run.playbook);
  await writeFile(join(directory, "hosts"), run.inventory);
  const command = await toCommand(run.runner, {
    directory,
    args: ["-i", "hosts", "play.yml"],
    cli: run.place.cli,
  });
  const { measured, wire } = await captured(run.capturePort, directory, () =>
    measure(command, { directory, memory: run.memory ?? false }),
  );
  const changed = measured.stdout.match(/^changed: /gm)?.length ?? 0;
  if (changed !== run.changed) {
    throw new Error(
      `${run.runner} printed ${changed} changed results, not ${run.changed}:\n${measured.stdout.slice(-2000)}`,
    );
  }
  return toSample(measured, wire);
}

/** An inventory with a group `targets` that leads to all addresses of the sshd. */
export function toInventory(sshd: Sshd): string {
  const width = String(sshd.addresses.length).length;
  return `${[
    "[targets]",
    ...sshd.addresses.map(
      (address, index) =>
        `target-${String(index + 1).padStart(width, "0")} ansible_host=${address}`,
    ),
    "[targets:vars]",
    `ansible_port=${sshd.port}`,
    `ansible_user=${sshd.user}`,
    `ansible_ssh_private_key_file=${sshd.keyFile}`,
    "ansible_python_interpreter=/usr/bin/python3",
    `ansible_ssh_common_args='-o UserKnownHostsFile=${sshd.knownHostsFile} -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes'`,
  ].join("\n")}\n`;
}

interface CapturedRun {
  readonly measured: Measured;
  readonly wire: FlowTotals | undefined;
}

async function captured(
  port: number | undefined,
  directory: string,
  act: () => Promise<Measured>,
): Promise<CapturedRun> {
  if (port === undefined) return { measured: await act(), wire: undefined };
  const file = join(directory, "wire.pcap");
  await using capture = await startCapture({ interface: "lo", port, file });
  const measured = await act();
  const { dropped } = await capture.stop();
  if (dropped > 0) {
    throw new Error(`tcpdump lost ${dropped} packets, its figures would be too low: run again`);
  }
  return { measured, wire: sumFlows(toTcpFlows(toSegments(await readPcap(file)))) };
}

function toSample({ wall, cpu, peakMemory }: Measured, wire: FlowTotals | undefined): Sample {
  return {
    wall,
    cpu,
    ...(peakMemory === undefined ? {} : { memory: peakMemory }),
    ...(wire === undefined
      ? {}
      : {
          bytes: wire.wireBytes,
          sent: wire.bytesToServer,
          received: wire.bytesToClient,
          frames: wire.frames,
          connections: wire.connections,
          roundTrips: wire.roundTrips,
        }),
  };
}
