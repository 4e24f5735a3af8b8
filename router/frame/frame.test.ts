import { readFileSync } from "node:fs";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RouterError } from "../base/index.ts";
import { createAssembler, joinBytes } from "../message/assemble.ts";
import type { Payload } from "../message/payload.ts";
import { decodePayload, encodePayload } from "../message/payload.ts";
import { createFrameDecoder } from "./decode.ts";
import { encodeFrame, encodeMessage } from "./encode.ts";
import type { Frame } from "./layout.ts";
import { FLAG, HEADER_BYTES, LIMIT, TYPE } from "./layout.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
interface Good {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly dst: number;
  readonly src: number;
  readonly id: number;
  readonly payload: Json;
  readonly hex: string;
}
interface Bad {
  readonly name: string;
  readonly hex: string;
  readonly error: string;
}

const rows = JSON.parse(
  readFileSync(new URL("./vectors.json", import.meta.url), "utf8"),
) as readonly (Good | Bad)[];
const good = rows.filter((row): row is Good => !("error" in row));
const bad = rows.filter((row): row is Bad => "error" in row);

const inflate = (bytes: Uint8Array, length: number) =>
  inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) });
const deflate = (bytes: Uint8Array) => deflateRawSync(bytes);

/** JSON to what the wire carries: {"$bin": hex} is bytes. */
function revive(value: Json): Payload {
  if (Array.isArray(value)) return (value as readonly Json[]).map(revive);
  if (typeof value !== "object" || value === null) return value as Payload;
  const map = value as { readonly [key: string]: Json };
  if (typeof map["$bin"] === "string") return new Uint8Array(Buffer.from(map["$bin"], "hex"));
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, revive(item)]));
}

