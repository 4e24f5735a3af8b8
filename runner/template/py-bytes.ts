import { valueError } from "./error.ts";

/** Text to bytes in a named encoding. Throws ValueError for encodings that are not known. */
export function encodeText(text: string, encoding: string): Uint8Array {
  switch (normal(encoding)) {
    case "utf8":
      return new TextEncoder().encode(text);
    case "ascii":
    case "usascii":
      return single(text, 0x7f, "ascii");
    case "latin1":
    case "iso88591":
      return single(text, 0xff, "latin-1");
    case "utf16":
      return Uint8Array.from([0xff, 0xfe, ...utf16(text, true)]);
    case "utf16le":
      return utf16(text, true);
    case "utf16be":
      return utf16(text, false);
    default:
      throw valueError(`unknown encoding: ${encoding}`);
  }
}

/** Bytes to text in a named encoding. Throws ValueError for bytes that are none. */
export function decodeText(bytes: Uint8Array, encoding: string): string {
  const name = normal(encoding);
  if (name === "latin1" || name === "iso88591") return String.fromCharCode(...bytes);
  const labels: Readonly<Record<string, string>> = {
    utf8: "utf-8",
    ascii: "utf-8",
    utf16: "utf-16le",
    utf16le: "utf-16le",
    utf16be: "utf-16be",
  };
  const label = labels[name];
  if (label === undefined) throw valueError(`unknown encoding: ${encoding}`);
  // Python's replacement of undecodable bytes (surrogateescape) has no place in JavaScript text.
  return new TextDecoder(label, { ignoreBOM: name !== "utf16" }).decode(bytes);
}

function normal(encoding: string): string {
  return encoding.toLowerCase().replace(/[-_ ]/g, "");
}

function single(text: string, highest: number, name: string): Uint8Array {
  return Uint8Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code > highest)
      throw valueError(
        `'${name}' codec can't encode character ${JSON.stringify(char)}: ordinal not in range(${highest + 1})`,
      );
    return code;
  });
}

function utf16(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let index = 0; index < text.length; index++)
    view.setUint16(index * 2, text.charCodeAt(index), little);
  return new Uint8Array(view.buffer);
}
