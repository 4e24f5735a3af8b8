import { createHash } from "node:crypto";
import { encodeMessage } from "../frame/encode.ts";
import { CONTROLLER, ROOT, TYPE } from "../frame/layout.ts";
import { joinBytes } from "../message/assemble.ts";
import { encodePayload } from "../message/payload.ts";
import type { SourceBundle, SourceModule } from "../message/source.ts";
import { deflateBundle } from "./zlib.ts";

/** A bundle of modules. Its SOURCES frames are made at first use and shared by all hosts. */
export function createSourceBundle(modules: readonly SourceModule[]): SourceBundle {
  const hash = createHash("sha1");
  for (const module of modules) hash.update(keyOf(module)).update("\n");
  return { digest: hash.digest("hex"), modules };
}

/**
 * The SOURCES frames with what a link lacks of a bundle, or `undefined` when it lacks nothing.
 * `sent` holds the keys (full name and digest) of what the link has, and takes what these bring.
 */
export function sourceFrames(bundle: SourceBundle, sent: Set<string>): Uint8Array | undefined {
  // The digest stands for all of it: the usual question is answered by one look.
  if (sent.has(bundle.digest)) return undefined;
  sent.add(bundle.digest);
  const missing = bundle.modules.filter((module) => !sent.has(keyOf(module)));
  for (const module of missing) sent.add(keyOf(module));
  return missing.length === 0 ? undefined : framesOf(bundle, missing);
}

const keys = new WeakMap<SourceModule, string>();

function keyOf(module: SourceModule): string {
  const known = keys.get(module);
  if (known !== undefined) return known;
  const digest = createHash("sha1").update(module.source).digest("hex");
  const key = `${module.name} ${module.isPackage ? 1 : 0} ${digest}`;
  keys.set(module, key);
  return key;
}

/** Encoded frames by what they hold. Hosts of one play lack the same parts, so there are few. */
const encoded = new WeakMap<SourceBundle, Map<string, Uint8Array>>();

function framesOf(bundle: SourceBundle, modules: readonly SourceModule[]): Uint8Array {
  let byContent = encoded.get(bundle);
  if (byContent === undefined) {
    byContent = new Map();
    encoded.set(bundle, byContent);
  }
  const content =
    modules.length === bundle.modules.length ? "" : modules.map((module) => module.name).join(" ");
  const known = byContent.get(content);
  if (known !== undefined) return known;
  const payload = encodePayload({
    modules: modules.map(({ name, isPackage, source, path }) => [
      name,
      isPackage ? 1 : 0,
      source,
      path,
    ]),
  });
  const head = { type: TYPE.SOURCES, dst: ROOT, src: CONTROLLER, id: 0 };
  const frames = joinBytes(encodeMessage(head, payload, deflateBundle));
  byContent.set(content, frames);
  return frames;
}
