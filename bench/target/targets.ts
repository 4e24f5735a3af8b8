import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Link } from "../link/link.ts";
import { programFile } from "../programs.ts";
import { overlayChanges } from "./overlay-changes.ts";

const run = promisify(execFile);

export interface TargetsOptions {
  /** Where its files go; not removed here. */
  readonly directory: string;
  /** How many addresses it has: each is a host of the inventory. */
  readonly hosts: number;
  /** The link that it is behind; the loopback interface when not given. */
  readonly link?: Link | undefined;
  /**
   * Whether sessions run in a copy of this machine that is thrown away, as an account that may become anyone without a
   * password. Else they run on this machine itself, as the account that runs this: only for plays that change nothing.
   */
  readonly disposable?: boolean;
}

/** An sshd of our own, and all it takes to log in. Ended when disposed of, and when this process dies. */
export interface Targets extends AsyncDisposable {
  readonly port: number;
  /** One for each host; all lead to the same sshd. */
  readonly addresses: readonly string[];
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** Where a capture sees what goes to it. */
  readonly tap: { readonly interface: string; readonly enter: readonly string[] };
  /** An untouched copy of the machine again; nothing to do where none is thrown away. */
  renew(): Promise<void>;
  /** What was changed in the copy since it was made: path → kind, mode, owner and content. Nothing where none is thrown away. */
  changes(): Promise<Readonly<Record<string, string>>>;
}

/** The account of disposable targets. */
const ACCOUNT = "bench";

/**
 * Starts an sshd that has a host key of its own and lets one account in, with a key of this run.
 *
 * @throws Error when there is no sshd, when it does not answer, or when the machine allows no copy of itself.
 */
export async function startTargets(options: TargetsOptions): Promise<Targets> {
  const { directory, hosts, link, disposable = false } = options;
  await mkdir(join(directory, "home"), { recursive: true });
  const at = (name: string): string => join(directory, name);
  await Promise.all([createKey(at("host_key")), createKey(at("key"))]);
  await writeFile(at("authorized_keys"), await readFile(at("key.pub"), "utf8"), { mode: 0o644 });
  const addresses = link?.addresses(hosts) ?? loopbackAddresses(hosts);
  const port = await freePort();
  const single = link === undefined && hosts === 1;
  const listen = `${single ? "127.0.0.1" : "0.0.0.0"}:${port}`;
  await writeFile(at("config"), toConfig(directory, listen, disposable));
  const hostKey = (await readFile(at("host_key.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  await writeFile(
    at("known_hosts"),
    addresses.map((address) => `[${address}]:${port} ${hostKey}\n`).join(""),
  );
  // Where sshd puts unprivileged children; Debian makes it when the service starts.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const start = async (): Promise<Sshd> => {
    const sshd = await startSshd(toArgv(options), { host: addresses[0]!, port });
    // The last frames of the question whether it answers are still on their way: a capture that begins now would have them.
    await new Promise((done) => setTimeout(done, 20 + 2 * (link?.measuredRtt ?? 0)));
    return sshd;
  };
  let sshd = await start();
  return {
    port,
    addresses,
    user: disposable ? ACCOUNT : userInfo().username,
    keyFile: at("key"),
    knownHostsFile: at("known_hosts"),
    tap: { interface: link?.device ?? "lo", enter: link?.enter ?? [] },
    renew: async () => {
      if (!disposable) return;
      await sshd[Symbol.asyncDispose]();
      sshd = await start();
    },
    changes: async () => (disposable ? overlayChanges(sshd.pid, directory) : {}),
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  };
}

interface Sshd extends AsyncDisposable {
  readonly pid: number;
}

/** What starts sshd: behind the link, in its copy of the machine, and not longer than this process lives. */
function toArgv({ directory, link, disposable = false }: TargetsOptions): readonly string[] {
  const mortal = ["setpriv", "--pdeathsig", "KILL"];
  const own = ["--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"];
  return [
    ...(link?.enter ?? []),
    ...mortal,
    ...(disposable
      ? ["unshare", ...own, "sh", programFile("target/sandbox.sh"), directory, ACCOUNT]
      : ["/usr/sbin/sshd", "-D", "-e", "-f", join(directory, "config")]),
  ];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function startSshd(argv: readonly string[], address: Address): Promise<Sshd> {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((done) => {
    child.once("error", () => done());
    child.once("exit", () => done());
  });
  const stop = async (): Promise<void> => {
    // unshare holds other signals back while its child lives; its child dies with it.
    child.kill("SIGKILL");
    await ended;
    await untilSilent(address);
  };
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < 20) said.push(text);
  });
  try {
    await untilGreets(address, child);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}: ${said.join("").trim()}`);
  }
  return { pid: child.pid!, [Symbol.asyncDispose]: stop };
}

/** 127.1.0.1 and on for more than one: all of 127.0.0.0/8 is this machine. */
function loopbackAddresses(hosts: number): readonly string[] {
  if (hosts === 1) return ["127.0.0.1"];
  return Array.from(
    { length: hosts },
    (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  );
}

async function createKey(file: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
}

/**
 * Nothing in it slows one client down more than another: no PAM, no DNS, no early drop of many connections. Where sessions are
 * those of the account itself they have a home of their own, since bash reads the account's .bashrc for each command of an SSH
 * session, whatever that may cost.
 */
function toConfig(directory: string, listen: string, disposable: boolean): string {
  return `${[
    `ListenAddress ${listen}`,
    `HostKey ${join(directory, "host_key")}`,
    `AuthorizedKeysFile ${disposable ? "/run/authorized_keys" : join(directory, "authorized_keys")}`,
    "PidFile none",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "UsePAM no",
    "UseDNS no",
    "PrintMotd no",
    "PrintLastLog no",
    "MaxStartups 200:30:400",
    "MaxSessions 200",
    ...(disposable ? [] : [`SetEnv HOME=${join(directory, "home")}`]),
    "Subsystem sftp internal-sftp",
  ].join("\n")}\n`;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

async function untilGreets(address: Address, child: ChildProcess): Promise<void> {
  const ended = new Promise<never>((_, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`sshd ended with ${code}`)));
  });
  ended.catch(() => {});
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await Promise.race([greets(address), ended])) return;
    await Promise.race([new Promise((done) => setTimeout(done, 25)), ended]);
  }
  throw new Error(`sshd does not answer on ${address.host} port ${address.port}`);
}

/** The port is free again once all of it is gone; a new sshd could not listen before. */
async function untilSilent(address: Address): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (!(await greets(address))) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

function greets({ host, port }: Address): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host, port, timeout: 3000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once("data", (data) => finish(data.toString("latin1").startsWith("SSH-2.0")));
    for (const event of ["error", "close", "timeout"]) socket.once(event, () => finish(false));
  });
}
