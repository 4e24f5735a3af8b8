import type { Clock } from "../base/index.ts";
import { RouterError } from "../base/index.ts";
import type { KnownHost } from "./host-key.ts";
import { knownHostsName } from "./known-hosts.ts";
import type { KnownHostsFiles } from "./known-hosts-files.ts";
import { createKnownHostsFiles } from "./known-hosts-files.ts";
import type { SshSpec } from "./spec.ts";
import type { AgentKeys } from "./ssh-agent.ts";
import { listAgentKeys } from "./ssh-agent.ts";
import { planLogin } from "./ssh-auth.ts";
import type { KeyStore } from "./ssh-keys.ts";
import { createKeyStore } from "./ssh-keys.ts";
import { logIn } from "./ssh-login.ts";
import { createSshSocket } from "./ssh-socket.ts";
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
  };
  return { connect: (spec, signal) => connect(spec, shared, signal) };
}

async function connect(spec: SshSpec, shared: Shared, signal: AbortSignal): Promise<Transport> {
  const { host, port, name } = spec;
  const { clock, keyStore, agents, knownHosts, proven } = shared;
  if (signal.aborted) throw RouterError.from(signal.reason, "closed");
  const socket = createSshSocket();
  // The connection is on its way while keys and known hosts are read.
  socket.connect({ host, port });
  // What happens before ssh2 listens is told later, once somebody waits for it.
  let early: Error | undefined;
  socket.on("error", (error) => {
    early ??= error;
  });
  socket.on("close", () => {
    early ??= new Error("the connection was closed");
  });
  try {
    const [known, agent, keys] = await Promise.all([
      findKnown(spec, knownHosts),
      spec.agentSocket === undefined ? undefined : agents(spec.agentSocket),
      Promise.all(spec.privateKeys.map((path) => keyStore.load(path, spec.passphrase))),
    ]);
    const plan = planLogin(spec, { agent, keys, proven });
    const login = await logIn({
      spec,
      clock,
      socket,
      known,
      plan,
      early: () => early,
      learn: (line) => learn(knownHosts, spec, line),
      signal,
    });
    return createSshTransport(spec, login, plan, socket);
  } catch (thrown) {
    socket.destroy();
    if (thrown instanceof RouterError) throw thrown;
    throw new RouterError("unreachable", `${name}: ${(thrown as Error).message}`, {
      cause: thrown,
    });
  }
}

async function findKnown(spec: SshSpec, files: KnownHostsFiles): Promise<KnownHost> {
  const { name, host, port } = spec;
  if (spec.hostKeyChecking === false) return { name, host, port, entries: [] };
  const index = await files.index(spec.knownHostsFiles);
  return { name, host, port, entries: index.find(knownHostsName(host, port)) };
}

/** Not being able to remember a key is no reason not to work. */
function learn(files: KnownHostsFiles, spec: SshSpec, line: string): void {
  const file = spec.knownHostsFiles[0];
  if (file !== undefined) files.learn(file, line).catch(() => {});
}
