import { createHash, getHashes, randomInt } from "node:crypto";
import { filterError } from "../error.ts";
import type { CryptRequest } from "../outside.ts";

/** A hexadecimal digest, or undefined for an algorithm that is not known. */
export function hashHex(algorithm: string, data: Uint8Array): string | undefined {
  const name = OPENSSL_NAMES[algorithm.toLowerCase()] ?? algorithm.toLowerCase();
  if (!getHashes().includes(name)) return undefined;
  return createHash(name).update(data).digest("hex");
}

const OPENSSL_NAMES: Readonly<Record<string, string>> = {
  sha3_224: "sha3-224",
  sha3_256: "sha3-256",
  sha3_384: "sha3-384",
  sha3_512: "sha3-512",
  blake2b: "blake2b512",
  blake2s: "blake2s256",
};

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Whether cryptText knows the scheme. */
export function canCrypt(scheme: string): boolean {
  return /^(sha512|sha256|md5)(_crypt)?$/.test(scheme);
}

/**
 * crypt(3) text of a password: sha256, sha512 and md5, as Ansible makes it without passlib (`CryptHash` of utils/encrypt.py).
 *
 * @throws TemplateError (filter) for other schemes, and for salts that do not fit.
 */
export function cryptText(request: CryptRequest): string {
  const scheme = request.scheme.replace(/_crypt$/, "");
  switch (scheme) {
    case "sha512":
      return shaCrypt("sha512", request);
    case "sha256":
      return shaCrypt("sha256", request);
    case "md5":
      return md5Crypt(request);
    default:
      throw filterError(
        `password_hash does not support '${request.scheme}' here; use sha512, sha256 or md5, or hash the password beforehand`,
      );
  }
}

/** The salt that is given, or a new one. Its errors come with their cause, which says the same. */
function saltOf({ salt, saltSize }: CryptRequest, size: number): string {
  const own =
    salt || Array.from({ length: saltSize || size }, () => ALPHABET[randomInt(64)]).join("");
  if (!/^[./0-9A-Za-z]*$/.test(own))
    throw filterError("invalid characters in salt. invalid characters in salt");
  if (own.length > size) throw filterError("invalid salt size. invalid salt size");
  return own;
}

/** What Ansible takes for the rounds that are made without a word, and which crypt(3) has not: it makes 5000 then. */
const IMPLICIT_ROUNDS: Readonly<Record<ShaName, number>> = { sha256: 535_000, sha512: 656_000 };

type ShaName = "sha256" | "sha512";

// The order in which crypt's base64 takes the digest's bytes (Drepper, "Unix crypt using SHA-256 and SHA-512").
const SHA_ORDER: Readonly<Record<ShaName, readonly (readonly [number, number, number])[]>> = {
  sha512: Array.from({ length: 21 }, (_, index) => {
    const triple = [index, index + 21, index + 42] as const;
    const turn = index % 3;
    return [triple[turn], triple[(turn + 1) % 3], triple[(turn + 2) % 3]] as [
      number,
      number,
      number,
    ];
  }),
  sha256: Array.from({ length: 10 }, (_, index) => {
    const triple = [index, index + 10, index + 20] as const;
    const turn = (3 - (index % 3)) % 3;
    return [triple[turn], triple[(turn + 1) % 3], triple[(turn + 2) % 3]] as [
      number,
      number,
      number,
    ];
  }),
};

function shaCrypt(name: ShaName, request: CryptRequest): string {
  const password = Buffer.from(request.password, "utf8");
  const saltText = saltOf(request, 16);
  const salt = Buffer.from(saltText, "utf8");
  const size = name === "sha512" ? 64 : 32;
  const asked = request.rounds === IMPLICIT_ROUNDS[name] ? 0 : (request.rounds ?? 0);
  // What crypt(3) says of rounds that it does not make.
  if (asked !== 0 && (asked < 1000 || asked > 999_999_999)) return "*0";
  const rounds = asked === 0 ? 5000 : asked;
  const digest = (...parts: readonly Buffer[]): Buffer =>
    createHash(name).update(Buffer.concat(parts)).digest();
  const stretch = (block: Buffer, length: number): Buffer =>
    Buffer.concat([
      ...Array<Buffer>(Math.floor(length / size)).fill(block),
      block.subarray(0, length % size),
    ]);

  const b = digest(password, salt, password);
  const parts: Buffer[] = [password, salt, stretch(b, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push((bits & 1) === 1 ? b : password);
  let running: Buffer = digest(...parts);
  const p = stretch(digest(...Array<Buffer>(password.length).fill(password)), password.length);
  const s = stretch(digest(...Array<Buffer>(16 + (running[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const isOdd = (round & 1) === 1;
    const step = [isOdd ? p : running];
    if (round % 3 !== 0) step.push(s);
    if (round % 7 !== 0) step.push(p);
    step.push(isOdd ? running : p);
    running = digest(...step);
  }
  let text = "";
  for (const [x, y, z] of SHA_ORDER[name])
    text += base64Of(running[x] ?? 0, running[y] ?? 0, running[z] ?? 0, 4);
  text +=
    name === "sha512"
      ? base64Of(0, 0, running[63] ?? 0, 2)
      : base64Of(0, running[31] ?? 0, running[30] ?? 0, 3);
  const cost = asked === 0 ? "" : `rounds=${asked}$`;
  return `$${name === "sha512" ? "6" : "5"}$${cost}${saltText}$${text}`;
}

function md5Crypt(request: CryptRequest): string {
  const password = Buffer.from(request.password, "utf8");
  const saltText = saltOf(request, 8);
  const salt = Buffer.from(saltText, "utf8");
  const digest = (...parts: readonly Buffer[]): Buffer =>
    createHash("md5").update(Buffer.concat(parts)).digest();
  const b = digest(password, salt, password);
  const parts: Buffer[] = [password, Buffer.from("$1$"), salt];
  for (let left = password.length; left > 0; left -= 16)
    parts.push(b.subarray(0, Math.min(16, left)));
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push((bits & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let running = digest(...parts);
  for (let round = 0; round < 1000; round++) {
    const isOdd = (round & 1) === 1;
    const step = [isOdd ? password : running];
    if (round % 3 !== 0) step.push(salt);
    if (round % 7 !== 0) step.push(password);
    step.push(isOdd ? running : password);
    running = digest(...step);
  }
  let text = "";
  for (const [x, y, z] of [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const) {
    text += base64Of(running[x] ?? 0, running[y] ?? 0, running[z] ?? 0, 4);
  }
  return `$1$${saltText}$${text}${base64Of(0, 0, running[11] ?? 0, 2)}`;
}

function base64Of(high: number, middle: number, low: number, count: number): string {
  let bits = (high << 16) | (middle << 8) | low;
  let text = "";
  for (let index = 0; index < count; index++) {
    text += ALPHABET[bits & 0x3f];
    bits >>= 6;
  }
  return text;
}
