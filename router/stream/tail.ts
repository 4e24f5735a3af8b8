/** Keeps the last bytes of a stream, for messages. */
export interface Tail {
  push(chunk: Uint8Array): void;
  text(): string;
}

const KEEP = 4096;

/** Makes a {@link Tail} of 4 KiB. */
export function createTail(): Tail {
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    push(chunk) {
      bytes =
        chunk.length >= KEEP
          ? chunk.slice(-KEEP)
          : Buffer.concat([bytes.subarray(Math.max(0, bytes.length + chunk.length - KEEP)), chunk]);
    },
    text: () => new TextDecoder().decode(bytes),
  };
}
