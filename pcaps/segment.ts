import type { Packet, PcapFile } from "./pcap-file.ts";

/** What flows are made of: one TCP segment in one frame. */
export interface Segment {
  readonly time: number;
  /** Bytes of the frame on the link, all headers included. */
  readonly wireLength: number;
  /** `127.0.0.1:22`; IPv6 in brackets. */
  readonly source: string;
  readonly destination: string;
  readonly sequence: number;
  /** Bytes of payload. */
  readonly payload: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
}

/** libpcap's link types: length of the header in front of IP, and where in it the protocol number stands. */
const LINKS: Readonly<Record<number, { readonly header: number; readonly protocol?: number }>> = {
  1: { header: 14, protocol: 12 },
  101: { header: 0 },
  113: { header: 16, protocol: 14 },
  276: { header: 20, protocol: 0 },
};
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;

/**
 * The TCP segments of a capture, in its order; everything else in it is left out.
 *
 * @throws Error for a link whose frames are not known here.
 */
export function toSegments({ linkType, packets }: PcapFile): Segment[] {
  const link = LINKS[linkType];
  if (link === undefined) {
    throw new Error(
      `frames of link type ${linkType} are not known: capture on an Ethernet interface, lo, or any`,
    );
  }
  const segments: Segment[] = [];
  for (const packet of packets) {
    const view = new DataView(packet.bytes.buffer, packet.bytes.byteOffset, packet.bytes.length);
    if (view.byteLength < link.header + 20) continue;
    if (link.protocol !== undefined) {
      const protocol = view.getUint16(link.protocol);
      if (protocol !== IPV4 && protocol !== IPV6) continue;
    }
    const segment =
      view.getUint8(link.header) >> 4 === 6
        ? fromIpv6(packet, view, link.header)
        : fromIpv4(packet, view, link.header);
    if (segment !== undefined) segments.push(segment);
  }
  return segments;
}

function fromIpv4(packet: Packet, view: DataView, at: number): Segment | undefined {
  const header = (view.getUint8(at) & 0x0f) * 4;
  // A later fragment has no TCP header.
  const fragment = (view.getUint16(at + 6) & 0x1fff) !== 0;
  if (view.getUint8(at + 9) !== TCP || fragment) return undefined;
  // Segments that the network card is to cut may have no length: then the frame tells.
  const total = view.getUint16(at + 2) || packet.wireLength - at;
  const address = (from: number): string =>
    `${view.getUint8(from)}.${view.getUint8(from + 1)}.${view.getUint8(from + 2)}.${view.getUint8(from + 3)}`;
  return fromTcp(packet, view, {
    at: at + header,
    length: total - header,
    source: address(at + 12),
    destination: address(at + 16),
  });
}

/** Extension headers are not walked: TCP behind one is not seen on the links that are measured here. */
function fromIpv6(packet: Packet, view: DataView, at: number): Segment | undefined {
  if (view.byteLength < at + 40 || view.getUint8(at + 6) !== TCP) return undefined;
  const address = (from: number): string => {
    const groups = Array.from({ length: 8 }, (_, index) =>
      view.getUint16(from + 2 * index).toString(16),
    );
    return `[${groups.join(":")}]`;
  };
  const length = view.getUint16(at + 4) || packet.wireLength - at - 40;
  return fromTcp(packet, view, {
    at: at + 40,
    length,
    source: address(at + 8),
    destination: address(at + 24),
  });
}

interface TcpPlace {
  readonly at: number;
  /** TCP header and payload. */
  readonly length: number;
  readonly source: string;
  readonly destination: string;
}

function fromTcp(packet: Packet, view: DataView, place: TcpPlace): Segment | undefined {
  const { at, length, source, destination } = place;
  if (view.byteLength < at + 14) return undefined;
  const flags = view.getUint8(at + 13);
  return {
    time: packet.time,
    wireLength: packet.wireLength,
    source: `${source}:${view.getUint16(at)}`,
    destination: `${destination}:${view.getUint16(at + 2)}`,
    sequence: view.getUint32(at + 4),
    payload: length - (view.getUint8(at + 12) >> 4) * 4,
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    ack: (flags & 0x10) !== 0,
  };
}
