import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { type Analysis, analyse } from "./analyse.ts";
import { flowTable } from "./report.ts";
import { bytesOverTime, directionCurves } from "./svg.ts";

const USAGE = `Usage: skein pcap report FILE [--port PORT] [--svg FILE | --no-svg] [--json]

Prints the TCP connections of a capture (libpcap's format, as tcpdump -w writes it), and draws bytes over time.

  --port PORT   only connections of which one end has this port
  --svg FILE    where the drawing goes; beside the capture, with .svg added, when not given
  --no-svg      no drawing
  --json        figures as JSON instead of a table
`;

/** Where a command writes to. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** `skein pcap report`: the arguments behind it, and its exit code: 1 for a file that is no capture, 2 for wrong arguments. */
export async function pcapReport(args: readonly string[], output: Output): Promise<number> {
  let request: Request;
  try {
    request = readRequest(args);
  } catch (error) {
    output.stderr(`error: ${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (request.kind === "help") {
    output.stdout(USAGE);
    return 0;
  }
  try {
    const { file, port, svg, json } = request;
    const analysis = await analyse(file, { port });
    output.stdout(json ? toJson(analysis) : toText(analysis, port));
    if (svg !== undefined) {
      const title = `${basename(file)}: bytes on the wire`;
      const curves = directionCurves(analysis.timeline);
      await writeFile(svg, bytesOverTime({ title, curves }));
      if (!json) output.stdout(`bytes over time: ${svg}\n`);
    }
    return 0;
  } catch (error) {
    output.stderr(`error: ${messageOf(error)}\n`);
    return 1;
  }
}

type Request =
  | { readonly kind: "help" }
  | {
      readonly kind: "report";
      readonly file: string;
      readonly port: number | undefined;
      readonly svg: string | undefined;
      readonly json: boolean;
    };

function readRequest(args: readonly string[]): Request {
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      svg: { type: "string" },
      "no-svg": flag,
      json: flag,
      help: { ...flag, short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) return { kind: "help" };
  const [file, ...more] = positionals;
  if (file === undefined) throw new Error("no capture is given");
  if (more.length > 0) throw new Error(`one capture at a time, not also ${more.join(" ")}`);
  if (values.svg !== undefined && values["no-svg"])
    throw new Error("--svg and --no-svg exclude each other");
  const svg = values["no-svg"] ? undefined : (values.svg ?? `${file}.svg`);
  return { kind: "report", file, port: toPort(values.port), svg, json: values.json };
}

function toPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new Error(`--port ${text}: a number from 1 to 65535 is expected`);
  }
  return port;
}

function toText({ flows, packets, timeline }: Analysis, port: number | undefined): string {
  if (flows.length === 0) {
    const what = port === undefined ? "" : ` with port ${port}`;
    return `${packets} packets, no TCP connection${what}\n`;
  }
  const seconds = timeline.seconds.toFixed(3);
  const idle = timeline.idleSeconds.toFixed(3);
  return `${flowTable(flows)}${seconds} s in all, ${idle} s of it without a frame on any connection\n`;
}

function toJson({ flows, totals, timeline, packets }: Analysis): string {
  const { seconds, idleSeconds } = timeline;
  return `${JSON.stringify({ packets, seconds, idleSeconds, totals, flows }, null, 2)}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
