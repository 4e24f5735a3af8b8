import type { WireReport } from "../model/event.ts";

/** The line of --wire: what the run cost on the network and on the controller. */
export function wireLine(report: WireReport): string {
  return [
    "WIRE :",
    `connections=${report.connections}`,
    `round_trips=${report.roundTrips}`,
    `sent=${report.bytesSent}`,
    `received=${report.bytesReceived}`,
    `frames_sent=${report.framesSent}`,
    `frames_received=${report.framesReceived}`,
    `controller_cpu=${report.cpuSeconds.toFixed(2)}s`,
  ].join(" ");
}
