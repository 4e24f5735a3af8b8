import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Inflate } from "../frame/decode.ts";
import type { Deflate } from "../frame/encode.ts";

/** Deflates one frame's payload. */
export const deflateFrame: Deflate = (bytes) => deflateRawSync(bytes, { level: 6 });

/** Deflates what is sent to many hosts, once. Level 9 takes five times as long for one percent less. */
export const deflateBundle: Deflate = (bytes) => deflateRawSync(bytes, { level: 6, memLevel: 9 });

/** Inflates one frame's payload; more output than was announced is an error, not memory. */
export const inflateFrame: Inflate = (bytes, length) =>
  inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) });
