import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { seal } from "../../vault/cipher.ts";
import { formatEnvelope } from "../../vault/envelope.ts";
import { decryptWith, openFile } from "../../vault/keyring.ts";
import type { CryptRequest, FileKind, Outside } from "../outside.ts";
import type { Callable } from "../py-types.ts";
import { cryptText, hashHex } from "./hashes.ts";
import { FILE_LOOKUPS } from "./lookup-files.ts";
import { LIST_LOOKUPS } from "./lookup-lists.ts";
import { withOptions } from "./lookup-options.ts";
import { PASSWORD_LOOKUPS } from "./lookup-password.ts";
import { VALUE_LOOKUPS } from "./lookup-values.ts";

/** What may be put in the place of the machine. */
export interface WorldOptions {
  readonly now?: () => Date;
  readonly random?: () => number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Makes passwords; undefined for those that are to be made by what is built in. */
  readonly crypt?: (request: CryptRequest) => string | undefined;
}

/** All lookups by short name. Their first parameter is the list of terms. */
export const LOOKUPS: Readonly<Record<string, Callable>> = Object.fromEntries(
  Object.entries({
    ...FILE_LOOKUPS,
    ...LIST_LOOKUPS,
    ...PASSWORD_LOOKUPS,
    ...VALUE_LOOKUPS,
  }).map(([name, lookup]) => [name, withOptions(lookup)]),
);

/** Lookups whose result depends on no variable but those in their arguments. */
export const PURE_LOOKUPS: ReadonlySet<string> = new Set(
  Object.keys(LOOKUPS).filter(
    (name) => !["vars", "varnames", "template", "config", "first_found"].includes(name),
  ),
);

/** The machine that skein runs on. */
export function createOutside(options: WorldOptions): Outside {
  const env = options.env ?? process.env;
  return {
    now: options.now ?? (() => new Date()),
    random: options.random ?? secureRandom,
    env: (name) => env[name],
    home: (user) => homeOf(user),
    readFile: (path) => openFile(readFileSync(path), path),
    seal: (text, password, salt, id) => formatEnvelope(seal(text, password, salt), id),
    unseal: (envelope, password) =>
      decryptWith(
        { secrets: [{ id: "default", password }], defaultId: "default", matchId: false },
        envelope,
      ),
    writeFile(path, text, mode) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, text, { mode });
      chmodSync(path, mode);
    },
    stat: kindOf,
    list(path) {
      try {
        return readdirSync(path).sort();
      } catch {
        return [];
      }
    },
    realPath: realPathOf,
    cwd: () => process.cwd(),
    hostName: hostname,
    fileFacts(path) {
      const { mtime, uid } = statSync(path);
      return { owner: userNameOf(uid), modified: mtime };
    },
    shell(command, cwd) {
      const done = spawnSync("/bin/sh", ["-c", command], {
        cwd,
        encoding: "utf8",
        maxBuffer: 256 * 1024 * 1024,
        stdio: ["ignore", "pipe", "inherit"],
      });
      return {
        status: done.status ?? (done.signal === null ? 127 : -1),
        stdout: done.stdout ?? "",
        stderr: "",
      };
    },
    hash: hashHex,
    crypt: (request) => options.crypt?.(request) ?? cryptText(request),
  };
}

// Passwords come from here, so it has to be unpredictable; Ansible uses SystemRandom as well.
function secureRandom(): number {
  return randomInt(2 ** 48 - 1) / (2 ** 48 - 1);
}

function kindOf(path: string, follow: boolean): FileKind | undefined {
  const stat = statsOf(path, follow);
  if (stat === undefined) return undefined;
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "directory"
      : stat.isSymbolicLink()
        ? "link"
        : "other";
  return { kind, device: stat.dev, inode: stat.ino };
}

// Names that no file can have (too long, with a NUL, below a file) are as absent to Python as those that none has.
function statsOf(path: string, follow: boolean): Stats | undefined {
  try {
    return (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

// Python resolves what exists of a path and keeps the rest.
function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute
      ? absolute
      : resolve(realPathOf(parent), absolute.slice(parent.length).replace(/^\//, ""));
  }
}

function homeOf(user: string): string | undefined {
  const wanted = user === "" ? String(process.getuid?.() ?? 0) : user;
  return accounts().find((fields) => fields[user === "" ? 2 : 0] === wanted)?.[5];
}

/** The name of a user, or its number where it has none. */
function userNameOf(uid: number): string {
  return accounts().find((fields) => fields[2] === String(uid))?.[0] ?? String(uid);
}

function accounts(): readonly (readonly string[])[] {
  try {
    return readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
