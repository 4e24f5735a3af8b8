import { createHash } from "node:crypto";
import { RouterError } from "../base/index.ts";
import type { KnownHostsEntry } from "./known-hosts.ts";
import { knownHostsName } from "./known-hosts.ts";

/** What is known of a host: the entries of its known_hosts files that are about it. */
export interface KnownHost {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly entries: readonly KnownHostsEntry[];
  /** Those about the host on the usual port; empty when it is reached there, or has an alias. */
  readonly portless: readonly KnownHostsEntry[];
}

/** What to do about a key that a host presented. */
export type HostKeyVerdict =
  | { readonly kind: "accept" }
  /** Accepted because nothing was known; to be remembered. */
  | { readonly kind: "learn"; readonly line: string }
  | { readonly kind: "refuse"; readonly error: RouterError };

/**
 * Judges a host's key as OpenSSH does: a revoked key is refused whatever else is known, a known key
 * is accepted, any other key of a host with known keys has changed, and with none it is unknown. Of a host
 * on a port of its own of which nothing is known, a key counts that is known of the host on the usual port
 * (check_host_key of sshconnect.c); its other keys say nothing, since another server may answer there.
 */
export function judgeHostKey(
  known: KnownHost,
  key: Uint8Array,
  checking: boolean | "accept-new",
): HostKeyVerdict {
  if (checking === false) return { kind: "accept" };
  const encoded = Buffer.from(key).toString("base64");
  const type = keyTypeOf(key);
  const same = known.entries.filter((entry) => entry.key === encoded);
  const portless = known.portless.filter((entry) => entry.key === encoded);
  const revoked = [...same, ...portless].find((entry) => entry.marker === "revoked");
  if (revoked !== undefined) return { kind: "refuse", error: revokedError(known, type, revoked) };
  if (same.some((entry) => entry.marker === "none")) return { kind: "accept" };
  const other = known.entries.find((entry) => entry.marker === "none");
  if (other !== undefined) return { kind: "refuse", error: changedError(known, type, key, other) };
  if (portless.some((entry) => entry.marker === "none")) return { kind: "accept" };
  if (checking === "accept-new") {
    return { kind: "learn", line: `${knownHostsName(known.host, known.port)} ${type} ${encoded}` };
  }
  return { kind: "refuse", error: unknownError(known, type, key) };
}

/** Host key algorithms by key type: an RSA key serves three. */
const ALGORITHMS: Readonly<Record<string, readonly string[] | undefined>> = {
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
};

/**
 * The algorithms to offer, those of known keys first: a server with several keys then presents one
 * that can be checked, as OpenSSH brings about in the same way.
 */
export function orderHostKeyAlgorithms(
  known: KnownHost,
  supported: readonly string[],
): readonly string[] {
  const preferred = new Set(
    (known.entries.length > 0 ? known.entries : known.portless)
      .filter((entry) => entry.marker === "none")
      .flatMap((entry) => ALGORITHMS[entry.keyType] ?? [entry.keyType]),
  );
  return [
    ...supported.filter((name) => preferred.has(name)),
    ...supported.filter((name) => !preferred.has(name)),
  ];
}

/** The first field of a key's own encoding. */
export function keyTypeOf(key: Uint8Array): string {
  if (key.length < 4) return "unknown";
  const length = new DataView(key.buffer, key.byteOffset).getUint32(0);
  return Buffer.from(key.subarray(4, 4 + Math.min(length, 64))).toString("latin1");
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replaceAll("=", "")}`;
}

function title({ name, host, port }: KnownHost): string {
  const address = port === 22 ? host : `[${host}]:${port}`;
  return name === host ? address : `${name} (${address})`;
}

function scanHint({ host, port }: KnownHost): string {
  return `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host} >> ~/.ssh/known_hosts`;
}

function unknownError(known: KnownHost, type: string, key: Uint8Array): RouterError {
  const authority = known.entries.some((entry) => entry.marker === "cert-authority");
  return new RouterError(
    "host-key-unknown",
    `Host key verification failed: no ${type} host key is known for ${title(known)}; it presented ${fingerprintOf(key)}. ` +
      (authority
        ? "A @cert-authority line covers this host, but host certificates are not supported here: add the host's own key. "
        : "") +
      `Compare the fingerprint, then add the key (${scanHint(known)}), or set host_key_checking = False.`,
  );
}

function changedError(
  known: KnownHost,
  type: string,
  key: Uint8Array,
  other: KnownHostsEntry,
): RouterError {
  return new RouterError(
    "host-key-changed",
    `REMOTE HOST IDENTIFICATION HAS CHANGED for ${title(known)}: it presented the ${type} key ${fingerprintOf(key)}, ` +
      `which is not the one in ${other.file}:${other.line}. Someone could be between you and it, or it has a new key. ` +
      `If the new key is right, remove the old one: ssh-keygen -f ${other.file} -R '${knownHostsName(known.host, known.port)}'`,
  );
}

function revokedError(known: KnownHost, type: string, entry: KnownHostsEntry): RouterError {
  return new RouterError(
    "host-key-revoked",
    `The ${type} host key that ${title(known)} presented is marked as revoked in ${entry.file}:${entry.line}. Do not use this host before its key is replaced.`,
  );
}