/** Bytes as plain arrays of numbers, so that Buffers and Uint8Arrays compare. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function decodeAll(chunks: Iterable<Uint8Array>): Frame[] {
  const frames: Frame[] = [];
  const decoder = createFrameDecoder((frame) => {
    // A payload is a view of its chunk: a copy is what may be kept.
    frames.push({ ...frame, payload: frame.payload.slice() });
  });
  for (const chunk of chunks) decoder.push(chunk);
  expect(decoder.held).toBe(0);
  return frames;
}

function* cut(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + size());
    yield bytes.slice(at, end);
    at = end;
  }
}

/** A small generator with a seed, so that a failure can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the shared vectors", () => {
  it("are enough to mean something", () => {
    expect(good.length).toBeGreaterThan(25);
    expect(bad.length).toBeGreaterThan(12);
    const types = new Set(good.map((row) => row.type));
    expect([...types].sort((a, b) => a - b)).toEqual(Object.values(TYPE));
  });

  it.each(good)("decode: $name", (row) => {
    const [frame] = decodeAll([Buffer.from(row.hex, "hex")]);
    const { type, flags, dst, src, id } = frame as Frame;
    expect({ type, flags, dst, src, id }).toEqual({
      type: row.type,
      flags: row.flags,
      dst: row.dst,
      src: row.src,
      id: row.id,
    });
    const message = createAssembler(inflate).take(frame as Frame);
    expect(plain(decodePayload(message?.payload as Uint8Array))).toEqual(
      plain(revive(row.payload)),
    );
  });

  it.each(good.filter((row) => (row.flags & FLAG.deflate) === 0))("encode: $name", (row) => {
    const bytes = encodeFrame(row, encodePayload(revive(row.payload)));
    expect(Buffer.from(bytes).toString("hex")).toBe(row.hex);
  });

  it.each(bad)("refuse: $name", ({ hex, error }) => {
    const assembler = createAssembler(inflate);
    const decoder = createFrameDecoder((frame) => {
      decodePayload(assembler.take(frame)?.payload as Uint8Array);
    });
    expect(() => decoder.push(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ name: "RouterError", code: error }),
    );
  });
});

describe("createFrameDecoder", () => {
  const all = joinBytes([
    ...good.map((row) => Buffer.from(row.hex, "hex")),
    encodeFrame({ type: TYPE.RESULT, dst: 0, src: 1, id: 3 }, new Uint8Array(70_000).fill(7)),
    encodeFrame({ type: TYPE.PONG, dst: 0, src: 1, id: 4 }, new Uint8Array(0)),
  ]);
  const whole = decodeAll([all]);

  it("gives the same frames byte by byte", () => {
    expect(decodeAll(cut(all, () => 1))).toEqual(whole);
  });

  it.each([1, 2, 3, 4, 5])("gives the same frames from random chunks (seed %i)", (seed) => {
    const random = createRandom(seed);
    const most = [2, 17, 33, 1500, 40_000][seed - 1] as number;
    expect(decodeAll(cut(all, () => 1 + Math.floor(random() * most)))).toEqual(whole);
  });

  it("holds no more than the frame that is under way", () => {
    const decoder = createFrameDecoder(() => {});
    const frame = encodeFrame({ type: TYPE.LOG, dst: 0, src: 1, id: 0 }, new Uint8Array(100));
    decoder.push(frame.subarray(0, 10));
    expect(decoder.held).toBe(10);
    decoder.push(frame.subarray(10, 50));
    expect(decoder.held).toBe(50);
    decoder.push(frame.subarray(50));
    expect(decoder.held).toBe(0);
  });

  it("refuses foreign text at its first byte and quotes it", () => {
    const decoder = createFrameDecoder(() => {});
    expect(() => decoder.push(Buffer.from("b"))).toThrow('"b"');
    expect(() => createFrameDecoder(() => {}).push(Buffer.from("bash: fork: retry\n"))).toThrow(
      '"bash: fork: retry."',
    );
  });

  it("refuses flags that this version does not know", () => {
    const frame = encodeFrame(
      { type: TYPE.LOG, flags: 8, dst: 0, src: 1, id: 0 },
      new Uint8Array(0),
    );
    expect(() => createFrameDecoder(() => {}).push(frame)).toThrow("unknown flags 0x8");
  });
});

describe("encodeMessage", () => {
  const head = { type: TYPE.SOURCES, dst: 1, src: 0, id: 0 };
  const random = createRandom(9);
  const noise = Uint8Array.from({ length: 3 * LIMIT.cut + 5 }, () => random() * 256);

  it("cuts at 1 MiB and the pieces join again", () => {
    const frames = decodeAll(encodeMessage(head, noise));
    expect(frames.map((frame) => [frame.payload.length, frame.flags])).toEqual([
      [LIMIT.cut, FLAG.more],
      [LIMIT.cut, FLAG.more],
      [LIMIT.cut, FLAG.more],
      [5, 0],
    ]);
    const assembler = createAssembler(inflate);
    const messages = frames.map((frame) => assembler.take(frame));
    expect(messages.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(Buffer.compare(messages[3]?.payload as Uint8Array, noise)).toBe(0);
    expect(assembler.held).toBe(0);
  });

  it("deflates each piece that shrinks by it", () => {
    const zeros = new Uint8Array(LIMIT.cut + 10);
    const [first, second] = decodeAll(encodeMessage(head, zeros, deflate)) as [Frame, Frame];
    expect(first.flags).toBe(FLAG.more | FLAG.deflate);
    expect(first.payload.length).toBeLessThan(2000);
    // Ten bytes are not worth it.
    expect([second.flags, second.payload.length]).toEqual([0, 10]);
    const assembler = createAssembler(inflate);
    assembler.take(first);
    expect(assembler.take(second)?.payload.length).toBe(zeros.length);
  });

  it("leaves noise as it is", () => {
    const [frame] = decodeAll(encodeMessage(head, noise.subarray(0, 5000), deflate));
    expect(frame?.flags).toBe(0);
  });

  it("refuses more than the receiver takes", () => {
    expect(() => encodeMessage(head, new Uint8Array(LIMIT.joinedDown + 1))).toThrow(RouterError);
    expect(() => encodeFrame(head, new Uint8Array(LIMIT.framePayload + 1))).toThrow(RouterError);
  });

  it("gives a message without payload one frame", () => {
    expect(encodeMessage(head, new Uint8Array(0)).map((frame) => frame.length)).toEqual([
      HEADER_BYTES,
    ]);
  });
});
