/** Captures made by hand, for tests. */

export interface FrameOptions {
  readonly from: "client" | "server";
  readonly time: number;
  readonly sequence: number;
  readonly payload?: number;
  /** Any of S, A, F, R, P. */
  readonly flags?: string;
  readonly clientPort?: number;
  readonly version?: 4 | 6;
}

export interface FileOptions {
  readonly bigEndian?: boolean;
  readonly linkType?: number;
}

const SERVER_PORT = 22;
/** Bytes kept of each frame, as tcpdump -s does. */
const KEPT = 96;
const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** A file in libpcap's format that holds these frames. */
export function pcapFile(frames: readonly FrameOptions[], options: FileOptions = {}): Buffer {
  const { bigEndian = false, linkType = 1 } = options;
  const words = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) {
      if (bigEndian) bytes.writeUInt32BE(value, 4 * index);
      else bytes.writeUInt32LE(value, 4 * index);
    }
    return bytes;
  };
  const version = bigEndian ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0]);
  const parts = [words(0xa1b2c3d4), version, words(0, 0, KEPT, linkType)];
  for (const frame of frames) {
    const whole = ethernetFrame(frame);
    const kept = whole.subarray(0, KEPT);
    const seconds = Math.floor(frame.time);
    const micros = Math.round((frame.time - seconds) * 1e6);
    parts.push(words(seconds, micros, kept.length, whole.length), kept);
  }
  return Buffer.concat(parts);
}

function ethernetFrame(frame: FrameOptions): Buffer {
  const { version = 4 } = frame;
  const tcp = tcpSegment(frame);
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(version === 4 ? 0x0800 : 0x86dd, 12);
  const ip = version === 4 ? ipv4Header(frame, tcp.length) : ipv6Header(frame, tcp.length);
  return Buffer.concat([ethernet, ip, tcp]);
}

function ipv4Header({ from }: FrameOptions, length: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header[9] = 6;
  const client = [10, 0, 0, 1];
  const server = [10, 0, 0, 2];
  header.set(from === "client" ? [...client, ...server] : [...server, ...client], 12);
  return header;
}

function ipv6Header({ from }: FrameOptions, length: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(length, 4);
  header[6] = 6;
  header[23] = from === "client" ? 1 : 2;
  header[39] = from === "client" ? 2 : 1;
  return header;
}

function tcpSegment(frame: FrameOptions): Buffer {
  const { from, sequence, payload = 0, flags = "A", clientPort = 40_000 } = frame;
  const segment = Buffer.alloc(20 + payload);
  const [source, destination] =
    from === "client" ? [clientPort, SERVER_PORT] : [SERVER_PORT, clientPort];
  segment.writeUInt16BE(source, 0);
  segment.writeUInt16BE(destination, 2);
  segment.writeUInt32BE(sequence >>> 0, 4);
  segment[12] = 5 << 4;
  segment[13] = [...flags].reduce((all, flag) => all | FLAGS[flag]!, 0);
  return segment;
}
