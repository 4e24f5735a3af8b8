import { createHmac } from "node:crypto";
import { matchesPatterns } from "./host-patterns.ts";

/** One line of a known_hosts file. */
export interface KnownHostsEntry {
  readonly marker: "none" | "revoked" | "cert-authority";
  /** Host patterns as written, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  /** The key, in base64. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
}

/** A line that is not understood. OpenSSH skips such lines; so does the caller, but it may say so. */
export interface KnownHostsProblem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** Reads a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Never throws. */
export function parseKnownHosts(
  text: string,
  file: string,
): {
  readonly entries: readonly KnownHostsEntry[];
  readonly problems: readonly KnownHostsProblem[];
} {
  const entries: KnownHostsEntry[] = [];
  const problems: KnownHostsProblem[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const words = raw.trim().split(/[ \t]+/);
    if (words[0] === "" || words[0]?.startsWith("#")) continue;
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [hosts, keyType, key] = words;
    if (hosts === undefined || keyType === undefined || key === undefined) {
      problems.push({ file, line, what: "not: hosts, key type, key" });
      continue;
    }
    if (marker !== undefined && marker !== "@revoked" && marker !== "@cert-authority") {
      problems.push({ file, line, what: `the marker ${marker} is unknown` });
      continue;
    }
    entries.push({
      marker: marker === undefined ? "none" : marker === "@revoked" ? "revoked" : "cert-authority",
      hosts,
      keyType,
      key,
      file,
      line,
    });
  }
  return { entries, problems };
}

/** How a host is written in known_hosts: with its port when that is not 22. */
export function knownHostsName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Entries that can be asked for by host. */
export interface KnownHostsIndex {
  /** The entries about a host, by its name as {@link knownHostsName} writes it. */
  find(name: string): readonly KnownHostsEntry[];
}

/**
 * Makes a {@link KnownHostsIndex}. Plain names, the most of most files, are found at once; only
 * hashed names and patterns are tried one by one.
 */
export function createKnownHostsIndex(entries: readonly KnownHostsEntry[]): KnownHostsIndex {
  const plain = new Map<string, KnownHostsEntry[]>();
  const others: KnownHostsEntry[] = [];
  for (const entry of entries) {
    if (/[|*?!]/.test(entry.hosts)) {
      others.push(entry);
      continue;
    }
    for (const name of new Set(entry.hosts.toLowerCase().split(","))) {
      const same = plain.get(name);
      if (same === undefined) plain.set(name, [entry]);
      else same.push(entry);
    }
  }
  return {
    find: (name) => [
      ...(plain.get(name) ?? []),
      ...others.filter((entry) => matchesHost(entry, name)),
    ],
  };
}

/** Whether an entry is about this host. */
export function matchesHost(entry: KnownHostsEntry, name: string): boolean {
  if (entry.hosts.startsWith("|")) return matchesHash(entry.hosts, name);
  return matchesPatterns(entry.hosts.split(","), name);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt as key. */
function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}
