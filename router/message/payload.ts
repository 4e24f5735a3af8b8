import { Packr } from "msgpackr";
import { RouterError } from "../base/index.ts";
import { LIMIT } from "../frame/layout.ts";

/** What a payload is made of. Maps are plain objects with text keys. */
export type Payload =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Payload[]
  | { readonly [key: string]: Payload | undefined };

// No records and no extensions on the wire: the agent's codec is small and knows plain msgpack only.
const packr = new Packr({
  useRecords: false,
  moreTypes: false,
  mapsAsObjects: true,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  copyBuffers: false,
});

/** A value as one msgpack value, in the shortest form of each type. */
export function encodePayload(value: Payload): Uint8Array {
  return packr.pack(value);
}

/**
 * One msgpack value. It is checked in a pass of its own before anything is built from it, since it
 * comes from a target: nesting, counts, text keys, no extension types, and nothing behind it.
 * Byte strings are views of `bytes`.
 * @throws RouterError `corrupt` or `limit`.
 */
export function decodePayload(bytes: Uint8Array): unknown {
  const end = checkValue(bytes, 0, 0);
  if (end !== bytes.length) throw bad(`${bytes.length - end} bytes follow the value`);
  return packr.unpack(bytes);
}

function bad(what: string): RouterError {
  return new RouterError("corrupt", `a message cannot be decoded: ${what}`);
}

/** Walks over the value at `at` and returns where it ends. Bytes and text are skipped, not read. */
function checkValue(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > LIMIT.nesting) {
    throw new RouterError("limit", `a message is nested deeper than ${LIMIT.nesting}`);
  }
  if (at >= bytes.length) throw bad("it ends too early");
  const tag = bytes[at] as number;
  if (tag < 0x80 || tag >= 0xe0) return at + 1;
  if (tag < 0x90) return checkMap(bytes, at + 1, tag & 0x0f, depth);
  if (tag < 0xa0) return checkArray(bytes, at + 1, tag & 0x0f, depth);
  if (tag < 0xc0) return skip(bytes, at + 1, tag & 0x1f);
  switch (tag) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xc4:
    case 0xd9:
      return skip(bytes, at + 2, readUint(bytes, at + 1, 1));
    case 0xc5:
    case 0xda:
      return skip(bytes, at + 3, readUint(bytes, at + 1, 2));
    case 0xc6:
    case 0xdb:
      return skip(bytes, at + 5, readUint(bytes, at + 1, 4));
    case 0xcc:
    case 0xd0:
      return skip(bytes, at + 1, 1);
    case 0xcd:
    case 0xd1:
      return skip(bytes, at + 1, 2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skip(bytes, at + 1, 4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skip(bytes, at + 1, 8);
    case 0xdc:
      return checkArray(bytes, at + 3, readUint(bytes, at + 1, 2), depth);
    case 0xdd:
      return checkArray(bytes, at + 5, readUint(bytes, at + 1, 4), depth);
    case 0xde:
      return checkMap(bytes, at + 3, readUint(bytes, at + 1, 2), depth);
    case 0xdf:
      return checkMap(bytes, at + 5, readUint(bytes, at + 1, 4), depth);
    default:
      throw bad(`type 0x${tag.toString(16)} is not used here`);
  }
}

function skip(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  if (end > bytes.length) throw bad("it ends too early");
  return end;
}

function readUint(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw bad("it ends too early");
  let value = 0;
  for (let i = 0; i < width; i += 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}

function checkCount(count: number): void {
  if (count > LIMIT.items) {
    throw new RouterError("limit", `a message holds ${count} items, more than ${LIMIT.items}`);
  }
}

function checkArray(bytes: Uint8Array, start: number, count: number, depth: number): number {
  checkCount(count);
  let at = start;
  for (let i = 0; i < count; i += 1) at = checkValue(bytes, at, depth + 1);
  return at;
}

function checkMap(bytes: Uint8Array, start: number, count: number, depth: number): number {
  checkCount(count);
  let at = start;
  for (let i = 0; i < count; i += 1) {
    const tag = bytes[at];
    const isText =
      tag !== undefined && ((tag >= 0xa0 && tag < 0xc0) || (tag >= 0xd9 && tag <= 0xdb));
    if (!isText) throw bad("a map's key is not text");
    const end = checkValue(bytes, at, depth + 1);
    if (isProtoKey(bytes, at, end)) throw bad("a map has the key __proto__");
    at = checkValue(bytes, end, depth + 1);
  }
  return at;
}

const PROTO = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f];

/** The one key that would reach an object's prototype. */
function isProtoKey(bytes: Uint8Array, at: number, end: number): boolean {
  const start = end - PROTO.length;
  if (start <= at || start - at > 5) return false;
  return (
    PROTO.every((byte, index) => bytes[start + index] === byte) && headerOf(bytes, at) === start
  );
}

function headerOf(bytes: Uint8Array, at: number): number {
  const tag = bytes[at] as number;
  if (tag < 0xc0) return at + 1;
  return at + (tag === 0xd9 ? 2 : tag === 0xda ? 3 : 5);
}
