/** Data that looks encrypted and cannot be decrypted, or secrets that cannot be had. `message` is in Ansible's words. */
export class VaultError extends Error {}

/** An encrypted text taken apart. */
export interface Envelope {
  /** `1.1` or `1.2`. */
  readonly version: string;
  readonly cipher: string;
  /** The label of the secret, which version 1.2 names. */
  readonly id: string | undefined;
  /** The lines below the header, joined. */
  readonly body: string;
}

/** What the body of an envelope holds. */
export interface Sealed {
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** How every encrypted file and value starts. */
export const HEADER = "$ANSIBLE_VAULT";

/** Whether data is encrypted: it starts with the header, and all of it is ASCII (`parsing/vault/__init__.py`). */
export function isEncrypted(data: Uint8Array | string): boolean {
  if (typeof data === "string") return data.startsWith(HEADER) && isAscii(Buffer.from(data));
  return (
    Buffer.from(data.subarray(0, HEADER.length)).toString("latin1") === HEADER && isAscii(data)
  );
}

/** @throws VaultError for a header without a cipher. */
export function parseEnvelope(text: string, file?: string): Envelope {
  const lines = text.split(/\r\n|\r|\n/);
  const [, version, cipher, id] = (lines[0] ?? "").trim().split(";");
  if (version === undefined || cipher === undefined) {
    const place = file === undefined ? "" : ` in ${file}`;
    throw new VaultError(`Vault envelope format error${place}: list index out of range`);
  }
  return {
    version: version.trim(),
    cipher: cipher.trim(),
    id: id?.trim(),
    body: lines.slice(1).join(""),
  };
}

/** @throws VaultError for what is not hexadecimal, and for other than three parts. */
export function parseBody(body: string): Sealed {
  const [salt, digest, ...rest] = unhexed(body).toString("latin1").split("\n");
  if (salt === undefined || digest === undefined || rest.length === 0) {
    throw new VaultError("Vault vaulttext format error: not enough values to unpack");
  }
  return { salt: unhexed(salt), digest: unhexed(digest), ciphertext: unhexed(rest.join("\n")) };
}

/** The text of an envelope; a label other than `default` makes it version 1.2. */
export function formatEnvelope(sealed: Sealed, id: string | undefined): string {
  const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
  const inner = [sealed.salt, sealed.digest, sealed.ciphertext].map(hex).join("\n");
  const header =
    id === undefined || id === "" || id === "default"
      ? `${HEADER};1.1;AES256`
      : `${HEADER};1.2;AES256;${id}`;
  const lines = hex(Buffer.from(inner, "latin1")).match(/.{1,80}/g) ?? [];
  return [header, ...lines, ""].join("\n");
}

function unhexed(text: string): Buffer {
  if (/[^0-9a-fA-F]/.test(text))
    throw new VaultError("Vault format unhexlify error: Non-hexadecimal digit found");
  if (text.length % 2 === 1)
    throw new VaultError("Vault format unhexlify error: Odd-length string");
  return Buffer.from(text, "hex");
}

function isAscii(data: Uint8Array): boolean {
  for (const byte of data) if (byte > 0x7f) return false;
  return true;
}
