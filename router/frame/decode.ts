import { corrupt, overLimit } from "./frame-error.ts";
import type { Frame } from "./layout.ts";
import { FLAG, HEADER_BYTES, hasKnownFlags, LIMIT, MAGIC, OFFSET } from "./layout.ts";

/** Turns chunks, cut anywhere, into frames. */
export interface FrameDecoder {
  /** Bytes held back until their frame is whole. */
  readonly held: number;
  /**
   * Takes a chunk and hands out every frame that it completes, in order. A payload is a view of the
   * chunk where it lies in one piece: a consumer that keeps it keeps the chunk.
   * @throws RouterError `corrupt` (magic, flags) or `limit` (length). The decoder is unusable then.
   */
  push(chunk: Uint8Array): void;
}

/**
 * Makes a {@link FrameDecoder}. Three states, one buffer:
 *
 *     no rest        frames are cut out of the chunk where they lie
 *     rest < header  a few bytes, joined with the next chunk
 *     rest, length   the frame's buffer is allocated once, when its header is known, and filled
 */
export function createFrameDecoder(onFrame: (frame: Frame) => void): FrameDecoder {
  let header = new Uint8Array(0);
  let filling: { readonly bytes: Uint8Array; filled: number } | undefined;

  return {
    get held() {
      return filling === undefined ? header.length : filling.filled;
    },
    push(chunk) {
      let offset = 0;
      if (filling !== undefined) {
        offset = fill(filling, chunk, 0);
        if (filling.filled < filling.bytes.length) return;
        const { bytes } = filling;
        filling = undefined;
        onFrame(readFrame(bytes, 0, bytes.length - HEADER_BYTES));
      }
      if (header.length > 0) {
        // At most 15 bytes of an old header: only they and the new chunk's header part are copied.
        const need = HEADER_BYTES - header.length;
        const joined = new Uint8Array(header.length + Math.min(need, chunk.length - offset));
        joined.set(header);
        joined.set(chunk.subarray(offset, offset + need), header.length);
        if (joined.length < HEADER_BYTES) {
          checkMagic(joined, 0);
          header = joined;
          return;
        }
        header = new Uint8Array(0);
        offset += need;
        const bytes = startFrame(joined);
        filling = { bytes, filled: HEADER_BYTES };
        offset = fill(filling, chunk, offset);
        if (filling.filled < bytes.length) return;
        filling = undefined;
        onFrame(readFrame(bytes, 0, bytes.length - HEADER_BYTES));
      }
      while (chunk.length - offset >= HEADER_BYTES) {
        const length = checkHeader(chunk, offset);
        const end = offset + HEADER_BYTES + length;
        if (end > chunk.length) {
          const bytes = new Uint8Array(HEADER_BYTES + length);
          bytes.set(chunk.subarray(offset));
          filling = { bytes, filled: chunk.length - offset };
          return;
        }
        const frame = readFrame(chunk, offset, length);
        offset = end;
        onFrame(frame);
      }
      if (offset < chunk.length) {
        checkMagic(chunk, offset);
        header = chunk.slice(offset);
      }
    },
  };
}

function fill(
  target: { readonly bytes: Uint8Array; filled: number },
  chunk: Uint8Array,
  offset: number,
): number {
  const take = Math.min(target.bytes.length - target.filled, chunk.length - offset);
  target.bytes.set(chunk.subarray(offset, offset + take), target.filled);
  target.filled += take;
  return offset + take;
}

function startFrame(header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + checkHeader(header, 0));
  bytes.set(header);
  return bytes;
}

/** A wrong first byte is reported at once: foreign text must not be awaited as a long frame. */
function checkMagic(bytes: Uint8Array, offset: number): void {
  const wrong =
    bytes[offset] !== MAGIC >> 8 ||
    (offset + 1 < bytes.length && bytes[offset + 1] !== (MAGIC & 0xff));
  if (wrong) {
    throw corrupt(
      `not a frame: something else wrote on the agent's output (${excerpt(bytes, offset)})`,
    );
  }
}

function checkHeader(bytes: Uint8Array, offset: number): number {
  checkMagic(bytes, offset);
  const flags = bytes[offset + OFFSET.flags] as number;
  if (!hasKnownFlags(flags)) throw corrupt(`a frame has unknown flags 0x${flags.toString(16)}`);
  const length = readU32(bytes, offset + OFFSET.length);
  if (length > LIMIT.framePayload) {
    throw overLimit(`a frame announces ${length} bytes, more than ${LIMIT.framePayload}`);
  }
  if ((flags & FLAG.deflate) !== 0 && length < 4) {
    throw corrupt("a deflated frame lacks its inflated length");
  }
  return length;
}

function readFrame(bytes: Uint8Array, offset: number, length: number): Frame {
  return {
    type: bytes[offset + OFFSET.type] as number,
    flags: bytes[offset + OFFSET.flags] as number,
    dst: readU16(bytes, offset + OFFSET.dst),
    src: readU16(bytes, offset + OFFSET.src),
    id: readU32(bytes, offset + OFFSET.id),
    payload: bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length),
  };
}

function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readU32(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * 0x10000 + readU16(bytes, at + 2);
}

/** The first bytes of what came instead, printable ones only. */
function excerpt(bytes: Uint8Array, offset: number): string {
  const text = Array.from(bytes.subarray(offset, offset + 40), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
  return JSON.stringify(text);
}

/** Inflates raw deflate data, at most `length` bytes of output. */
export type Inflate = (bytes: Uint8Array, length: number) => Uint8Array;

/**
 * A frame's payload, inflated when it is deflated.
 * @throws RouterError `limit` when more than 4 MiB are announced, `corrupt` when not exactly the
 * announced number of bytes comes out.
 */
export function inflatePayload(frame: Frame, inflate: Inflate): Uint8Array {
  if ((frame.flags & FLAG.deflate) === 0) return frame.payload;
  if (frame.payload.length < 4) throw corrupt("a deflated frame lacks its inflated length");
  const length = readU32(frame.payload, 0);
  if (length > LIMIT.framePayload) {
    throw overLimit(`a deflated frame announces ${length} bytes, more than ${LIMIT.framePayload}`);
  }
  let inflated: Uint8Array;
  try {
    inflated = inflate(frame.payload.subarray(4), length);
  } catch (cause) {
    throw corrupt(`a deflated frame cannot be inflated: ${(cause as Error).message}`);
  }
  if (inflated.length !== length) {
    throw corrupt(`a deflated frame announces ${length} bytes and holds ${inflated.length}`);
  }
  return inflated;
}
