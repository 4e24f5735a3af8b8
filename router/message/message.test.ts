import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Frame } from "../frame/layout.ts";
import { FLAG, LIMIT, TYPE } from "../frame/layout.ts";
import { createAssembler } from "./assemble.ts";
import { toBatchPayload } from "./call.ts";
import { readMessage } from "./message.ts";
import type { Payload } from "./payload.ts";
import { decodePayload, encodePayload } from "./payload.ts";

function read(type: number, value: Payload) {
  return readMessage({ type, src: 1, dst: 0, id: 5, last: true, payload: encodePayload(value) });
}

const bytes = new Uint8Array([1]);
const none = new Uint8Array(0);
const hello = {
  v: 1,
  python: "3.9",
  exe: "/p",
  pid: 1,
  uid: 0,
  user: "u",
  home: "/h",
  tmp: "/t",
};

describe("decodePayload", () => {
  it("accepts nesting of exactly 32 and a million items, and no more", () => {
    const nested = (depth: number) =>
      Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]);
    expect(() => decodePayload(nested(LIMIT.nesting))).not.toThrow();
    expect(() => decodePayload(nested(LIMIT.nesting + 1))).toThrow("nested deeper");
    const list = Buffer.concat([Buffer.from("dd000f4240", "hex"), Buffer.alloc(LIMIT.items, 0xc0)]);
    expect(decodePayload(list)).toHaveLength(LIMIT.items);
  });

  it.each([
    ["a key that would reach the prototype", "81a95f5f70726f746f5f5f01"],
    ["the same key in a longer form", "81d9095f5f70726f746f5f5f01"],
    ["a key that is a number", "810102"],
    ["a timestamp extension", "d6ff00000000"],
    ["text that is longer than its payload", "d905616263"],
    ["an integer cut off", "ce000000"],
    ["nothing at all", ""],
  ])("refuses %s", (_, hex) => {
    expect(() => decodePayload(Buffer.from(hex, "hex"))).toThrow("cannot be decoded");
  });

  it("lets a key pass that merely ends like the forbidden one", () => {
    expect(decodePayload(encodePayload({ x__proto__: 1 }))).toEqual({ x__proto__: 1 });
  });
});

describe("readMessage", () => {
  it("reads every message that an agent may send", () => {
    const { v: _, ...self } = hello;
    expect(read(TYPE.HELLO, hello)).toEqual({ kind: "hello", src: 1, hello: self });
    expect(read(TYPE.ROUTE_REMOVED, [2, "lost", "gone"])).toMatchObject({ child: 2, code: "lost" });
    expect(read(TYPE.SOURCE_MISSING, ["a.b"])).toMatchObject({ id: 5, name: "a.b" });
    expect(read(TYPE.RESULT, [0, 2, -9, bytes, none, {}])).toMatchObject({
      kind: "result",
      last: true,
      result: { index: 0, outcome: "timeout", rc: -9, extra: {} },
    });
    expect(read(TYPE.LOG, [1, "x"])).toMatchObject({ level: 1, text: "x" });
    expect(read(TYPE.FILE_CREDIT, [2n ** 40n])).toMatchObject({ bytes: 2 ** 40 });
    expect(read(TYPE.FILE_DONE, ["/f", 3, "aa", null])).toMatchObject({
      size: 3,
      error: undefined,
    });
    expect(read(TYPE.FILE_DONE, [null, null, null, "full"])).toMatchObject({ error: "full" });
    expect(read(TYPE.PONG, null)).toEqual({ kind: "pong", src: 1, id: 5 });
    expect(read(TYPE.EXEC_OUTPUT, [2, bytes])).toMatchObject({ stream: 2 });
  });

  it("reads what a placed file became", () => {
    const place = { case: "written", dest: "/d", exists: true, dir: false, old: bytes, big: true };
    const message = read(TYPE.RESULT, [0, 0, 0, none, none, { place, leaks: ["cwd"] }]);
    expect(message).toMatchObject({
      result: { extra: { leaks: ["cwd"], place: { case: "written", dest: "/d", big: true } } },
    });
  });

  it.each<[string, number, Payload]>([
    ["a message that only the controller sends", TYPE.CALL, {}],
    ["an unknown type", 99, null],
    ["a HELLO of another version", TYPE.HELLO, { ...hello, v: 2 }],
    ["a HELLO without a field", TYPE.HELLO, { v: 1 }],
    ["a HELLO that is a list", TYPE.HELLO, [1]],
    ["a RESULT that is too short", TYPE.RESULT, [0, 0, 0, bytes, bytes]],
    ["a RESULT with text for output", TYPE.RESULT, [0, 0, 0, "x", bytes, {}]],
    ["a RESULT with an unknown outcome", TYPE.RESULT, [0, 6, 0, bytes, bytes, {}]],
    ["a RESULT with a fraction for a number", TYPE.RESULT, [0.5, 0, 0, bytes, bytes, {}]],
    ["a RESULT whose extra is a list", TYPE.RESULT, [0, 0, 0, bytes, bytes, []]],
    ["a RESULT whose leaks are numbers", TYPE.RESULT, [0, 0, 0, bytes, bytes, { leaks: [1] }]],
    ["a RESULT with a place of no case", TYPE.RESULT, [0, 0, 0, bytes, bytes, { place: {} }]],
    ["a ROUTE_REMOVED with an unknown code", TYPE.ROUTE_REMOVED, [2, "oops", "x"]],
    ["a FILE_CREDIT beyond exact numbers", TYPE.FILE_CREDIT, [2n ** 60n]],
    ["an EXEC_OUTPUT of stream 3", TYPE.EXEC_OUTPUT, [3, bytes]],
  ])("refuses %s", (_, type, value) => {
    expect(() => read(type, value)).toThrow(expect.objectContaining({ code: "corrupt" }));
  });
});

