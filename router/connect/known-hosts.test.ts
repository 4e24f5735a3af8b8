import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  fingerprintOf,
  judgeHostKey,
  type KnownHost,
  keyTypeOf,
  orderHostKeyAlgorithms,
} from "./host-key.ts";
import {
  createKnownHostsIndex,
  knownHostsName,
  matchesHost,
  parseKnownHosts,
} from "./known-hosts.ts";

const ED = Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 2, 1, 2]),
]);
const OTHER = Buffer.concat([ED.subarray(0, -1), Buffer.from([9])]);
const ED64 = ED.toString("base64");
const OTHER64 = OTHER.toString("base64");

function hashed(name: string): string {
  const salt = Buffer.from("0123456789abcdefghij");
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

describe("parseKnownHosts", () => {
  it("reads lines, skips comments and blanks, and keeps line numbers", () => {
    const text = `# comment\n\nweb1,10.0.0.1 ssh-ed25519 ${ED64} a comment\n@revoked * ssh-rsa AAAA\r\n@cert-authority *.x ssh-rsa BBBB\n`;
    const { entries, problems } = parseKnownHosts(text, "/kh");
    expect(problems).toEqual([]);
    expect(entries.map((entry) => [entry.marker, entry.hosts, entry.keyType, entry.line])).toEqual([
      ["none", "web1,10.0.0.1", "ssh-ed25519", 3],
      ["revoked", "*", "ssh-rsa", 4],
      ["cert-authority", "*.x", "ssh-rsa", 5],
    ]);
    expect(entries[1]?.key).toBe("AAAA");
  });

  it("tells of lines that it does not understand, and goes on", () => {
    const { entries, problems } = parseKnownHosts(`web1\n@odd x y z\nweb2 t ${ED64}`, "/kh");
    expect(entries).toHaveLength(1);
    expect(problems).toEqual([
      { file: "/kh", line: 1, what: "not: hosts, key type, key" },
      { file: "/kh", line: 2, what: "the marker @odd is unknown" },
    ]);
  });
});

describe("matching", () => {
  it.each<[string, string, number, boolean]>([
    ["web1", "web1", 22, true],
    ["WEB1", "Web1", 22, true],
    ["web1", "web10", 22, false],
    ["web1", "web1", 2222, false],
    ["[web1]:2222", "web1", 2222, true],
    ["[web1]:2222", "web1", 22, false],
    ["10.0.0.1,web1", "web1", 22, true],
    ["*.example.com", "a.example.com", 22, true],
    ["*.example.com", "example.com", 22, false],
    ["web?", "web7", 22, true],
    ["web?", "web", 22, false],
    ["*.example.com,!bad.example.com", "bad.example.com", 22, false],
    ["!bad.example.com,*.example.com", "good.example.com", 22, true],
    ["!bad.example.com", "good.example.com", 22, false],
    ["*a*b*c*", "xxaxxbxxcxx", 22, true],
    ["*a*b*c*", "xxaxxcxxbxx", 22, false],
    ["2001:db8::1", "2001:db8::1", 22, true],
    ["web.1", "webx1", 22, false],
    [hashed("web1"), "web1", 22, true],
    [hashed("web1"), "web2", 22, false],
    [hashed("[web1]:2222"), "web1", 2222, true],
    ["|2|aa|bb", "web1", 22, false],
    ["|1|short", "web1", 22, false],
  ])("%s and %s port %i: %s", (hosts, host, port, expected) => {
    const entry = { marker: "none", hosts, keyType: "t", key: "k", file: "f", line: 1 } as const;
    const name = knownHostsName(host, port);
    expect(matchesHost(entry, name)).toBe(expected);
    expect(createKnownHostsIndex([entry]).find(name)).toHaveLength(expected ? 1 : 0);
  });
});

function known(text: string) {
  const { entries } = parseKnownHosts(text, "/home/u/.ssh/known_hosts");
  return { name: "web1", host: "10.0.0.1", port: 22, entries, portless: [] };
}

describe("judgeHostKey", () => {
  it("accepts a known key", () => {
    expect(judgeHostKey(known(`10.0.0.1 ssh-ed25519 ${ED64}`), ED, true)).toEqual({
      kind: "accept",
    });
  });

  it("accepts anything when checking is off, even a revoked key, as OpenSSH is told to", () => {
    expect(judgeHostKey(known(`@revoked * ssh-ed25519 ${ED64}`), ED, false).kind).toBe("accept");
  });

  it.each<[string, boolean | "accept-new", string, RegExp]>([
    ["", true, "host-key-unknown", /web1 \(10\.0\.0\.1\).*SHA256:.*ssh-keyscan 10\.0\.0\.1/s],
    [
      `10.0.0.1 ssh-ed25519 ${OTHER64}`,
      true,
      "host-key-changed",
      /CHANGED.*known_hosts:1.*-R '10\.0\.0\.1'/s,
    ],
    [`10.0.0.1 ssh-ed25519 ${OTHER64}`, "accept-new", "host-key-changed", /CHANGED/],
    [
      `@revoked * ssh-ed25519 ${ED64}\n10.0.0.1 ssh-ed25519 ${ED64}`,
      true,
      "host-key-revoked",
      /revoked.*:1/,
    ],
    [`@revoked * ssh-ed25519 ${ED64}`, "accept-new", "host-key-revoked", /revoked/],
    [
      `@cert-authority * ssh-ed25519 ${ED64}`,
      true,
      "host-key-unknown",
      /certificates are not supported/,
    ],
  ])("refuses with what to do about it (%#)", (text, checking, code, message) => {
    const verdict = judgeHostKey(known(text), ED, checking);
    expect(verdict).toMatchObject({ kind: "refuse", error: { code } });
    expect((verdict as { error: Error }).error.message).toMatch(message);
  });

  it("learns an unknown key under accept-new, with its port when that is not 22", () => {
    const verdict = judgeHostKey({ ...known(""), port: 2222 }, ED, "accept-new");
    expect(verdict).toEqual({ kind: "learn", line: `[10.0.0.1]:2222 ssh-ed25519 ${ED64}` });
  });
});

// As `ssh -p 2222` of OpenSSH 9.2 decides.
describe("a host on a port of its own", () => {
  const onPort = (own: string, usual: string): KnownHost => ({
    ...known(own),
    port: 2222,
    portless: known(usual).entries,
  });

  it.each<[string, string, string, boolean | "accept-new", string]>([
    ["the key of the usual port", "", `10.0.0.1 ssh-ed25519 ${ED64}`, true, "accept"],
    ["the key of the usual port", "", `10.0.0.1 ssh-ed25519 ${ED64}`, "accept-new", "accept"],
    ["another key", "", `10.0.0.1 ssh-ed25519 ${OTHER64}`, true, "host-key-unknown"],
    ["another key", "", `10.0.0.1 ssh-ed25519 ${OTHER64}`, "accept-new", "learn"],
    [
      "a key that is not the one of its own port",
      `[10.0.0.1]:2222 ssh-ed25519 ${OTHER64}`,
      `10.0.0.1 ssh-ed25519 ${ED64}`,
      true,
      "host-key-changed",
    ],
    [
      "a key that is revoked",
      "",
      `@revoked 10.0.0.1 ssh-ed25519 ${ED64}`,
      "accept-new",
      "host-key-revoked",
    ],
  ])("with %s (%#)", (_title, own, usual, checking, outcome) => {
    const verdict = judgeHostKey(onPort(own, usual), ED, checking);
    expect(verdict.kind === "refuse" ? verdict.error.code : verdict.kind).toBe(outcome);
  });
});

describe("orderHostKeyAlgorithms", () => {
  const supported = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
  ];
  it("puts the algorithms of known keys first", () => {
    expect(orderHostKeyAlgorithms(known(`10.0.0.1 ssh-rsa ${ED64}`), supported)).toEqual([
      "rsa-sha2-512",
      "rsa-sha2-256",
      "ssh-rsa",
      "ssh-ed25519",
      "ecdsa-sha2-nistp256",
    ]);
    expect(orderHostKeyAlgorithms(known(""), supported)).toEqual(supported);
  });
});

describe("keys", () => {
  it("tell their type, however short they are", () => {
    expect(keyTypeOf(ED)).toBe("ssh-ed25519");
    expect(keyTypeOf(Buffer.from([0, 0]))).toBe("unknown");
    expect(fingerprintOf(ED)).toMatch(/^SHA256:[\w+/]{43}$/);
  });
});
