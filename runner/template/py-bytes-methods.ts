import { define } from "./define.ts";
import { decodeText } from "./py-bytes.ts";
import { pyStr } from "./py-repr.ts";
import type { Callable } from "./py-types.ts";

/** The methods of bytes that templates meet: `encode()` gives bytes, and these lead back. */
export const BYTES_METHODS: ReadonlyMap<string, Callable> = new Map([
  [
    "decode",
    define("encoding? errors?", (_run, self, encoding = "utf-8") =>
      decodeText(self as Uint8Array, pyStr(encoding)),
    ),
  ],
  ["hex", define("", (_run, self) => Array.from(self as Uint8Array, hexByte).join(""))],
]);

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
