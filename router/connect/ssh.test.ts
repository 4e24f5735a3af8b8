import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, ServerConfig } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/index.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import type { SshSpec } from "./spec.ts";
import { createSshConnector } from "./ssh.ts";
import { isRefusal } from "./ssh-errors.ts";
import { parseKey, Server } from "./ssh2.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-ssh-test-"));
const keys = {
  host: makeKey("host"),
  otherHost: makeKey("other-host"),
  user: makeKey("user"),
  wrong: makeKey("wrong"),
};

interface Key {
  readonly path: string;
  readonly pem: string;
  readonly type: string;
  readonly line: string;
}

function makeKey(name: string): Key {
  // PKCS#1 is the one form that both Node writes and ssh2 reads without help.
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs1", format: "pem" })
    .toString();
  const path = join(folder, name);
  writeFileSync(path, pem, { mode: 0o600 });
  const parsed = parseKey(pem);
  if (parsed instanceof Error) throw parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) throw new Error("no key");
  return {
    path,
    pem,
    type: key.type,
    line: `${key.type} ${key.getPublicSSH().toString("base64")}`,
  };
}

/** What the server saw, in order. */
interface Seen {
  readonly logins: string[];
  readonly commands: string[];
  connections: number;
}

interface Running {
  readonly port: number;
  readonly seen: Seen;
  stop(): Promise<void>;
}

