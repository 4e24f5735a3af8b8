import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An sshd of our own on the loopback interface. Ended when disposed of. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** One for each host; all lead to this machine. */
  readonly addresses: readonly string[];
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
}

/**
 * Starts an sshd that has a host key of its own and lets in the account that runs this, with a key of this run.
 *
 * @param directory where its files go; not removed here.
 * @param hosts how many addresses to give it: 127.0.0.1 for one, else 127.1.0.1 and on.
 * @throws Error when there is no sshd, or when it does not answer.
 */
export async function startSshd(directory: string, hosts: number): Promise<Sshd> {
  await mkdir(join(directory, "home"), { recursive: true });
  const at = (name: string): string => join(directory, name);
  const { username } = userInfo();
  await Promise.all([createKey(at("host_key")), createKey(at("key"))]);
  await writeFile(at("authorized_keys"), await readFile(at("key.pub"), "utf8"), { mode: 0o600 });
  const addresses = hosts === 1 ? ["127.0.0.1"] : Array.from({ length: hosts }, toAddress);
  const port = await freePort();
  await writeFile(at("config"), toConfig(directory, port, hosts));
  const hostKey = (await readFile(at("host_key.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  await writeFile(
    at("known_hosts"),
    addresses.map((address) => `[${address}]:${port} ${hostKey}\n`).join(""),
  );
  // Where sshd puts unprivileged children; Debian makes it when the service starts.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stop = createStop(child);
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < 20) said.push(text);
  });
  try {
    await untilGreets(port, child);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}: ${said.join("").trim()}`);
  }
  return {
    port,
    addresses,
    user: username,
    keyFile: at("key"),
    knownHostsFile: at("known_hosts"),
    [Symbol.asyncDispose]: stop,
  };
}

/** 127.1.0.1 and on: all of 127.0.0.0/8 is this machine. */
function toAddress(_: unknown, index: number): string {
  return `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}

async function createKey(file: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
}

/**
 * Nothing in it slows one client down more than another: no PAM, no DNS, no early drop of many connections, and a home
 * of its own, since bash reads the account's .bashrc for each command of an SSH session, whatever that may cost.
 */
function toConfig(directory: string, port: number, hosts: number): string {
  return `${[
    `ListenAddress ${hosts === 1 ? "127.0.0.1" : "0.0.0.0"}:${port}`,
    `HostKey ${join(directory, "host_key")}`,
    `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
    `PidFile ${join(directory, "sshd.pid")}`,
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
    `SetEnv HOME=${join(directory, "home")}`,
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

async function untilGreets(port: number, child: ChildProcess): Promise<void> {
  const ended = new Promise<never>((_, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`sshd ended with ${code}`)));
  });
  ended.catch(() => {});
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await Promise.race([greets(port), ended])) return;
    await Promise.race([new Promise((done) => setTimeout(done, 25)), ended]);
  }
  throw new Error(`sshd does not answer on port ${port}`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host: "127.0.0.1", port, timeout: 2000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once("data", (data) => finish(data.toString("latin1").startsWith("SSH-2.0")));
    for (const event of ["error", "close", "timeout"]) socket.once(event, () => finish(false));
  });
}

function createStop(child: ChildProcess): () => Promise<void> {
  const ended = new Promise<void>((done) => {
    child.once("error", () => done());
    child.once("exit", () => done());
  });
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
}
