import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { Sealed } from "./envelope.ts";

/** Keys of one password and salt. */
interface Keys {
  readonly encryption: Buffer;
  readonly authentication: Buffer;
  readonly counter: Buffer;
}

/**
 * The plain text, or undefined when the password is another (`VaultAES256` of `parsing/vault/__init__.py`:
 * PBKDF2-SHA256, AES-256-CTR over PKCS#7 padding, HMAC-SHA256 of the ciphertext).
 */
export function unseal(sealed: Sealed, password: Uint8Array): Buffer | undefined {
  const keys = keysOf(password, sealed.salt);
  const digest = createHmac("sha256", keys.authentication).update(sealed.ciphertext).digest();
  if (digest.length !== sealed.digest.length || !timingSafeEqual(digest, sealed.digest))
    return undefined;
  const cipher = createDecipheriv("aes-256-ctr", keys.encryption, keys.counter);
  const padded = Buffer.concat([cipher.update(sealed.ciphertext), cipher.final()]);
  const padding = padded.at(-1) ?? 0;
  const isPadded = padding >= 1 && padding <= BLOCK && padding <= padded.length;
  return isPadded ? padded.subarray(0, padded.length - padding) : undefined;
}

/** Encrypts; the salt is random unless given. */
export function seal(plain: Uint8Array, password: Uint8Array, salt?: Uint8Array): Sealed {
  const used = salt ?? randomBytes(32);
  const keys = keysOf(password, used);
  const padding = BLOCK - (plain.length % BLOCK);
  const cipher = createCipheriv("aes-256-ctr", keys.encryption, keys.counter);
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const digest = createHmac("sha256", keys.authentication).update(ciphertext).digest();
  return { salt: used, digest, ciphertext };
}

const BLOCK = 16;
const ITERATIONS = 10_000;
/** Deriving costs milliseconds: files that were encrypted together are not rare. */
const derived = new Map<string, Keys>();
const DERIVED_LIMIT = 1024;

function keysOf(password: Uint8Array, salt: Uint8Array): Keys {
  const id = `${Buffer.from(password).toString("base64")} ${Buffer.from(salt).toString("base64")}`;
  let keys = derived.get(id);
  if (keys === undefined) {
    const bytes = pbkdf2Sync(password, salt, ITERATIONS, 80, "sha256");
    keys = {
      encryption: bytes.subarray(0, 32),
      authentication: bytes.subarray(32, 64),
      counter: bytes.subarray(64, 80),
    };
    if (derived.size >= DERIVED_LIMIT) derived.clear();
    derived.set(id, keys);
  }
  return keys;
}
