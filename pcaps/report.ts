import { sumFlows, type TcpFlow } from "./tcp-flows.ts";

/** Rows at most: the rest is in the totals. */
const ROWS = 40;

/** The flows of a capture as a table for the terminal, totals last. */
export function flowTable(flows: readonly TcpFlow[]): string {
  const header = [
    "connection",
    "seconds",
    "idle",
    "frames >",
    "frames <",
    "bytes >",
    "bytes <",
    "payload >",
    "payload <",
    "changes",
    "trips",
    "again",
  ];
  const shown = flows.slice(0, ROWS).map(toRow);
  const rows = [header, ...shown, totalsRow(flows)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      .join("  "),
  );
  const rest = flows.length - shown.length;
  if (rest > 0) lines.splice(-1, 0, `... and ${rest} connections more`);
  return `${lines.join("\n")}\n> to the server, < to the client; bytes are whole frames; trips: questions answered; again: retransmissions\n`;
}

function toRow(flow: TcpFlow): string[] {
  const { toServer, toClient } = flow;
  return [
    `${flow.client} > ${flow.server}`,
    (flow.end - flow.start).toFixed(3),
    flow.idleSeconds.toFixed(3),
    String(toServer.frames),
    String(toClient.frames),
    String(toServer.wireBytes),
    String(toClient.wireBytes),
    String(toServer.payloadBytes),
    String(toClient.payloadBytes),
    String(flow.directionChanges),
    String(flow.roundTrips),
    String(toServer.retransmissions + toClient.retransmissions),
  ];
}

function totalsRow(flows: readonly TcpFlow[]): string[] {
  const sum = (read: (flow: TcpFlow) => number): string =>
    String(flows.reduce((total, flow) => total + read(flow), 0));
  const totals = sumFlows(flows);
  const start = Math.min(...flows.map((flow) => flow.start));
  const end = Math.max(...flows.map((flow) => flow.end));
  return [
    `all ${totals.connections}`,
    flows.length === 0 ? "0.000" : (end - start).toFixed(3),
    "",
    sum((flow) => flow.toServer.frames),
    sum((flow) => flow.toClient.frames),
    String(totals.bytesToServer),
    String(totals.bytesToClient),
    sum((flow) => flow.toServer.payloadBytes),
    sum((flow) => flow.toClient.payloadBytes),
    String(totals.directionChanges),
    String(totals.roundTrips),
    String(totals.retransmissions),
  ];
}
