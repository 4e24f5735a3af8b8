/**
 * The frame's layout and limits (PROTOCOL.md). Its twin is `remote/agent/frames.py`: same names,
 * same order.
 */

export const PROTOCOL_VERSION = 1;
export const MAGIC = 0x5e1a;
export const HEADER_BYTES = 16;

/** Offsets of the header's fields. All integers are big-endian. */
export const OFFSET = { magic: 0, type: 2, flags: 3, length: 4, dst: 8, src: 10, id: 12 } as const;

export const FLAG = { deflate: 1, more: 2, last: 4 } as const;
const KNOWN_FLAGS = FLAG.deflate | FLAG.more | FLAG.last;

export const TYPE = {
  CONFIG: 1,
  HELLO: 2,
  SPAWN: 3,
  ROUTE_REMOVED: 4,
  SOURCES: 5,
  SOURCE_MISSING: 6,
  SOURCE: 7,
  CALL: 8,
  RESULT: 9,
  CANCEL: 10,
  LOG: 11,
  FILE_CHUNK: 12,
  FILE_CREDIT: 13,
  FILE_DONE: 14,
  PING: 15,
  PONG: 16,
  BYE: 17,
  EXEC_OUTPUT: 18,
} as const;

/** The controller's context id, and that of the login account's agent. */
export const CONTROLLER = 0;
export const ROOT = 1;
/** Context ids are 16 bits wide. */
export const LAST_CONTEXT = 0xffff;

export const LIMIT = {
  /** A frame's payload, before and after inflating: one read buffer that a peer can ask for. */
  framePayload: 4 * 1024 * 1024,
  /** A sender cuts here, so that frames of others get in between. */
  cut: 1024 * 1024,
  /** A joined message: module output can be large, what we send is not. */
  joinedUp: 256 * 1024 * 1024,
  joinedDown: 64 * 1024 * 1024,
  /** msgpack nesting: our deepest message has 5 levels. */
  nesting: 32,
  /** Items of one msgpack array or map. */
  items: 1_000_000,
  /** Bytes before the boot marker: a login banner. */
  banner: 64 * 1024,
  /** Bytes of a file under way beyond the receiver's credit. */
  fileWindow: 1024 * 1024,
} as const;

/** A frame as it stands on the wire; `payload` may be deflated. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly dst: number;
  readonly src: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Whether `flags` holds only bits that this version knows. */
export function hasKnownFlags(flags: number): boolean {
  return (flags & ~KNOWN_FLAGS) === 0;
}
