import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readPcap } from "./pcap-file.ts";
import { type FrameOptions, pcapFile } from "./testdata.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-pcap-"));
afterAll(() => rmSync(directory, { recursive: true }));

const FRAMES: readonly FrameOptions[] = [
  { from: "client", time: 5.25, sequence: 1, flags: "S" },
  { from: "server", time: 5.5, sequence: 9, payload: 1000, flags: "A" },
];

function save(bytes: Buffer): string {
  const path = join(directory, "capture.pcap");
  writeFileSync(path, bytes);
  return path;
}

describe("readPcap()", () => {
  it.each([false, true])(
    "reads times, lengths and kept bytes (big endian: %s)",
    async (bigEndian) => {
      const { linkType, packets } = await readPcap(save(pcapFile(FRAMES, { bigEndian })));
      expect(linkType).toBe(1);
      expect(
        packets.map(({ time, wireLength, bytes }) => [time, wireLength, bytes.length]),
      ).toEqual([
        [5.25, 54, 54],
        [5.5, 1054, 96],
      ]);
    },
  );

  it("reads a capture of nothing", async () => {
    expect((await readPcap(save(pcapFile([])))).packets).toEqual([]);
  });

  it("reads a file that is larger than one read", async () => {
    const frames = Array.from({ length: 20_000 }, (_, index) => ({ ...FRAMES[1]!, time: index }));
    expect((await readPcap(save(pcapFile(frames)))).packets).toHaveLength(20_000);
  });

  const damaged = pcapFile(FRAMES);
  damaged.writeUInt32LE(0x7fffffff, 24 + 8);
  it.each([
    ["is empty", Buffer.alloc(0), "is empty: the capture was not started"],
    ["is text", Buffer.from("hello, world"), "is not a capture: it starts with 68656c6c"],
    ["is pcapng", Buffer.from("0a0d0d0a1c000000", "hex"), "pcapng file: convert it"],
    ["has nanoseconds", Buffer.from("4d3cb2a100000000", "hex"), "has nanosecond times"],
    ["ends in the file's header", pcapFile(FRAMES).subarray(0, 20), "is truncated: 20 bytes"],
    [
      "ends in a packet's header",
      pcapFile(FRAMES).subarray(0, 24 + 16 + 54 + 7),
      "7 bytes of a packet follow the 1 complete",
    ],
    ["ends in a packet", pcapFile(FRAMES).subarray(0, -1), "is truncated"],
    ["claims an endless packet", damaged, "packet 1 claims 2147483647 bytes"],
  ])("says so when a file %s", async (_, bytes, message) => {
    const path = save(bytes);
    const error = await readPcap(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain(message);
    expect(String(error)).toContain(path);
  });
});
