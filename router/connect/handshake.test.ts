import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createMemoryStream } from "../stream/memory-stream.ts";
import type { StreamEnd } from "../stream/stream.ts";
import { createFramedStream } from "./handshake.ts";

function setUp(compress: boolean) {
  const { stream, peer } = createMemoryStream();
  const framed = createFramedStream(stream, {
    name: "web1",
    pythons: ["python3", "python"],
    compress,
  });
  const data: Uint8Array[] = [];
  const ends: StreamEnd[] = [];
  framed.open({
    onData: (chunk) => data.push(chunk.slice()),
    onDrain: () => {},
    onEnd: (end) => ends.push(end),
  });
  return { framed, peer, ends, text: () => Buffer.concat(data).toString() };
}
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("createFramedStream", () => {
  it("delivers what follows the marker, wherever the chunks are cut", () => {
    const all = Buffer.from("Welcome!\nSKEIN-BO\nSKEIN-BOOT\nframes");
    for (let at = 0; at <= all.length; at += 1) {
      const { peer, text } = setUp(false);
      peer.send(all.subarray(0, at));
      peer.send(all.subarray(at));
      expect(text()).toBe("frames");
    }
  });

  it("inflates one stream, flushed in the middle, byte by byte", async () => {
    const deflater = createDeflateRaw();
    const packed: Buffer[] = [];
    deflater.on("data", (chunk: Buffer) => packed.push(chunk));
    for (const part of ["first ", "second ", "x".repeat(100_000)]) {
      deflater.write(part);
      await new Promise<void>((resolve) => deflater.flush(constants.Z_SYNC_FLUSH, resolve));
    }
    const { peer, text, ends } = setUp(true);
    peer.send(Buffer.from("SKEIN-BOOT\n"));
    for (const byte of Buffer.concat(packed)) peer.send(Buffer.from([byte]));
    expect(text()).toBe(`first second ${"x".repeat(100_000)}`);
    peer.finish({ exitCode: 0 });
    expect(ends).toEqual([{ exitCode: 0, stderr: "" }]);
    deflater.close();
  });

  it("hands a bomb out in pieces and stops with its reader", () => {
    const { stream, peer } = createMemoryStream();
    const framed = createFramedStream(stream, { name: "web1", pythons: [], compress: true });
    let largest = 0;
    let total = 0;
    framed.open({
      onData(chunk) {
        largest = Math.max(largest, chunk.length);
        total += chunk.length;
      },
      onDrain: () => {},
      onEnd: () => {},
    });
    peer.send(Buffer.from("SKEIN-BOOT\n"));
    peer.send(deflateRawSync(Buffer.alloc(50_000_000)));
    expect([largest <= 65_536, total]).toEqual([true, 50_000_000]);
  });

  it("drops the link when the compressed stream is none", async () => {
    const { peer, ends } = setUp(true);
    peer.send(Buffer.from("SKEIN-BOOT\n"));
    peer.send(Buffer.from("\xff\xff\xff\xff not deflate", "latin1"));
    await turns();
    expect(peer.destroyed).toBe(true);
    expect(ends[0]?.error).toMatchObject({ code: "corrupt" });
  });

  it("drops a link whose banner has no end", async () => {
    const { peer, ends } = setUp(false);
    peer.send(Buffer.alloc(65_000, 0x61));
    expect(peer.destroyed).toBe(false);
    peer.send(Buffer.alloc(1_000, 0x61));
    await turns();
    expect(ends[0]?.error?.message).toMatch(/web1 wrote more than 65536 bytes .* start-up files/);
  });

  it.each<[string, string, Partial<StreamEnd>, string, string]>([
    [
      "no interpreter",
      "motd\nSKEIN-NOPYTHON\n",
      { exitCode: 127 },
      "no-python",
      "web1 has no Python interpreter among python3, python. Install python3 there, or set ansible_python_interpreter.",
    ],
    [
      "a shell that fails",
      "",
      { exitCode: 1, stderr: "sh: nope\n" },
      "lost",
      "Connection to web1 lost: the agent did not start, its shell exited with status 1: sh: nope",
    ],
    [
      "an account without a shell",
      "This account is currently not available.\n",
      { exitCode: 1 },
      "lost",
      "Connection to web1 lost: the agent did not start, its shell exited with status 1: This account is currently not available.",
    ],
    [
      "a killed shell",
      "",
      { signal: "SIGKILL" },
      "lost",
      "Connection to web1 lost: the agent did not start, its shell was killed by SIGKILL.",
    ],
  ])("explains %s", (_, banner, end, code, message) => {
    const { peer, ends } = setUp(false);
    peer.send(Buffer.from(banner));
    peer.finish(end);
    expect(ends).toHaveLength(1);
    expect(ends[0]?.error).toMatchObject({ code, message });
  });
});
