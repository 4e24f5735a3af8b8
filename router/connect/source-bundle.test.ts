import { describe, expect, it } from "vitest";
import { createFrameDecoder } from "../frame/decode.ts";
import { createAssembler } from "../message/assemble.ts";
import { decodePayload } from "../message/payload.ts";
import { createSourceBundle, sourceFrames } from "./source-bundle.ts";
import { inflateFrame } from "./zlib.ts";

const module = (name: string, text: string) => ({
  name,
  isPackage: false,
  source: Buffer.from(text),
  path: `${name}.py`,
});

function namesIn(frames: Uint8Array | undefined): readonly string[] {
  const names: string[] = [];
  const assembler = createAssembler(inflateFrame);
  const decoder = createFrameDecoder((frame) => {
    const message = assembler.take(frame);
    if (message === undefined) return;
    const { modules } = decodePayload(message.payload) as { modules: [string][] };
    names.push(...modules.map(([name]) => name));
  });
  if (frames !== undefined) decoder.push(frames);
  return names;
}

describe("sourceFrames", () => {
  const a = module("a", "x = 1\n".repeat(1000));
  const b = module("b", "y = 2\n".repeat(1000));

  it("gives every link the same bytes, and each link its modules once", () => {
    const bundle = createSourceBundle([a, b]);
    const first = sourceFrames(bundle, new Set());
    const sent = new Set<string>();
    expect(sourceFrames(bundle, sent)).toBe(first);
    expect(sourceFrames(bundle, sent)).toBeUndefined();
    expect(namesIn(first)).toEqual(["a", "b"]);
    expect(first?.length).toBeLessThan(400);
  });

  it("leaves out what another bundle brought, and sends a module again when its source differs", () => {
    const sent = new Set<string>();
    expect(namesIn(sourceFrames(createSourceBundle([a]), sent))).toEqual(["a"]);
    expect(namesIn(sourceFrames(createSourceBundle([a, b]), sent))).toEqual(["b"]);
    expect(sourceFrames(createSourceBundle([b, a]), sent)).toBeUndefined();
    expect(namesIn(sourceFrames(createSourceBundle([module("a", "changed")]), sent))).toEqual([
      "a",
    ]);
  });

  it("has a digest that tells bundles apart", () => {
    expect(createSourceBundle([a]).digest).toBe(createSourceBundle([{ ...a }]).digest);
    expect(createSourceBundle([a]).digest).not.toBe(createSourceBundle([b]).digest);
    expect(createSourceBundle([{ ...a, isPackage: true }]).digest).not.toBe(
      createSourceBundle([a]).digest,
    );
  });
});