describe("createAssembler", () => {
  const inflate = (data: Uint8Array, length: number) =>
    inflateRawSync(data, { maxOutputLength: length });
  const piece = (id: number, flags: number, payload: Uint8Array): Frame => ({
    type: TYPE.RESULT,
    dst: 0,
    src: 1,
    id,
    flags,
    payload,
  });

  it("joins messages whose pieces interleave", () => {
    const assembler = createAssembler(inflate);
    const one = (text: string) => Buffer.from(text);
    expect(assembler.take(piece(1, FLAG.more, one("a")))).toBeUndefined();
    expect(assembler.take(piece(2, FLAG.more, one("x")))).toBeUndefined();
    expect(assembler.take(piece(3, 0, one("whole")))?.payload.toString()).toBe("whole");
    const first = assembler.take(piece(1, FLAG.last, one("b")));
    expect([Buffer.from(first?.payload ?? []).toString(), first?.last]).toEqual(["ab", true]);
    expect(Buffer.from(assembler.take(piece(2, 0, one("y")))?.payload ?? []).toString()).toBe("xy");
    expect(assembler.held).toBe(0);
  });

  it("bounds what unfinished messages hold, in bytes and in number", () => {
    const assembler = createAssembler(inflate);
    const large = new Uint8Array(LIMIT.framePayload);
    const fill = () => {
      for (let i = 0; i <= 64; i += 1) assembler.take(piece(i % 3, FLAG.more, large));
    };
    expect(fill).toThrow(expect.objectContaining({ code: "limit" }));
    const many = createAssembler(inflate);
    const open = () => {
      for (let id = 0; id <= 1024; id += 1) many.take(piece(id, FLAG.more, none));
    };
    expect(open).toThrow(expect.objectContaining({ code: "limit" }));
  });
});

describe("toBatchPayload", () => {
  it("leaves defaults out", () => {
    expect(
      toBatchPayload({ stop: true, calls: [{ module: "m", style: "new", args: "{}" }] }),
    ).toEqual({
      stop: true,
      calls: [{ m: "m", args: new TextEncoder().encode("{}") }],
    });
  });

  it("carries everything that is set", () => {
    const same = { module: "ansible.modules.file", args: bytes };
    const payload = toBatchPayload({
      stop: false,
      calls: [
        {
          module: "m",
          style: "old",
          args: bytes,
          isolation: "fork",
          env: { A: "b" },
          timeoutSeconds: 2.5,
          files: [{ argument: "src", name: "f", mode: 0o600, content: 7 }],
          place: { dest: "/d", name: "f", sha1: "00", data: bytes, same, sameArgument: "path" },
        },
      ],
    });
    expect(payload).toEqual({
      stop: false,
      calls: [
        {
          m: "m",
          style: "old",
          args: bytes,
          iso: "fork",
          env: { A: "b" },
          t: 2.5,
          files: [["src", "f", 0o600, 7]],
          place: {
            dest: "/d",
            name: "f",
            sha1: "00",
            data: bytes,
            force: true,
            check: false,
            diff: 0,
            follow: false,
            mkdirs: false,
            same: { m: "ansible.modules.file", args: bytes },
            same_arg: "path",
          },
        },
      ],
    });
  });
});
