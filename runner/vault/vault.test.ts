import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VaultText } from "../model/vault-text.ts";
import { decodeValue, encodeValue } from "../pool/encoding.ts";
import { seal, unseal } from "./cipher.ts";
import { formatEnvelope, isEncrypted, parseBody, parseEnvelope } from "./envelope.ts";
import {
  decryptWith,
  EMPTY_KEYRING,
  type Keyring,
  openSentFile,
  openText,
  useKeyring,
} from "./keyring.ts";

interface Row {
  readonly plain: string;
  readonly id: string | null;
  readonly password: string;
  readonly salt: string;
  readonly vault: string;
}

const rows = JSON.parse(
  readFileSync(new URL("./testdata/vaults.json", import.meta.url), "utf8"),
) as readonly Row[];
const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const ring = (secrets: readonly (readonly [string, string])[], matchId = false): Keyring => ({
  secrets: secrets.map(([id, password]) => ({ id, password: bytes(password) })),
  defaultId: "default",
  matchId,
});
const hello = rows[0]!;
const labelled = rows[3]!;

describe("vaults that Ansible wrote", () => {
  test.each(rows)("$plain is decrypted with its password", ({ plain, password, vault }) => {
    expect(isEncrypted(vault)).toBe(true);
    expect(decryptWith(ring([["x", password]]), vault).toString("utf8")).toBe(plain);
  });

  test.each(rows)("$plain is encrypted to the same bytes", (row) => {
    const sealed = seal(bytes(row.plain), bytes(row.password), bytes(row.salt));
    expect(formatEnvelope(sealed, row.id ?? undefined)).toBe(row.vault);
  });

  test("a salt is random when none is given", () => {
    const first = seal(bytes("x"), bytes("p"));
    expect(first.salt).not.toEqual(seal(bytes("x"), bytes("p")).salt);
    expect(unseal(first, bytes("p"))?.toString()).toBe("x");
  });
});

describe("which secret is tried", () => {
  test("without vault_id_match every secret is, whatever its label", () => {
    const secrets = ring([
      ["dev", "wrong"],
      ["prod", "zwei ü"],
    ]);
    expect(decryptWith(secrets, labelled.vault).toString()).toBe(labelled.plain);
  });

  test("with vault_id_match only those with the label of the data are", () => {
    expect(() => decryptWith(ring([["prod", "zwei ü"]], true), labelled.vault, "/f")).toThrow(
      "Decryption failed (no vault secrets were found that could decrypt) on /f",
    );
    expect(decryptWith(ring([["default", "one"]], true), hello.vault).toString()).toBe("hello");
  });
});

describe("what cannot be decrypted", () => {
  const body = (text: string): string => `$ANSIBLE_VAULT;1.1;AES256\n${text}\n`;
  test.each([
    ["no secret at all", [], hello.vault, "Attempting to decrypt but no vault secrets found"],
    ["another password", [["default", "two"]], hello.vault, "Decryption failed (no vault secrets"],
    ["a header alone", [["a", "b"]], "$ANSIBLE_VAULT;1.1", "Vault envelope format error: list"],
    ["another cipher", [["a", "b"]], "$ANSIBLE_VAULT;1.1;AES\n00", "AES cipher could not be found"],
    ["other characters", [["a", "b"]], body("zz"), "Non-hexadecimal digit found"],
    ["half a byte", [["a", "b"]], body("123"), "Odd-length string"],
    ["missing parts", [["a", "b"]], body("6161"), "Vault vaulttext format error"],
  ] as const)("%s is said", (_title, secrets, vault, message) => {
    expect(() => decryptWith(ring(secrets), vault)).toThrow(message);
  });

  test("a changed byte is noticed", () => {
    const sealed = parseBody(parseEnvelope(hello.vault).body);
    const changed = Uint8Array.from(sealed.ciphertext, (byte, at) => (at === 0 ? byte ^ 1 : byte));
    expect(unseal({ ...sealed, ciphertext: changed }, bytes("one"))).toBeUndefined();
  });

  test("text that only starts like a vault and is not ASCII is no vault", () => {
    expect(isEncrypted("$ANSIBLE_VAULT;1.1;AES256\nü")).toBe(false);
    expect(isEncrypted(bytes("a: $ANSIBLE_VAULT"))).toBe(false);
  });
});

test("an inline value is decrypted where it is read, also in another thread", () => {
  useKeyring(EMPTY_KEYRING);
  const value = decodeValue(encodeValue(new VaultText(hello.vault, openText))) as VaultText;
  expect(value).toBeInstanceOf(VaultText);
  expect(() => value.text).toThrow("no vault secrets found");
  useKeyring(ring([["default", "one"]]));
  expect(value.text).toBe("hello");
  useKeyring(EMPTY_KEYRING);
});

test("a file that is to be sent says which secret is missing", () => {
  useKeyring(EMPTY_KEYRING);
  expect(() => openSentFile(bytes(hello.vault), "/etc/x")).toThrow(
    "A vault password or secret must be specified to decrypt /etc/x",
  );
  const plain = bytes("plain");
  expect(openSentFile(plain, "/etc/x")).toBe(plain);
});
