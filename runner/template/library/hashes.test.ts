import { expect, test } from "vitest";
import { cryptText } from "./hashes.ts";

const REQUEST = {
  password: "secret",
  salt: "abcdefgh",
  saltSize: undefined,
  rounds: undefined,
  ident: undefined,
};
const PLAIN =
  "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.";

// What password_hash of Ansible 2.14 answers where passlib is not installed.
test.each([
  ["sha512", undefined, PLAIN],
  ["sha512", 0, PLAIN],
  ["sha512", 656_000, PLAIN],
  ["sha512_crypt", 5000, PLAIN.replace("$6$", "$6$rounds=5000$")],
  ["sha512", 10, "*0"],
  ["sha256", 535_000, "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM."],
  ["md5", undefined, "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1"],
])("%s with %s rounds", (scheme, rounds, text) => {
  expect(cryptText({ ...REQUEST, scheme, rounds })).toBe(text);
});

test.each([
  ["sha512", "abcdefghijklmnopq", "invalid salt size. invalid salt size"],
  ["md5", "abcdefghi", "invalid salt size. invalid salt size"],
  ["sha256", "abc$", "invalid characters in salt. invalid characters in salt"],
])("%s refuses the salt %s", (scheme, salt, message) => {
  expect(() => cryptText({ ...REQUEST, scheme, salt })).toThrow(message);
});

test("without a salt there is a new one, as long as is asked for", () => {
  const made = cryptText({ ...REQUEST, scheme: "sha256", salt: undefined, saltSize: 4 });
  expect(made).toMatch(/^\$5\$[./0-9A-Za-z]{4}\$/);
  expect(cryptText({ ...REQUEST, scheme: "sha256", salt: "" })).toMatch(/^\$5\$.{16}\$/);
});
