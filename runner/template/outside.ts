/**
 * All that templates can reach of the machine. The library is written against this, so that only
 * library/lookups.ts and library/hashes.ts touch Node, and tests can pass a world of their own.
 */
export interface Outside {
  now(): Date;
  /** Uniform in [0, 1). */
  random(): number;
  env(name: string): string | undefined;
  readonly home: (user: string) => string | undefined;
  /** The content of a file, decrypted when it is a vault. Throws when it cannot be read. */
  readFile(path: string): Uint8Array;
  writeFile(path: string, text: string, mode: number): void;
  stat(path: string, follow: boolean): FileKind | undefined;
  /** The names in a folder, or an empty list. */
  list(path: string): readonly string[];
  realPath(path: string): string;
  cwd(): string;
  hostName(): string;
  /** Who owns a file (a name, or the number of a user without one), and when it changed. */
  fileFacts(path: string): { readonly owner: string; readonly modified: Date };
  /** Runs a command line with /bin/sh. */
  shell(
    command: string,
    cwd: string,
  ): { readonly status: number; readonly stdout: string; readonly stderr: string };
  hash(algorithm: string, data: Uint8Array): string | undefined;
  /** A vault of a text, with a random salt unless one is given. */
  seal(plain: Uint8Array, password: Uint8Array, salt: Uint8Array | undefined, id: string): string;
  /** What is in a vault. Throws when the password is another. */
  unseal(envelope: string, password: Uint8Array): Uint8Array;
  /** crypt(3) text, or undefined when the scheme is not available. */
  crypt(request: CryptRequest): string;
}

/** What is at a path. */
export interface FileKind {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly device: number;
  readonly inode: number;
}

/** A password to hash; what is left out takes Ansible's default. */
export interface CryptRequest {
  readonly password: string;
  readonly scheme: string;
  readonly salt?: string | undefined;
  readonly saltSize?: number | undefined;
  readonly rounds?: number | undefined;
  readonly ident?: string | undefined;
}
