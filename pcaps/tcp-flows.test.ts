import { describe, expect, it } from "vitest";
import type { Packet } from "./pcap-file.ts";
import { toSegments } from "./segment.ts";
import { sumFlows, type TcpFlow, toTcpFlows } from "./tcp-flows.ts";
import { type FrameOptions, pcapFile } from "./testdata.ts";

/** The frames as readPcap would give them. */
function toFlows(frames: readonly FrameOptions[]): TcpFlow[] {
  const packets = frames.map((frame): Packet => {
    const file = pcapFile([frame]);
    return { time: frame.time, wireLength: file.readUInt32LE(24 + 12), bytes: file.subarray(40) };
  });
  return toTcpFlows(toSegments({ linkType: 1, packets }));
}

const HANDSHAKE: readonly FrameOptions[] = [
  { from: "client", time: 0, sequence: 99, flags: "S" },
  { from: "server", time: 0.001, sequence: 499, flags: "SA" },
  { from: "client", time: 0.002, sequence: 100 },
];

describe("toTcpFlows()", () => {
  it("adds up frames, bytes and payload for each direction", () => {
    const [flow] = toFlows([
      ...HANDSHAKE,
      { from: "client", time: 0.003, sequence: 100, payload: 10 },
      { from: "server", time: 0.004, sequence: 500, payload: 1000 },
    ]);
    expect(flow).toMatchObject({
      client: "10.0.0.1:40000",
      server: "10.0.0.2:22",
      toServer: { frames: 3, wireBytes: 54 + 54 + 64, payloadBytes: 10, retransmissions: 0 },
      toClient: { frames: 2, wireBytes: 54 + 1054, payloadBytes: 1000, retransmissions: 0 },
    });
  });

  it("counts a round trip for each question that is answered, however many segments it has", () => {
    const [flow] = toFlows([
      ...HANDSHAKE,
      { from: "client", time: 1.0, sequence: 100, payload: 10 },
      { from: "client", time: 1.01, sequence: 110, payload: 10 },
      { from: "server", time: 1.02, sequence: 500 },
      { from: "server", time: 1.03, sequence: 500, payload: 5 },
      { from: "server", time: 1.04, sequence: 505, payload: 5 },
      { from: "client", time: 1.05, sequence: 120, payload: 10 },
      { from: "server", time: 1.06, sequence: 510, payload: 5 },
    ]);
    expect(flow).toMatchObject({ directionChanges: 3, roundTrips: 2 });
  });

  it("counts what the server says first as no round trip", () => {
    const [flow] = toFlows([
      ...HANDSHAKE,
      { from: "server", time: 1, sequence: 500, payload: 5 },
      { from: "client", time: 2, sequence: 100, payload: 5 },
    ]);
    expect(flow).toMatchObject({ directionChanges: 1, roundTrips: 0 });
  });

  it("tells payload that is sent again from a new answer, and from a probe of an idle peer", () => {
    const [flow] = toFlows([
      ...HANDSHAKE,
      { from: "client", time: 1, sequence: 100, payload: 10 },
      { from: "server", time: 2, sequence: 500, payload: 5 },
      { from: "client", time: 3, sequence: 100, payload: 10 },
      { from: "client", time: 4, sequence: 109, payload: 1 },
      { from: "server", time: 5, sequence: 505, payload: 5 },
    ]);
    expect(flow?.toServer.retransmissions).toBe(1);
    expect(flow).toMatchObject({ directionChanges: 1, roundTrips: 1 });
  });

  it("follows sequence numbers around their end", () => {
    const [flow] = toFlows([
      { from: "client", time: 0, sequence: 0xffff_fff0, flags: "S" },
      { from: "client", time: 1, sequence: 0xffff_fff1, payload: 20 },
      { from: "client", time: 2, sequence: 5, payload: 20 },
    ]);
    expect(flow?.toServer).toMatchObject({ payloadBytes: 40, retransmissions: 0 });
  });

  it("adds up pauses, not the time between frames that follow each other", () => {
    const [flow] = toFlows([
      ...HANDSHAKE,
      { from: "client", time: 0.012, sequence: 100, payload: 10 },
      { from: "server", time: 0.512, sequence: 500, payload: 5 },
    ]);
    expect(flow?.idleSeconds).toBeCloseTo(0.5);
  });

  it("takes a SYN with another number for a new connection on the same port, and the same SYN for the same", () => {
    const again: FrameOptions = { from: "client", time: 9, sequence: 7000, flags: "S" };
    expect(toFlows([...HANDSHAKE, again, { ...again, time: 10 }])).toHaveLength(2);
  });

  it("keeps connections of different ports apart, and adds them up", () => {
    const flows = toFlows([
      { from: "client", time: 1, sequence: 100, payload: 10 },
      { from: "client", time: 2, sequence: 100, payload: 10, clientPort: 40_001 },
    ]);
    expect(flows.map(({ client }) => client)).toEqual(["10.0.0.1:40000", "10.0.0.1:40001"]);
    expect(sumFlows(flows)).toMatchObject({ connections: 2, frames: 2, wireBytes: 128 });
  });

  it("knows the client from an answered SYN when the capture began between the two", () => {
    expect(toFlows(HANDSHAKE.slice(1))[0]?.client).toBe("10.0.0.1:40000");
  });

  it("reads IPv6", () => {
    const [flow] = toFlows([{ from: "client", time: 1, sequence: 1, payload: 7, version: 6 }]);
    expect(flow?.client).toBe("[0:0:0:0:0:0:0:1]:40000");
    expect(flow?.toServer).toMatchObject({ wireBytes: 14 + 40 + 20 + 7, payloadBytes: 7 });
  });
});

describe("toSegments()", () => {
  it("refuses frames of a link that it does not know", () => {
    expect(() => toSegments({ linkType: 105, packets: [] })).toThrow("link type 105");
  });

  it("leaves out what is no TCP", () => {
    const udp = pcapFile([{ from: "client", time: 0, sequence: 0 }]).subarray(40);
    udp[14 + 9] = 17;
    const arp = Buffer.alloc(60);
    const packets = [udp, arp].map((bytes) => ({ time: 0, wireLength: bytes.length, bytes }));
    expect(toSegments({ linkType: 1, packets })).toEqual([]);
  });
});
