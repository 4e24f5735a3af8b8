import type { Clock } from "../base/index.ts";
import { RouterError } from "../base/index.ts";
import type { KnownHost } from "./host-key.ts";
import { knownHostsName } from "./known-hosts.ts";
import type { KnownHostsFiles } from "./known-hosts-files.ts";
import { createKnownHostsFiles } from "./known-hosts-files.ts";
import type { SshSpec } from "./spec.ts";
import type { AgentKeys } from "./ssh-agent.ts";
import { listAgentKeys } from "./ssh-agent.ts";
import { type LoginPlan, planLogin } from "./ssh-auth.ts";
import { createSshJumps, type SshJumps } from "./ssh-jumps.ts";
import type { KeyStore } from "./ssh-keys.ts";
import { createKeyStore } from "./ssh-keys.ts";
import type { SshLogin } from "./ssh-login.ts";
import { logIn } from "./ssh-login.ts";
import { connectCommand, connectTcp, type SshSocket } from "./ssh-socket.ts";
import { createSshTransport } from "./ssh-transport.ts";
import type { Transport } from "./transport.ts";

/** Makes SSH connections in this process. */
export interface SshConnector {
  /**
   * Connects and logs in.
   * @throws RouterError `unreachable`, `auth`, `host-key-*` or `connect-timeout`.
   */
  connect(spec: SshSpec, signal: AbortSignal): Promise<Transport>;
}

/** What all connections of a process share. */
interface Shared {
  readonly clock: Clock;
  readonly keyStore: KeyStore;
  /** The keys of an agent, asked for once. */
  readonly agents: (socketPath: string) => Promise<AgentKeys>;
  readonly knownHosts: KnownHostsFiles;
  /** Ways to log in that have worked. */
  readonly proven: Set<string>;
  readonly jumps: SshJumps;
}

/** Makes an {@link SshConnector}; keys and known hosts are read once for all connections. */
export function createSshConnector(clock: Clock): SshConnector {
  const listed = new Map<string, Promise<AgentKeys>>();
  const shared: Shared = {
    clock,
    keyStore: createKeyStore(),
    agents(socketPath) {
      const keys = listed.get(socketPath) ?? listAgentKeys(socketPath);
      listed.set(socketPath, keys);
      return keys;
    },
    knownHosts: createKnownHostsFiles(),
    proven: new Set(),
    jumps: createSshJumps(async (spec, signal) => (await connect(spec, shared, signal)).login),
  };
  return {
    async connect(spec, signal) {
      const { login, plan, socket } = await connect(spec, shared, signal);
      return createSshTransport(spec, login, plan, socket);
    },
  };
}

/** A connection that is logged in, or about to be. */
interface Connected {
  readonly login: SshLogin;
  readonly plan: LoginPlan;
  readonly socket: SshSocket;
}

async function connect(spec: SshSpec, shared: Shared, signal: AbortSignal): Promise<Connected> {
  const { name } = spec;
  const { clock, keyStore, agents, knownHosts, proven } = shared;
  if (signal.aborted) throw RouterError.from(signal.reason, "closed");
  // The connection is on its way while keys and known hosts are read.
  const opening = openSocket(spec, shared, signal);
  // Its failure is told below.
  opening.catch(() => {});
  let socket: SshSocket | undefined;
  try {
    const [known, agent, keys] = await Promise.all([
      findKnown(spec, knownHosts),
      spec.agentSocket === undefined ? undefined : agents(spec.agentSocket),
      Promise.all(spec.privateKeys.map((path) => keyStore.load(path, spec.passphrase))),
    ]);
    const plan = planLogin(spec, { agent, keys, proven });
    const opened = await opening;
    socket = opened.socket;
    const login = await logIn({
      spec,
      clock,
      socket,
      known,
      plan,
      early: opened.early,
      learn: (line) => learn(knownHosts, spec, line),
      signal,
    });
    return { login, plan, socket };
  } catch (thrown) {
    opening.then(
      (opened) => opened.socket.stream.destroy(),
      () => {},
    );
    if (thrown instanceof RouterError) throw thrown;
    throw new RouterError("unreachable", `${name}: ${(thrown as Error).message}`, {
      cause: thrown,
    });
  }
}

interface OpenedSocket {
  readonly socket: SshSocket;
  /** What happened before ssh2 listens is told later, once somebody waits for it. */
  readonly early: () => Error | undefined;
}

async function openSocket(
  spec: SshSpec,
  { jumps }: Shared,
  signal: AbortSignal,
): Promise<OpenedSocket> {
  const { host, port, proxy, family } = spec;
  const socket =
    proxy === undefined
      ? connectTcp(host, port, family)
      : proxy.kind === "command"
        ? connectCommand(proxy.command)
        : await jumps.connect(proxy.via, host, port, signal);
  let early: Error | undefined;
  socket.stream.on("error", (error) => {
    early ??= error;
  });
  socket.stream.on("close", () => {
    early ??= new Error("the connection was closed");
  });
  return { socket, early: () => early };
}

async function findKnown(spec: SshSpec, files: KnownHostsFiles): Promise<KnownHost> {
  const { name, host, port } = spec;
  if (spec.hostKeyChecking === false) return { name, host, port, entries: [], portless: [] };
  const index = await files.index(spec.knownHostsFiles);
  // An alias stands without a port (ssh_config(5), HostKeyAlias).
  const known = spec.hostKeyAlias?.toLowerCase() ?? knownHostsName(host, port);
  const isElsewhere = spec.hostKeyAlias === undefined && port !== 22;
  const portless = isElsewhere ? index.find(knownHostsName(host, 22)) : [];
  return { name, host, port, entries: index.find(known), portless };
}

/** Not being able to remember a key is no reason not to work. */
function learn(files: KnownHostsFiles, spec: SshSpec, line: string): void {
  const file = spec.knownHostsFiles[0];
  if (file !== undefined) files.learn(file, line).catch(() => {});
}
