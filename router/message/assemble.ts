import { RouterError } from "../base/index.ts";
import type { Inflate } from "../frame/decode.ts";
import { inflatePayload } from "../frame/decode.ts";
import type { Frame } from "../frame/layout.ts";
import { FLAG, LIMIT } from "../frame/layout.ts";

/** A whole message, its pieces joined and inflated, its payload not yet decoded. */
export interface RawMessage {
  readonly type: number;
  readonly src: number;
  readonly dst: number;
  readonly id: number;
  readonly last: boolean;
  readonly payload: Uint8Array;
}

/** Joins frames to messages. */
export interface Assembler {
  /** Bytes of unfinished messages. */
  readonly held: number;
  /**
   * Takes a frame; returns the message when this was its last piece.
   * @throws RouterError `limit` when all unfinished messages together exceed 256 MiB, or are more
   * than 1,024; `corrupt` when a deflated piece is wrong.
   */
  take(frame: Frame): RawMessage | undefined;
}

/** Unfinished messages at once. Each sender interleaves a handful; the bound is for hostile ones. */
const MOST_UNFINISHED = 1024;

/** Makes an {@link Assembler} for one link. */
export function createAssembler(inflate: Inflate): Assembler {
  const unfinished = new Map<string, Uint8Array[]>();
  let held = 0;
  return {
    get held() {
      return held;
    },
    take(frame) {
      const payload = inflatePayload(frame, inflate);
      const more = (frame.flags & FLAG.more) !== 0;
      // Nearly all messages are one frame: they must not cost a key.
      if (!more && unfinished.size === 0) return toMessage(frame, payload);
      const key = `${frame.type}/${frame.src}/${frame.id}`;
      const pieces = unfinished.get(key);
      if (!more && pieces === undefined) return toMessage(frame, payload);
      held += payload.length;
      if (held > LIMIT.joinedUp) {
        throw new RouterError("limit", `unfinished messages exceed ${LIMIT.joinedUp} bytes`);
      }
      if (more) {
        if (pieces === undefined) {
          if (unfinished.size >= MOST_UNFINISHED) {
            throw new RouterError("limit", `more than ${MOST_UNFINISHED} messages are unfinished`);
          }
          unfinished.set(key, [payload]);
        } else pieces.push(payload);
        return undefined;
      }
      const all = [...(pieces as Uint8Array[]), payload];
      unfinished.delete(key);
      const joined = joinBytes(all);
      held -= joined.length;
      return toMessage(frame, joined);
    },
  };
}

function toMessage(frame: Frame, payload: Uint8Array): RawMessage {
  const { type, src, dst, id } = frame;
  return { type, src, dst, id, last: (frame.flags & FLAG.last) !== 0, payload };
}

/** One array of several. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const part of parts) total += part.length;
  const joined = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
