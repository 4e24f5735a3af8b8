import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readPcap } from "./pcap-file.ts";
import { flowTable } from "./report.ts";
import { toSegments } from "./segment.ts";
import { bytesOverTime } from "./svg.ts";
import { toTcpFlows } from "./tcp-flows.ts";

const USAGE = "usage: node ci/run-ts.mjs pcaps/main.ts FILE [--port PORT] [--svg FILE]\n";

process.exitCode = await main();

/** Prints the TCP connections of a capture. */
async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      options: { port: { type: "string" }, svg: { type: "string" } },
      allowPositionals: true,
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) {
      process.stderr.write(USAGE);
      return 2;
    }
    const all = toSegments(await readPcap(file));
    const ends = values.port === undefined ? "" : `:${values.port}`;
    const segments = all.filter(
      ({ source, destination }) => source.endsWith(ends) || destination.endsWith(ends),
    );
    const flows = toTcpFlows(segments);
    process.stdout.write(flowTable(flows));
    if (values.svg !== undefined) {
      const port = Number(values.port ?? flows[0]?.server.split(":").at(-1) ?? 0);
      writeFileSync(values.svg, bytesOverTime(segments, port));
    }
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 1;
  }
}
