import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { pcapReport } from "./command.ts";
import { type FrameOptions, pcapFile } from "./testdata.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-pcap-command-"));
afterAll(() => rmSync(directory, { recursive: true }));

const FRAMES: readonly FrameOptions[] = [
  { from: "client", time: 1, sequence: 100, flags: "S" },
  { from: "server", time: 1.25, sequence: 500, flags: "SA" },
  { from: "client", time: 1.5, sequence: 101, payload: 10 },
  { from: "server", time: 2.5, sequence: 501, payload: 1000 },
];

function save(name: string, bytes: Buffer): string {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return file;
}

async function report(...args: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const code = await pcapReport(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

describe("skein pcap report", () => {
  it("prints connections and idle time, and draws both directions beside the capture", async () => {
    const file = save("talk.pcap", pcapFile(FRAMES));
    const { code, stdout, stderr } = await report(file);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /10\.0\.0\.1:40000 > 10\.0\.0\.2:22 +1\.500 +1\.500 +2 +2 +118 +1108 +10 +1000 +1 +1 +0/,
    );
    expect(stdout).toContain("1.500 s in all, 1.500 s of it without a frame");
    const svg = readFileSync(`${file}.svg`, "utf8");
    expect(svg).toContain("to the server: 118 B");
    expect(svg).toContain("to the client: 1.11 kB");
    expect(svg.match(/<polyline /g)).toHaveLength(2);
  });

  it("gives all figures as JSON", async () => {
    const file = save("json.pcap", pcapFile(FRAMES));
    const { stdout } = await report(file, "--json", "--no-svg");
    expect(JSON.parse(stdout)).toMatchObject({
      packets: 4,
      seconds: 1.5,
      totals: {
        wireBytes: 1226,
        payloadBytes: 1010,
        headerBytes: 216,
        connections: 1,
        roundTrips: 1,
      },
    });
    expect(existsSync(`${file}.svg`)).toBe(false);
  });

  it.each([
    ["nothing in it", pcapFile([]), "0 packets, no TCP connection"],
    [
      "no TCP in it",
      // An Ethernet frame of another protocol: the type stands behind both addresses.
      (() => {
        const bytes = pcapFile(FRAMES.slice(0, 1));
        bytes.writeUInt16BE(0x0806, 24 + 16 + 12);
        return bytes;
      })(),
      "1 packets, no TCP connection",
    ],
  ])("of a capture with %s says so, and draws it", async (_, bytes, text) => {
    const { code, stdout } = await report(save("zero.pcap", bytes));
    expect([code, stdout.startsWith(text)]).toEqual([0, true]);
  });

  it("of another port says that there is nothing", async () => {
    const { stdout } = await report(
      save("port.pcap", pcapFile(FRAMES)),
      "--port",
      "23",
      "--no-svg",
    );
    expect(stdout).toBe("4 packets, no TCP connection with port 23\n");
  });

  it.each([
    ["empty", Buffer.alloc(0), "is empty"],
    ["truncated", pcapFile(FRAMES).subarray(0, -3), "is truncated"],
    ["text", Buffer.from("some words"), "is not a capture"],
  ])("fails with one clear line for a file that is %s", async (name, bytes, message) => {
    const file = save(`${name}.pcap`, bytes);
    const { code, stdout, stderr } = await report(file);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr).toContain(message);
    expect(stderr).toContain(file);
  });

  it.each([
    [[], "no capture is given"],
    [["a", "b"], "one capture at a time"],
    [["a", "--port", "ssh"], "--port ssh"],
    [["a", "--svg", "b", "--no-svg"], "exclude each other"],
    [["a", "--colour"], "--colour"],
  ])("refuses arguments %j, with its usage", async (args, message) => {
    const { code, stderr } = await report(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("Usage: skein pcap report FILE");
  });
});
