import { Duplex } from "node:stream";
import { marshal } from "./marshal-encode.ts";
import { createMessageReader, HEADER_SIZE } from "./message.ts";

/** For tests: the near end of a line, and a plugin's process at its far end. */
export interface LinePair {
  readonly near: Duplex;
  /** What the process heard. */
  readonly heard: (readonly unknown[])[];
  /** Writes a message as the process would. */
  say(...message: readonly unknown[]): void;
  /** Writes bytes that may be no message. */
  sayBytes(bytes: Uint8Array): void;
  /** Ends the process. */
  end(): void;
}

/** @param react is called with each message that the process hears, and may answer it */
export function createLinePair(
  react: (message: readonly unknown[], pair: LinePair) => void = () => undefined,
): LinePair {
  const heard: (readonly unknown[])[] = [];
  const read = createMessageReader((message) => {
    heard.push(message);
    react(message, pair);
  });
  const near = new Duplex({
    read() {},
    write(piece: Buffer, _encoding, done) {
      // Marked tuples stay tuples: nobody here makes of them what Python does.
      const plain = Buffer.from(piece);
      plain[HEADER_SIZE - 1] = 0;
      read(plain);
      done();
    },
  });
  const pair: LinePair = {
    near,
    heard,
    say(...message) {
      const { bytes, isMarked } = marshal(message, () => [0, 0]);
      const header = Buffer.alloc(HEADER_SIZE);
      header.writeUInt32LE(bytes.length);
      header[4] = isMarked ? 1 : 0;
      near.push(Buffer.concat([header, bytes]));
    },
    sayBytes: (bytes) => near.push(bytes),
    end: () => near.destroy(),
  };
  return pair;
}
