import { expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";

test.each([
  ["plain ä €", Buffer.from("plain ä €"), "plain ä €"],
  ["a replacement character that is really there", Buffer.from("\ufffd"), "\ufffd"],
  ["single wrong bytes", Buffer.from([0x61, 0xff, 0xfe, 0x62]), "a\udcff\udcfeb"],
  ["a sequence that ends too early", Buffer.from([0xe2, 0x82]), "\udce2\udc82"],
  ["a wrong byte before a right sequence", Buffer.from([0x80, 0xc3, 0xa4]), "\udc80ä"],
  ["an encoded surrogate", Buffer.from([0xed, 0xa0, 0x80]), "\udced\udca0\udc80"],
])("%s", (_, bytes, text) => {
  expect(decodeText(bytes)).toBe(text);
});
