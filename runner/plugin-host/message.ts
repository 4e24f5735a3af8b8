import { TemplateError } from "../template/error.ts";
import { unmarshal } from "./marshal-decode.ts";
import { marshal, type NumberLazy } from "./marshal-encode.ts";
import { HostGone } from "./python-process.ts";

/** Bytes in front of a message: its length, and whether some of it travels as marked tuples (python/skein_channel.py). */
export const HEADER_SIZE = 5;
const MAX_MESSAGE = 256 * 1024 * 1024;

/**
 * A message as it travels.
 *
 * @throws TemplateError when it is too long, TypeError for what has no form over there
 */
export function frameOf(message: readonly unknown[], numberLazy: NumberLazy): Uint8Array {
  const { bytes, isMarked } = marshal(message, numberLazy);
  if (bytes.length > MAX_MESSAGE)
    throw new TemplateError(
      "runtime",
      `the arguments of a plugin have ${bytes.length} bytes; the limit is ${MAX_MESSAGE}`,
    );
  const frame = Buffer.allocUnsafe(HEADER_SIZE + bytes.length);
  frame.writeUInt32LE(bytes.length);
  frame[4] = isMarked ? 1 : 0;
  frame.set(bytes, HEADER_SIZE);
  return frame;
}

/** The length of the message behind a header. @throws HostGone when it is longer than a message may be */
export function sizeIn(header: Buffer): number {
  const size = header.readUInt32LE();
  if (size > MAX_MESSAGE) throw new HostGone("the plugin host wrote too long a message");
  return size;
}

/** The message of a header and what is behind it. @throws Error for damaged bytes */
export function messageOf(header: Buffer, body: Buffer): readonly unknown[] {
  const message = unmarshal(body, header[4] === 1);
  if (!Array.isArray(message))
    throw new HostGone("the plugin host wrote something that is no message");
  return message;
}

/**
 * Puts messages together from the pieces in which a stream brings them. No more is kept than the message under way.
 *
 * @returns takes the next piece. @throws HostGone, Error as {@link sizeIn} and {@link messageOf} do, and what `hear` throws
 */
export function createMessageReader(
  hear: (message: readonly unknown[]) => void,
): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let total = 0;
  let wanted = HEADER_SIZE;
  let header: Buffer | undefined;
  return (piece) => {
    pieces.push(piece);
    total += piece.length;
    while (total >= wanted) {
      const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, total);
      const part = all.subarray(0, wanted);
      const rest = all.subarray(wanted);
      pieces = rest.length === 0 ? [] : [rest];
      total = rest.length;
      if (header === undefined) {
        header = part;
        wanted = sizeIn(part);
        continue;
      }
      const message = messageOf(header, part);
      header = undefined;
      wanted = HEADER_SIZE;
      hear(message);
    }
  };
}
