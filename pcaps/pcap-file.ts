import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
// biome-ignore lint/correctness/noUnresolvedImports: it is there, in an old form that Biome does not know
import pcapParser from "pcap-parser";

/** One packet of a capture. */
export interface Packet {
  /** Seconds since 1970. */
  readonly time: number;
  /** Bytes that the link carried: the whole frame, however little of it was kept. */
  readonly wireLength: number;
  /** What was kept of it. */
  readonly bytes: Uint8Array;
}

export interface PcapFile {
  /** libpcap's number for the kind of header in front of each packet: 1 is Ethernet. */
  readonly linkType: number;
  readonly packets: readonly Packet[];
}

/** A file that is no complete capture. The message names the file, what is wrong and what to do. */
export class PcapError extends Error {}

const GLOBAL_HEADER = 24;
const PACKET_HEADER = 16;
/** The most that libpcap writes for one packet; a header that says more is damaged. */
const MAX_CAPTURED = 262_144;
/** First four bytes of files that are captures, but not ones that pcap-parser reads. */
const FOREIGN: Readonly<Record<string, string>> = {
  "0a0d0d0a": "is a pcapng file: convert it with `editcap -F pcap`",
  a1b23c4d: "has nanosecond times: convert it with `editcap -F pcap`",
  "4d3cb2a1": "has nanosecond times: convert it with `editcap -F pcap`",
  "1f8b0800": "is compressed: unpack it with `gunzip`",
};

/**
 * Reads a whole capture in libpcap's format.
 *
 * @throws PcapError for a file that is empty, foreign, damaged, or ends inside a packet.
 * @throws Error when the file cannot be read.
 */
export async function readPcap(path: string): Promise<PcapFile> {
  const size = await checkStart(path);
  return new Promise((done, failed) => {
    const stream = createReadStream(path, { highWaterMark: 1 << 20 });
    const packets: Packet[] = [];
    let linkType = -1;
    let consumed = 0;
    const fail = (error: Error): void => {
      stream.destroy();
      failed(error);
    };
    pcapParser
      .parse(stream)
      .on("globalHeader", (header) => {
        linkType = header.linkLayerType;
        consumed = GLOBAL_HEADER;
      })
      .on("packetHeader", ({ capturedLength }) => {
        if (capturedLength <= MAX_CAPTURED) return;
        fail(
          new PcapError(
            `${path}: packet ${packets.length + 1} claims ${capturedLength} bytes: the file is damaged, capture again`,
          ),
        );
      })
      .on("packet", ({ header, data }) => {
        consumed += PACKET_HEADER + data.length;
        packets.push({
          time: header.timestampSeconds + header.timestampMicroseconds / 1e6,
          wireLength: header.originalLength,
          bytes: data,
        });
      })
      .on("error", fail)
      .on("end", () => {
        if (consumed === size) done({ linkType, packets });
        else fail(truncated(path, packets.length, size - consumed));
      });
  });
}

/** pcap-parser waits for the rest of a short file without a word, and knows few magic numbers: both are looked at first. */
async function checkStart(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) {
      throw new PcapError(`${path} is empty: the capture was not started, or not allowed`);
    }
    const start = Buffer.alloc(4);
    await file.read(start, 0, 4, 0);
    const magic = start.toString("hex");
    const foreign = FOREIGN[magic];
    if (foreign !== undefined) throw new PcapError(`${path} ${foreign}`);
    if (magic !== "d4c3b2a1" && magic !== "a1b2c3d4") {
      throw new PcapError(
        `${path} is not a capture: it starts with ${magic}, not with libpcap's magic number`,
      );
    }
    if (size < GLOBAL_HEADER) throw truncated(path, 0, size);
    return size;
  } finally {
    await file.close();
  }
}

function truncated(path: string, packets: number, rest: number): PcapError {
  return new PcapError(
    `${path} is truncated: ${rest} bytes of a packet follow the ${packets} complete ones; wait until the capture has ended, or capture again`,
  );
}
