import { UnsafeText } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { define } from "../define.ts";
import { filterError, typeError } from "../error.ts";
import { pyStr } from "../py-repr.ts";
import { type Callable, typeName } from "../py-types.ts";
import type { Run } from "../run.ts";
import { int } from "./filters.ts";

/** Filters that hash and encrypt (ansible/plugins/filter/core.py and encryption.py). */
export const HASH_FILTERS: Readonly<Record<string, Callable>> = {
  md5: define("data", (run, value) => digest(run, "md5", value)),
  sha1: define("data", (run, value) => digest(run, "sha1", value)),
  checksum: define("data", (run, value) => digest(run, "sha1", value)),
  hash: define("data hashtype?", (run, value, type = "sha1") => digest(run, pyStr(type), value)),
  to_uuid: define("string namespace?", (run, value, namespace = ANSIBLE_NAMESPACE) =>
    uuid5(run, pyStr(value), pyStr(namespace)),
  ),
  password_hash: define(
    "password hashtype? salt? salt_size? rounds? ident?",
    (run, password, type = "sha512", salt = null, saltSize = null, rounds = null, ident = null) =>
      run.engine.outside.crypt({
        password: pyStr(password),
        scheme: pyStr(type),
        salt: salt === null ? undefined : pyStr(salt),
        saltSize: saltSize === null ? undefined : int(saltSize),
        rounds: rounds === null ? undefined : int(rounds),
        ident: ident === null ? undefined : pyStr(ident),
      }),
  ),
  vault: define(
    "data secret salt? vaultid? wrap_object?",
    (run, data, secret, salt = null, id = "filter_default") => vaulted(run, data, secret, salt, id),
  ),
  unvault: define("vault secret vaultid?", (run, vault, secret) => unvaulted(run, vault, secret)),
};

function vaulted(run: Run, data: unknown, secret: unknown, salt: unknown, id: unknown): string {
  if (!isText(secret))
    throw typeError(
      `Secret passed is required to be a string, instead we got: <class '${typeName(secret)}'>`,
    );
  if (!isText(data))
    throw typeError(`Can only vault strings, instead we got: <class '${typeName(data)}'>`);
  const bytes = bytesOf(data);
  if (new TextDecoder("latin1").decode(bytes).startsWith(VAULT_HEADER))
    throw filterError("Unable to encrypt: input is already encrypted. input is already encrypted");
  if (salt === "")
    throw filterError(twiceTold("Unable to encrypt", "Empty or invalid salt passed to encrypt()"));
  const given = salt === null ? undefined : bytesOf(pyStr(salt));
  return run.engine.outside.seal(bytes, bytesOf(secret), given, pyStr(id));
}

function unvaulted(run: Run, vault: unknown, secret: unknown): string {
  if (!isText(secret))
    throw typeError(
      `Secret passed is required to be as string, instead we got: <class '${typeName(secret)}'>`,
    );
  const sealed = vault instanceof VaultText ? vault.ciphertext : vault;
  if (!isText(sealed))
    throw typeError(
      `Vault should be in the form of a string, instead we got: <class '${typeName(vault)}'>`,
    );
  const text = new TextDecoder().decode(bytesOf(sealed));
  if (!text.startsWith(VAULT_HEADER)) return text;
  try {
    return new TextDecoder().decode(run.engine.outside.unseal(text, bytesOf(secret)));
  } catch (error) {
    throw filterError(twiceTold("Unable to decrypt", (error as Error).message));
  }
}

const VAULT_HEADER = "$ANSIBLE_VAULT";

function isText(value: unknown): boolean {
  return typeof value === "string" || value instanceof UnsafeText || value instanceof Uint8Array;
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new TextEncoder().encode(pyStr(value));
}

/** An error with its cause behind it, as AnsibleFilterError shows it. */
function twiceTold(what: string, cause: string): string {
  return `${what}: ${cause}. ${cause}`;
}

function digest(run: Run, type: string, value: unknown): string {
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(pyStr(value));
  const hex = run.engine.outside.hash(type, bytes);
  if (hex === undefined) throw filterError(`unsupported hash type ${type}`);
  return hex;
}

const ANSIBLE_NAMESPACE = "361e6d51-faec-444a-9079-341386da8e2e";

function uuid5(run: Run, name: string, namespace: string): string {
  const hex = namespace
    .replace(/^urn:/, "")
    .replace(/^uuid:/, "")
    .replace(/[{}-]/g, "");
  if (!/^[\da-fA-F]{32}$/.test(hex)) {
    throw filterError(
      `Invalid value '${namespace}' for 'namespace': badly formed hexadecimal UUID string`,
    );
  }
  const head = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const sum =
    run.engine.outside.hash(
      "sha1",
      Uint8Array.from([...head, ...new TextEncoder().encode(name)]),
    ) ?? "";
  const variant = ((Number.parseInt(sum.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${sum.slice(0, 8)}-${sum.slice(8, 12)}-5${sum.slice(13, 16)}-${variant}${sum.slice(18, 20)}-${sum.slice(20, 32)}`;
}
