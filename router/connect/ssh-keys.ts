import { readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import { parseKey } from "./ssh2.ts";

/** A private key that can be tried, or why it cannot. */
export type LoadedKey =
  | { readonly kind: "key"; readonly path: string; readonly key: ParsedKey }
  | {
      readonly kind: "problem";
      readonly path: string;
      readonly what: string;
      /** The public half in base64, where a file of it stands beside: an agent may have the other. */
      readonly publicKey?: string;
    };

/** Loads private keys, each file once per process: many hosts share them. */
export interface KeyStore {
  load(path: string, passphrase: string | undefined): Promise<LoadedKey>;
}

/** Makes a {@link KeyStore}. */
export function createKeyStore(): KeyStore {
  const loaded = new Map<string, Promise<LoadedKey>>();
  return {
    load(path, passphrase) {
      const id = JSON.stringify([path, passphrase]);
      let key = loaded.get(id);
      if (key === undefined) {
        key = readKey(path, passphrase);
        loaded.set(id, key);
      }
      return key;
    },
  };
}

async function readKey(path: string, passphrase: string | undefined): Promise<LoadedKey> {
  const loaded = await readPrivateKey(path, passphrase);
  if (loaded.kind === "key") return loaded;
  const publicKey = await readPublicKey(path);
  return publicKey === undefined ? loaded : { ...loaded, publicKey };
}

/** From `key.pub` beside the file, or from the file itself when it is a public key. */
async function readPublicKey(path: string): Promise<string | undefined> {
  for (const file of [`${path}.pub`, path]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const [, blob] = text.trim().split(/\s+/);
    if (/^(ssh|ecdsa|sk)-/.test(text) && blob !== undefined) return blob;
  }
  return undefined;
}

async function readPrivateKey(path: string, passphrase: string | undefined): Promise<LoadedKey> {
  const problem = (what: string): LoadedKey => ({ kind: "problem", path, what });
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    return problem(
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : "unreadable",
    );
  }
  const parsed = parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) {
    // The library's words can quote the file: only what kind of trouble it is goes on.
    return problem(
      /passphrase|encrypted/i.test(key.message)
        ? "encrypted, and no (right) passphrase was given: add it to an ssh agent"
        : "not a private key in a supported format",
    );
  }
  if (key === undefined || !key.isPrivateKey()) return problem("not a private key");
  return { kind: "key", path, key };
}
