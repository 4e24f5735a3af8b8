import { describe, expect, test } from "vitest";
import { dictOf, UnsafeText, type Value } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { dumpToml, TomlError } from "./toml-dump.ts";

// What Python's encoder writes of whole inventories is in runner/cli/testdata/inventory.json.
describe("TOML", () => {
  test.each<[string, Value, string]>([
    ["control characters have their numbers", "\u0007 bell", 'x = "\\u0007 bell"\n'],
    ["a backslash before an x stays one", "\\x41", 'x = "\\\\x41"\n'],
    ["text that is no template is text", new UnsafeText("{{ a }}"), 'x = "{{ a }}"\n'],
  ])("%s", (_title, value, text) => {
    expect(dumpToml(dictOf({ x: value }))).toBe(text);
  });

  test.each<[string, Value, string]>([
    ["a secret", new VaultText("$ANSIBLE_VAULT;1.1;AES256\n00", () => "secret"), "is encrypted"],
    ["a secret in a list", [new VaultText("$ANSIBLE_VAULT", () => "secret")], "is encrypted"],
    ["tables beside other values", [new Map(), 1], "tables and other values"],
    ["a key that is no text", new Map<Value, Value>([[1, "x"]]), "non-string key (1)"],
  ])("has no form for %s", (_title, value, message) => {
    expect(() => dumpToml(dictOf({ x: value }))).toThrow(TomlError);
    expect(() => dumpToml(dictOf({ x: value }))).toThrow(message);
  });
});
