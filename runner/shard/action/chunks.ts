/** Bytes of one piece of a streamed file. */
const CHUNK = 256 * 1024;

/** Content in pieces, for streaming; views, not copies. */
export async function* chunksOf(data: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < data.byteLength; at += CHUNK) yield data.subarray(at, at + CHUNK);
}
