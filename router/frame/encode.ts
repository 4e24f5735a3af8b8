import { overLimit } from "./frame-error.ts";
import { FLAG, HEADER_BYTES, LIMIT, MAGIC, OFFSET } from "./layout.ts";

/** The header's fields that a sender chooses; the length follows from the payload. */
export interface FrameHead {
  readonly type: number;
  readonly flags?: number;
  readonly dst: number;
  readonly src: number;
  readonly id: number;
}

/** Deflates without a header; passed in, since this folder imports no Node module. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

/**
 * One frame as bytes.
 * @throws RouterError `limit` when the payload exceeds 4 MiB.
 */
export function encodeFrame(head: FrameHead, payload: Uint8Array): Uint8Array {
  if (payload.length > LIMIT.framePayload) {
    throw overLimit(`a frame of ${payload.length} bytes exceeds ${LIMIT.framePayload}`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(OFFSET.magic, MAGIC);
  bytes[OFFSET.type] = head.type;
  bytes[OFFSET.flags] = head.flags ?? 0;
  view.setUint32(OFFSET.length, payload.length);
  view.setUint16(OFFSET.dst, head.dst);
  view.setUint16(OFFSET.src, head.src);
  view.setUint32(OFFSET.id, head.id);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Payloads shorter than this are not worth the deflater's set-up. */
const WORTH_DEFLATING = 1024;

/**
 * A message as frames: cut at 1 MiB, all but the last piece flagged MORE, each piece deflated when a
 * deflater is given and the piece shrinks by it.
 * @throws RouterError `limit` when the message exceeds 64 MiB.
 */
export function encodeMessage(
  head: FrameHead,
  payload: Uint8Array,
  deflate?: Deflate,
): Uint8Array[] {
  if (payload.length > LIMIT.joinedDown) {
    throw overLimit(`a message of ${payload.length} bytes exceeds ${LIMIT.joinedDown}`);
  }
  const frames: Uint8Array[] = [];
  let start = 0;
  do {
    const end = Math.min(start + LIMIT.cut, payload.length);
    const more = end < payload.length ? FLAG.more : 0;
    frames.push(encodePiece(head, more, payload.subarray(start, end), deflate));
    start = end;
  } while (start < payload.length);
  return frames;
}

function encodePiece(
  head: FrameHead,
  more: number,
  piece: Uint8Array,
  deflate: Deflate | undefined,
): Uint8Array {
  const flags = (head.flags ?? 0) | more;
  if (deflate !== undefined && piece.length >= WORTH_DEFLATING) {
    const deflated = deflate(piece);
    if (deflated.length + 4 < piece.length) {
      const body = new Uint8Array(4 + deflated.length);
      new DataView(body.buffer).setUint32(0, piece.length);
      body.set(deflated, 4);
      return encodeFrame({ ...head, flags: flags | FLAG.deflate }, body);
    }
  }
  return encodeFrame({ ...head, flags }, piece);
}
