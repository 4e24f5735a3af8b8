import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { startCapture } from "./capture.ts";
import { readPcap } from "./pcap-file.ts";
import { toSegments } from "./segment.ts";
import { sumFlows, toTcpFlows } from "./tcp-flows.ts";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "skein-capture-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Why a capture cannot be made here, or an empty text. */
const missing =
  process.getuid?.() !== 0
    ? "tcpdump needs root"
    : has("/usr/bin/tcpdump") || has("/usr/sbin/tcpdump")
      ? ""
      : "there is no tcpdump";
const missingTshark = missing !== "" || has("tshark") ? missing : "there is no tshark";

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function skipped(reason: string): string {
  return reason === "" ? "" : ` (skipped: ${reason})`;
}

/** Three questions of 1,000 bytes, answered with 50,000 each. */
async function talk(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  for (let turn = 0; turn < 3; turn++) {
    socket.write(Buffer.alloc(1000));
    for (let received = 0; received < 50_000; ) {
      received += await new Promise<number>((done) =>
        socket.once("data", (chunk: Buffer) => done(chunk.length)),
      );
    }
  }
  socket.end();
  await new Promise((done) => socket.once("close", done));
}

async function startServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    let asked = 0;
    socket.on("data", (chunk) => {
      asked += chunk.length;
      if (asked % 1000 === 0) socket.write(Buffer.alloc(50_000));
    });
    socket.on("end", () => socket.end());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}

async function captureTalk(name: string): Promise<string> {
  const { server, port } = await startServer();
  const file = join(directory, name);
  try {
    await using capture = await startCapture({ interface: "lo", port, file });
    await talk(port);
    expect((await capture.stop()).dropped).toBe(0);
    return file;
  } finally {
    server.close();
  }
}

describe("startCapture()", () => {
  it.skipIf(missing !== "")(
    `has the whole conversation, its end included${skipped(missing)}`,
    // On a busy machine TCP sends a packet twice now and then.
    { retry: 2 },
    async () => {
      const flows = toTcpFlows(toSegments(await readPcap(await captureTalk("talk.pcap"))));
      expect(flows).toHaveLength(1);
      expect(flows[0]).toMatchObject({
        roundTrips: 3,
        toServer: { payloadBytes: 3000 },
        toClient: { payloadBytes: 150_000 },
      });
    },
  );

  it.skipIf(missing !== "")(
    `says why when there is no such interface${skipped(missing)}`,
    async () => {
      const file = join(directory, "none.pcap");
      await expect(startCapture({ interface: "none0", port: 1, file })).rejects.toThrow("none0");
    },
  );

  it.skipIf(missingTshark !== "")(
    `is counted as tshark counts it${skipped(missingTshark)}`,
    async () => {
      const file = await captureTalk("tshark.pcap");
      const [flow] = toTcpFlows(toSegments(await readPcap(file)));
      const { stdout } = await run("tshark", ["-r", file, "-q", "-z", "conv,tcp"]);
      // Columns: A <-> B, frames and bytes to A, frames and bytes to B, ...; A is the client here or there.
      const line = stdout.split("\n").find((text) => text.includes("<->")) ?? "";
      const [, a, toA, bytesToA, unitToA, toB, bytesToB, unitToB] =
        /^(\S+)\s+<->\s+\S+\s+(\d+)\s+([\d.,]+)\s*(\S+)\s+(\d+)\s+([\d.,]+)\s*(\S+)/.exec(line) ??
        [];
      const sides =
        a === flow?.client ? [flow?.toClient, flow?.toServer] : [flow?.toServer, flow?.toClient];
      expect(sides.map((side) => side?.frames)).toEqual([Number(toA), Number(toB)]);
      expect(sides.map((side) => inUnit(side?.wireBytes, unitToA))[0]).toBe(bytesToA);
      expect(inUnit(sides[1]?.wireBytes, unitToB)).toBe(bytesToB);
    },
    30_000,
  );

  it.skipIf(missingTshark !== "")(
    `has the bytes, the payload and the retransmissions of each connection that tshark finds in its frames${skipped(missingTshark)}`,
    async () => {
      const file = await captureTalk("fields.pcap");
      const fields = ["tcp.stream", "frame.len", "tcp.len", "tcp.analysis.retransmission"];
      const wanted = fields.flatMap((field) => ["-e", field]);
      const { stdout } = await run("tshark", ["-r", file, "-T", "fields", ...wanted]);
      const frames = stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t"));
      const sum = (column: number): number =>
        frames.reduce((total, frame) => total + Number(frame[column] || 0), 0);
      const flows = toTcpFlows(toSegments(await readPcap(file)));
      expect(sumFlows(flows)).toMatchObject({
        connections: new Set(frames.map(([stream]) => stream)).size,
        frames: frames.length,
        wireBytes: sum(1),
        payloadBytes: sum(2),
        retransmissions: frames.filter(([, , , again]) => again === "1").length,
      });
    },
    30_000,
  );
});

/** As tshark shows bytes: all of them, or whole units of 1,000. */
function inUnit(bytes: number | undefined, unit: string | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  return unit === "kB" ? String(Math.floor(bytes / 1000)) : String(bytes);
}
