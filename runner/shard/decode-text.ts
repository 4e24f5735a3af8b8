/**
 * UTF-8 bytes as text, the way Python's surrogateescape does it: a byte that is no UTF-8 becomes the lone surrogate U+DC00 + byte, so
 * that nothing is lost and the output shows `?` for it.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.includes("\ufffd") ? decodeEscaped(bytes) : text;
}

function decodeEscaped(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!);
    const end = Math.min(at + length, bytes.length);
    try {
      parts.push(decoder.decode(bytes.subarray(at, end)));
      at = end;
    } catch {
      parts.push(String.fromCharCode(0xdc00 + bytes[at]!));
      at++;
    }
  }
  return parts.join("");
}

/** Bytes of a UTF-8 sequence by its first one. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
