import type { Deflate } from "../frame/encode.ts";

/** Stops trying on a file whose chunks do not shrink: media and archives are not worth the time. */
export function createAdaptiveDeflate(deflate: Deflate): Deflate {
  let worthwhile = true;
  return (bytes) => {
    if (!worthwhile) return bytes;
    const deflated = deflate(bytes);
    worthwhile = deflated.length < bytes.length * 0.9;
    return deflated;
  };
}
