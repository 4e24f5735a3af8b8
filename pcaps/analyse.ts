import { readPcap } from "./pcap-file.ts";
import { toSegments } from "./segment.ts";
import { type FlowTotals, sumFlows, type TcpFlow, toTcpFlows } from "./tcp-flows.ts";
import { type Timeline, toTimeline } from "./timeline.ts";

export interface AnalyseOptions {
  /** Only connections of which one end has this port. */
  readonly port?: number | undefined;
}

/** All that is known of a capture. */
export interface Analysis {
  readonly flows: readonly TcpFlow[];
  readonly totals: FlowTotals;
  readonly timeline: Timeline;
  /** Packets of the file, what is no TCP or of another port included. */
  readonly packets: number;
}

/**
 * Reads a capture and takes it apart.
 *
 * @throws PcapError for a file that is no complete capture.
 * @throws Error when it cannot be read, or when its frames are of an unknown link.
 */
export async function analyse(file: string, options: AnalyseOptions = {}): Promise<Analysis> {
  const pcap = await readPcap(file);
  const ends = options.port === undefined ? "" : `:${options.port}`;
  const segments = toSegments(pcap).filter(
    ({ source, destination }) => source.endsWith(ends) || destination.endsWith(ends),
  );
  const flows = toTcpFlows(segments);
  const servers = new Set(flows.map(({ server }) => server));
  const passages = segments.map(({ time, wireLength, destination }) => ({
    time,
    wireLength,
    toServer: servers.has(destination),
  }));
  return {
    flows,
    totals: sumFlows(flows),
    timeline: toTimeline(passages),
    packets: pcap.packets.length,
  };
}
