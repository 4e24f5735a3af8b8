import type { ConnectConfig, Client as SshClient } from "ssh2";
import type { Clock } from "../base/index.ts";
import { createDeferred, RouterError } from "../base/index.ts";
import type { KnownHost } from "./host-key.ts";
import { judgeHostKey, orderHostKeyAlgorithms } from "./host-key.ts";
import type { SshSpec } from "./spec.ts";
import type { LoginPlan } from "./ssh-auth.ts";
import { explainSshFailure } from "./ssh-errors.ts";
import { shortenLogin, skipHostKeyRotation } from "./ssh-shortcuts.ts";
import type { SshSocket } from "./ssh-socket.ts";
import { Client } from "./ssh2.ts";

/** A connection whose login may still be under way. */
export interface SshLogin {
  readonly client: SshClient;
  /** Settles with the login. */
  readonly ready: Promise<void>;
  /** Whether the login is done, as of this very packet. */
  isReady(): boolean;
  /** Why the connection broke, once it has. */
  failure(): Error | undefined;
  readonly closed: Promise<void>;
}

export interface SshLoginOptions {
  readonly spec: SshSpec;
  readonly clock: Clock;
  /** On its way to the host. */
  readonly socket: SshSocket;
  readonly known: KnownHost;
  readonly plan: LoginPlan;
  /** What became of the socket before this. */
  readonly early: () => Error | undefined;
  /** Remembers a known_hosts line. */
  readonly learn: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Logs in, and returns as soon as a command can be sent: when the login is done, or, where that is
 * likely to succeed, when its request has left (see {@link ReplayStream} for when it does not).
 */
export async function logIn(options: SshLoginOptions): Promise<SshLogin> {
  const { spec, clock, socket, known, plan } = options;
  const client = new Client();
  const ready = createDeferred<void>();
  const requested = createDeferred<void>();
  const closed = createDeferred<void>();
  let failure: Error | undefined;
  let refused: RouterError | undefined;
  let learnt: string | undefined;
  let sawServer = false;
  let isReady = false;
  const fail = (error: Error) => {
    failure ??= error;
    ready.reject(
      refused ??
        explainSshFailure(spec, error, {
          sawServer,
          tried: () => plan.describe(),
          complaint: socket.complaint(),
        }),
    );
  };
  const before = options.early();
  if (before !== undefined) fail(before);
  client.on("error", (error: Error) => {
    fail(error);
  });
  client.on("ready", () => {
    isReady = true;
    ready.resolve();
  });
  client.on("handshake", () => {
    sawServer = true;
  });
  client.on("close", () => {
    fail(new Error("the connection was closed"));
    closed.resolve();
  });
  const config: ConnectConfig = {
    sock: socket.stream,
    username: spec.user,
    // Only to forward it: the keys in it are tried by the plan.
    ...(spec.agentForward === true ? { agent: spec.agentSocket, agentForward: true } : {}),
    // Our own timer covers all of the set-up.
    readyTimeout: 0,
    // The types know neither "not said yet" nor an answer by value.
    authHandler: ((left: readonly string[] | null) => plan.next(left)) as never,
    algorithms: {
      kex: [...KEX],
      serverHostKey: orderHostKeyAlgorithms(known, HOST_KEYS) as (typeof HOST_KEYS)[number][],
      compress: spec.compression === true ? ["zlib@openssh.com", "none"] : ["none"],
    },
    hostVerifier(key: Buffer) {
      const verdict = judgeHostKey(known, key, spec.hostKeyChecking);
      if (verdict.kind === "refuse") refused = verdict.error;
      if (verdict.kind === "learn") learnt = verdict.line;
      return verdict.kind !== "refuse";
    },
  };
  const timer = clock.setTimer(spec.connectTimeout * 1000, () => {
    ready.reject(
      new RouterError(
        "connect-timeout",
        `Failed to connect to ${spec.name} (${spec.host}:${spec.port}) via ssh: no connection within ${spec.connectTimeout} s.`,
      ),
    );
  });
  const remember = () => {
    timer.cancel();
    plan.succeeded();
    if (learnt !== undefined) options.learn(learnt);
  };
  const giveUp = () => {
    timer.cancel();
    client.destroy();
  };
  const abort = () => fail(new Error("it was given up"));
  if (options.signal.aborted) abort();
  options.signal.addEventListener("abort", abort, { once: true });
  ready.promise
    .then(remember, giveUp)
    .finally(() => options.signal.removeEventListener("abort", abort));
  if (failure === undefined) {
    client.connect(config);
    skipHostKeyRotation(client);
    shortenLogin(client, {
      signsAtOnce: () => plan.signsAtOnce(),
      onRequested() {
        // SSH's compression begins with the login's success, in the middle of what was sent early.
        if (plan.isLikely() && spec.compression !== true) requested.resolve();
      },
    });
  }
  await Promise.race([requested.promise, ready.promise]);
  return {
    client,
    ready: ready.promise,
    isReady: () => isReady,
    failure: () => failure,
    closed: closed.promise,
  };
}

/** Cheapest first, of what is sound; see `ssh2`'s constants for the rest of each list. */
const KEX = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
] as const;

const HOST_KEYS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
] as const;