/** An sshd that knows one key and one password, and runs commands with /bin/sh. */
async function startServer(
  ident: string,
  options: { refuse?: number; accept?: Key } = {},
): Promise<Running> {
  const seen: Seen = { logins: [], commands: [], connections: 0 };
  const clients = new Set<Connection>();
  const config: ServerConfig = { hostKeys: [keys.host.pem], ident };
  const server = new Server(config, (client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => {});
    client.on("authentication", (context) => {
      seen.logins.push(
        context.method === "publickey"
          ? `publickey ${context.signature === undefined ? "query" : "signed"}`
          : context.method,
      );
      const isUser =
        context.method === "publickey" &&
        `${keys.user.type} ${context.key.data.toString("base64")}` ===
          (options.accept ?? keys.user).line;
      const isPassword = context.method === "password" && context.password === "s3cret";
      if (isUser || isPassword) context.accept();
      else context.reject(["publickey", "password"]);
    });
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      seen.commands.push(`forward to port ${destPort}`);
      const onward = createConnection({ host: destIP, port: destPort });
      onward.on("error", () => reject());
      onward.on("connect", () => {
        const channel = accept();
        channel.pipe(onward).pipe(channel);
        channel.on("error", () => {});
      });
    });
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, info) => {
        seen.commands.push(info.command);
        const channel = acceptExec();
        const child = spawn("/bin/sh", ["-c", info.command]);
        channel.pipe(child.stdin);
        child.stdin.on("error", () => {});
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on("close", (code) => {
          channel.exit(code ?? 255);
          channel.end();
        });
      });
    });
  });
  // In front of it a port that can turn connections away, as MaxStartups does.
  const front = createServer((socket) => {
    seen.connections += 1;
    socket.on("error", () => {});
    if (seen.connections <= (options.refuse ?? 0)) socket.destroy();
    else server.injectSocket(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  return {
    port: (front.address() as AddressInfo).port,
    seen,
    async stop() {
      for (const client of clients) client.end();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

const never = new AbortController().signal;
const servers: Running[] = [];
const routers: Router[] = [];
let modern: Running;
let plain: Running;

beforeAll(async () => {
  modern = await startServer("OpenSSH_9.9");
  plain = await startServer("dropbear_2024");
  servers.push(modern, plain);
});

afterEach(async () => {
  await Promise.all(routers.splice(0).map((router) => router.destroy("the test is over")));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

let files = 0;
function knownHosts(text: string): string {
  files += 1;
  const path = join(folder, `known-${files}`);
  writeFileSync(path, text);
  return path;
}

function specFor(server: Running, changes: Partial<SshSpec> = {}): SshSpec {
  return {
    kind: "ssh",
    host: "127.0.0.1",
    port: server.port,
    user: "deploy",
    name: "web1",
    privateKeys: [keys.user.path],
    hostKeyChecking: true,
    knownHostsFiles: [knownHosts(`[127.0.0.1]:${server.port} ${keys.host.line}\n`)],
    connectTimeout: 10,
    pythons: ["python3"],
    ...changes,
  };
}

function linkTo(spec: SshSpec) {
  const agent = { archive: new Uint8Array(0), digest: "", firstStage: () => "exit 1" };
  const router = createRouter({ agent });
  routers.push(router);
  return { router, link: router.link(spec) };
}

describe.each(["OpenSSH_9.9", "dropbear_2024"])("over a server that calls itself %s", (ident) => {
  const server = () => (ident.startsWith("OpenSSH") ? modern : plain);

  it("logs in with a signed request at once and runs commands", async () => {
    const { seen } = server();
    seen.logins.length = 0;
    const { link, router } = linkTo(specFor(server()));
    const result = await link.exec("cat; echo e >&2; exit 7", { stdin: Buffer.from("in") });
    expect([result.rc, result.stdout.toString(), result.stderr.toString()]).toEqual([
      7,
      "in",
      "e\n",
    ]);
    expect(seen.logins).toEqual(["publickey signed"]);
    await expect(link.exec("exit 2")).resolves.toMatchObject({ rc: 2 });
    const { bytesSent, bytesReceived } = router.stats();
    expect(bytesSent).toBeGreaterThan(500);
    expect(bytesReceived).toBeGreaterThan(500);
    await router.close();
    expect(router.stats()).toMatchObject({ links: 1 });
  });

  it("moves more than the window in both directions", async () => {
    const { link } = linkTo(specFor(server()));
    const stdin = Buffer.alloc(5_000_000, 0x61);
    const result = await link.exec("cat", { stdin });
    expect(result.stdout.length).toBe(stdin.length);
    expect(Buffer.compare(result.stdout, stdin)).toBe(0);
  });
});

describe("logging in", () => {
  it("goes on to the next key, then to the password", async () => {
    const spec = specFor(modern, { privateKeys: [keys.wrong.path, keys.user.path] });
    modern.seen.logins.length = 0;
    await expect(linkTo(spec).link.exec("true")).resolves.toMatchObject({ rc: 0 });
    expect(modern.seen.logins).toEqual(["publickey signed", "publickey signed"]);
    const byPassword = specFor(modern, { privateKeys: [keys.wrong.path], password: "s3cret" });
    await expect(linkTo(byPassword).link.exec("true")).resolves.toMatchObject({ rc: 0 });
    expect(modern.seen.logins.at(-1)).toBe("password");
  });

  it("sends a command with a key that has worked before, and again when it is refused here", async () => {
    const other = await startServer("OpenSSH_9.9", { accept: keys.wrong });
    const both = [keys.user.path, keys.wrong.path];
    const { link, router } = linkTo(specFor(modern, { privateKeys: both }));
    await link.exec("true");
    const elsewhere = router.link(specFor(other, { privateKeys: both }));
    const result = await elsewhere.exec("cat; exit 6", {
      stdin: Buffer.from("told twice, done once"),
    });
    expect([result.rc, result.stdout.toString()]).toEqual([6, "told twice, done once"]);
    expect(other.seen.logins).toEqual(["publickey signed", "publickey signed"]);
    expect(other.seen.commands).toEqual(["cat; exit 6"]);
    await router.close();
    await other.stop();
  });

  it("that is refused says what was tried, and no secret", async () => {
    const broken = join(folder, "broken");
    writeFileSync(broken, "-----BEGIN NONSENSE-----\ns3cret-key\n");
    const spec = specFor(modern, {
      privateKeys: [join(folder, "absent"), broken, keys.wrong.path],
      password: "wr0ng-secret",
    });
    const failure = await linkTo(spec)
      .link.exec("true")
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "auth" });
    const { message } = failure as Error;
    expect(message).toContain(
      `as deploy via ssh: Permission denied (tried ${keys.wrong.path}, password; not usable: ${join(folder, "absent")}: no such file; ${broken}: not a private key in a supported format).`,
    );
    expect(message).not.toMatch(/s3cret-key|wr0ng/);
  });
});

describe("host keys", () => {
  it.each([
    ["unknown", "", "host-key-unknown"],
    ["changed", "other", "host-key-changed"],
    ["revoked", "revoked", "host-key-revoked"],
  ])("that are %s are refused before any login", async (_, kind, code) => {
    const name = `[127.0.0.1]:${modern.port}`;
    const text =
      kind === "other"
        ? `${name} ${keys.otherHost.line}\n`
        : kind === "revoked"
          ? `@revoked * ${keys.host.line}\n`
          : "";
    modern.seen.logins.length = 0;
    const { link } = linkTo(specFor(modern, { knownHostsFiles: [knownHosts(text)] }));
    await expect(link.exec("true")).rejects.toMatchObject({ code });
    expect(modern.seen.logins).toEqual([]);
    // It stays failed, without another try.
    await expect(link.exec("true")).rejects.toMatchObject({ code });
  });

  it("are not looked at when checking is off, and learnt with accept-new", async () => {
    const off = specFor(modern, { knownHostsFiles: [knownHosts("")], hostKeyChecking: false });
    await expect(linkTo(off).link.exec("true")).resolves.toMatchObject({ rc: 0 });
    const file = knownHosts("");
    const learn = specFor(modern, { knownHostsFiles: [file], hostKeyChecking: "accept-new" });
    await expect(linkTo(learn).link.exec("true")).resolves.toMatchObject({ rc: 0 });
    await expect
      .poll(() => readFileSync(file, "utf8"))
      .toBe(`[127.0.0.1]:${modern.port} ${keys.host.line}\n`);
  });
});

describe("a host behind others", () => {
  it("is reached through one connection to the jump host, however many are behind it", async () => {
    const gate = await startServer("OpenSSH_9.9");
    const inner = await startServer("OpenSSH_9.9");
    servers.push(gate, inner);
    const { router } = linkTo(specFor(modern));
    const proxy = { kind: "jump", via: specFor(gate) } as const;
    const links = ["one", "two"].map((name) => router.link({ ...specFor(inner), name, proxy }));
    const results = await Promise.all(links.map((link) => link.exec("echo $((40 + 2))")));
    expect(results.map(({ stdout }) => Buffer.from(stdout).toString())).toEqual(["42\n", "42\n"]);
    expect(gate.seen.connections).toBe(1);
    expect(gate.seen.commands).toEqual([
      `forward to port ${inner.port}`,
      `forward to port ${inner.port}`,
    ]);
    expect(inner.seen.connections).toBe(2);
    await Promise.all(links.map((link) => link.close()));
  });

  it("that refuses is told apart from a jump host that cannot be reached", async () => {
    const { router } = linkTo(specFor(modern));
    const refused = router.link({
      ...specFor(modern),
      port: 1,
      proxy: { kind: "jump", via: { ...specFor(modern), name: "gate" } },
    });
    await expect(refused.exec("true")).rejects.toThrow(/^gate cannot connect to 127\.0\.0\.1:1: /);
    const unreached = router.link({
      ...specFor(modern),
      proxy: { kind: "jump", via: { ...specFor(modern), name: "gate", port: 1 } },
    });
    await expect(unreached.exec("true")).rejects.toThrow(
      "Failed to connect to gate (127.0.0.1:1) via ssh: Connection refused.",
    );
  });

  it("is reached over a command's standard streams, and hears what the command complained about", async () => {
    const { router } = linkTo(specFor(modern));
    const relay = `${process.execPath} -e 'const s = require("node:net").connect(${modern.port}, "127.0.0.1"); process.stdin.pipe(s).pipe(process.stdout)'`;
    const through = router.link({ ...specFor(modern), proxy: { kind: "command", command: relay } });
    expect(Buffer.from((await through.exec("echo there")).stdout).toString()).toBe("there\n");
    const broken = router.link({
      ...specFor(modern),
      name: "broken",
      proxy: { kind: "command", command: "sh -c 'echo no way >&2; exit 3'" },
    });
    await expect(broken.exec("true")).rejects.toThrow(/Its proxy said: no way$/);
  });
});

describe("a host that cannot be reached", () => {
  it("is told apart: refused, silent, turned away", async () => {
    const connector = createSshConnector(systemClock);
    const gone = await startServer("OpenSSH_9.9");
    await gone.stop();
    await expect(connector.connect(specFor(gone), never)).rejects.toMatchObject({
      code: "unreachable",
      message: `Failed to connect to web1 (127.0.0.1:${gone.port}) via ssh: Connection refused.`,
    });
    const silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const spec = { ...specFor(modern, { connectTimeout: 0.1 }), port };
    await expect(connector.connect(spec, never)).rejects.toMatchObject({ code: "connect-timeout" });
    silent.close();
    const full = await startServer("OpenSSH_9.9", { refuse: 1 });
    const failure = await connector.connect(specFor(full), never).catch((error: unknown) => error);
    expect(isRefusal(failure)).toBe(true);
    expect(failure).toMatchObject({ code: "unreachable", message: /MaxStartups/ });
    await full.stop();
  });

  it("because it has too many connections is tried again", async () => {
    const full = await startServer("OpenSSH_9.9", { refuse: 2 });
    const { link, router } = linkTo(specFor(full));
    await expect(link.exec("echo in")).resolves.toMatchObject({ rc: 0 });
    expect(full.seen.connections).toBe(3);
    await router.close();
    await full.stop();
  });

  it("any more fails what was under way", async () => {
    const server = await startServer("OpenSSH_9.9");
    const { link } = linkTo(specFor(server));
    const running = link.exec("sleep 30");
    running.catch(() => {});
    await expect.poll(() => server.seen.commands.length).toBe(1);
    await server.stop();
    await expect(running).rejects.toMatchObject({ code: "lost" });
    await expect(link.exec("true")).rejects.toMatchObject({ code: "lost" });
  });
});
