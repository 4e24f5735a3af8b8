import { unseal } from "./cipher.ts";
import { isEncrypted, parseBody, parseEnvelope, VaultError } from "./envelope.ts";

/** A password with the label under which it was given. */
export interface Secret {
  readonly id: string;
  readonly password: Uint8Array;
}

/** The secrets of a run. Plain data: it travels to the shards. */
export interface Keyring {
  /** In the order in which they are tried. */
  readonly secrets: readonly Secret[];
  /** The label of data that names none. */
  readonly defaultId: string;
  /** Tries only the secrets with the label of the data (vault_id_match). */
  readonly matchId: boolean;
}

export const EMPTY_KEYRING: Keyring = { secrets: [], defaultId: "default", matchId: false };

/** The keyring of this thread. Values decrypt themselves when they are read, wherever that is. */
let current: Keyring = EMPTY_KEYRING;
/** Texts of envelopes that were decrypted with the current keyring. */
const texts = new Map<string, string>();
const TEXTS_LIMIT = 10_000;

/** Makes a run's secrets those of this thread. */
export function useKeyring(keyring: Keyring): void {
  current = keyring;
  texts.clear();
}

/** Decrypts an inline value with the keyring of this thread; each value once. @throws VaultError */
export function openText(ciphertext: string): string {
  let text = texts.get(ciphertext);
  if (text === undefined) {
    text = decryptWith(current, ciphertext).toString("utf8");
    if (texts.size >= TEXTS_LIMIT) texts.clear();
    texts.set(ciphertext, text);
  }
  return text;
}

/** The content of a file: decrypted with the keyring of this thread when it is encrypted. @throws VaultError */
export function openFile(data: Buffer, file: string): Buffer {
  return isEncrypted(data) ? decryptWith(current, data.toString("latin1"), file) : data;
}

/**
 * The content of a file that goes to a target (`get_real_file` of `parsing/dataloader.py`).
 *
 * @throws VaultError, which without any secret says what is missing.
 */
export function openSentFile(data: Buffer, file: string): Buffer {
  if (isEncrypted(data) && current.secrets.length === 0)
    throw new VaultError(`A vault password or secret must be specified to decrypt ${file}`);
  return openFile(data, file);
}

/**
 * Decrypts an envelope: with the secrets of its label first, then with the others in their order
 * (`VaultLib.decrypt_and_get_vault_id` of `parsing/vault/__init__.py`).
 *
 * @param file where it stands, for messages.
 * @throws VaultError when no secret fits, and for a broken envelope.
 */
export function decryptWith(keyring: Keyring, envelope: string, file?: string): Buffer {
  const { cipher, id, body } = parseEnvelope(envelope, file);
  if (cipher !== "AES256") throw new VaultError(`${cipher} cipher could not be found`);
  const { secrets, matchId } = keyring;
  if (secrets.length === 0)
    throw new VaultError("Attempting to decrypt but no vault secrets found");
  const label = id === undefined ? keyring.defaultId : id;
  const matching = secrets.filter((secret) => secret.id === label);
  // Ansible tries secrets in the order given, whatever the label; the order is only visible in time.
  const others = matchId ? [] : secrets.filter((secret) => secret.id !== label);
  if (matching.length + others.length > 0) {
    const sealed = parseBody(body);
    for (const secret of [...matching, ...others]) {
      const plain = unseal(sealed, secret.password);
      if (plain !== undefined) return plain;
    }
  }
  const place = file === undefined ? "" : ` on ${file}`;
  throw new VaultError(
    `Decryption failed (no vault secrets were found that could decrypt)${place}`,
  );
}
