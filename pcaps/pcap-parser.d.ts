/** The parts of pcap-parser 0.2 that are used here; the package brings no types. */
// biome-ignore lint/correctness/noUnresolvedImports: it is there, in an old form that Biome does not know
declare module "pcap-parser" {
  import type { EventEmitter } from "node:events";
  import type { Readable } from "node:stream";

  export interface GlobalHeader {
    readonly snapshotLength: number;
    readonly linkLayerType: number;
  }

  export interface PacketHeader {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  }

  export interface Parser extends EventEmitter {
    on(event: "globalHeader", listener: (header: GlobalHeader) => void): this;
    on(event: "packetHeader", listener: (header: PacketHeader) => void): this;
    on(
      event: "packet",
      listener: (packet: { readonly header: PacketHeader; readonly data: Buffer }) => void,
    ): this;
    on(event: "end", listener: () => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }

  const parser: { readonly parse: (input: string | Readable) => Parser };
  export default parser;
}
