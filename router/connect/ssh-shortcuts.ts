import type { Client, ClientChannel, ParsedKey } from "ssh2";
import { agentSignerOf } from "./ssh-agent.ts";

/**
 * What ssh2 has inside and this file relies on. It is checked before use: a release without it is
 * used the plain way, with more round trips.
 */
interface Internals {
  readonly _protocol: Protocol;
  readonly _chanMgr: { get(id: number): unknown; readonly _cur: number };
  readonly _remoteVer: string | undefined;
}

interface Protocol {
  authPK(
    user: string,
    key: ParsedKey,
    algorithm: string | undefined,
    sign?: (data: Buffer, send: (signature: Buffer) => void) => void,
  ): void;
  service(name: string): void;
  exec(channel: number, command: string, wantReply: boolean): void;
  readonly _handlers: Record<string, ((...args: never[]) => void) | undefined>;
}

interface OpenConfirmation {
  readonly recipient: number;
  readonly sender: number;
  readonly window: number;
  readonly packetSize: number;
}

/** ssh2's channel, with its book-keeping of the far side's window. */
interface InnerChannel {
  readonly outgoing: { state: string };
}

/** How a login is to be shortened. */
export interface LoginShortcut {
  /** Whether to sign with the key that is tried now without asking the server first. */
  readonly signsAtOnce: () => boolean;
  /** Such a request has left; its answer is still to come. */
  readonly onRequested: () => void;
}

/**
 * Sends the signed login request right behind the request for the login service, and without asking
 * first whether the key would do: two round trips less. RFC 4252 allows both (a signed request needs
 * no query before it; answers come in order). A refused key costs one round trip, as its query would.
 *
 * Call it between `connect` and the handshake.
 */
export function shortenLogin(client: Client, options: LoginShortcut): void {
  const protocol = innerProtocol(client);
  const accept = protocol?._handlers["SERVICE_ACCEPT"];
  const refuse = protocol?._handlers["USERAUTH_FAILURE"];
  if (protocol === undefined || accept === undefined || refuse === undefined) return;

  const authPK = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, given, sign) => {
    const algorithm = withoutSha1(client, key, given);
    const signer = agentSignerOf(key);
    const isQuery = sign === undefined;
    if (isQuery && !options.signsAtOnce()) return authPK(user, key, algorithm);
    if (!isQuery && signer === undefined) return authPK(user, key, algorithm, sign);
    authPK(user, key, algorithm, (data, send) => {
      const done = (signature: Buffer) => {
        send(signature);
        if (isQuery) options.onRequested();
      };
      if (signer === undefined) {
        const signature: Buffer | Error = key.sign(data, hashOf(algorithm));
        if (signature instanceof Error) throw signature;
        done(signature);
        return;
      }
      // An agent that will not sign is a key that was refused: on to the next.
      signer(data, hashOf(algorithm))
        .then(done, () => refuse(...([protocol, null, false] as never[])))
        .catch((error: Error) => client.emit("error", error));
    });
  };
  const service = protocol.service.bind(protocol);
  let ran = false;
  const acceptOnce = () => {
    if (ran) return;
    ran = true;
    accept(...([protocol, "ssh-userauth"] as never[]));
  };
  protocol.service = (name) => {
    service(name);
    // The server's list of signature algorithms lies behind its NEWKEYS in the same packet mostly:
    // an RSA key needs it, so the rest of this chunk is read first.
    queueMicrotask(() => {
      try {
        acceptOnce();
      } catch (error) {
        client.emit("error", error as Error);
        client.end();
      }
    });
  };
  protocol._handlers["SERVICE_ACCEPT"] = acceptOnce;
}

/**
 * The server's list of signature algorithms can come a moment too late, and ssh2 then falls back to
 * SHA-1, which servers of today refuse. OpenSSH has had the better ones since 7.2.
 */
function withoutSha1(client: Client, key: ParsedKey, algorithm: string | undefined) {
  if (key.type !== "ssh-rsa" || algorithm?.startsWith("rsa-sha2-") === true) return algorithm;
  const version = (client as unknown as Partial<Internals>)._remoteVer ?? "";
  return /^OpenSSH_(7\.[2-9]|[89]\.|\d\d)/.test(version) ? "rsa-sha2-512" : algorithm;
}

/** The hash of a signature algorithm, where the key's type alone does not say it. */
function hashOf(algorithm: string | undefined): "sha1" | "sha256" | "sha512" | undefined {
  if (algorithm === "rsa-sha2-256") return "sha256";
  if (algorithm === "rsa-sha2-512") return "sha512";
  return undefined;
}

/** A channel that the server has not confirmed yet. */
export interface ChannelOnCredit {
  readonly channel: ClientChannel;
  /** The server will never confirm it: it was opened with a login that was refused. */
  forget(): void;
}

/** Bytes that may be under way before the server has said how many it takes. */
const CREDIT = 1024 * 1024;

/**
 * The first channel of a connection, with a command started in it, without waiting for any answer:
 *
 *     to the server     OPEN, EXEC, data ...
 *     from the server                          OPENED, window, output ...
 *
 * Two round trips less, and one more when it is sent right behind a login request: sshd then finds it
 * in its input when the login is done. (Had the login been refused, it answers "unimplemented" to all
 * of it, and nothing has happened.) It works with OpenSSH's sshd because its first channel always has the number
 * 0, it starts the command before it reads the data behind it, and its session window is 2 MiB from
 * that moment on (`server_request_session`, `channel_set_fds`); the bytes sent on credit are taken
 * off when the window is announced. Other servers get the plain way: returns `undefined`.
 *
 * `onRefused` is called when the server gives another number or refuses the channel: the connection
 * is of no use then, and the next one must be made without this.
 */
export function execOnCredit(
  client: Client,
  command: string,
  onRefused: (why: string) => void,
): ChannelOnCredit | undefined {
  const inner = client as unknown as Partial<Internals>;
  const protocol = innerProtocol(client);
  const handlers = protocol?._handlers;
  const confirm = handlers?.["CHANNEL_OPEN_CONFIRMATION"];
  const adjust = handlers?.["CHANNEL_WINDOW_ADJUST"];
  const fail = handlers?.["CHANNEL_OPEN_FAILURE"];
  const manager = inner._chanMgr;
  const usable =
    handlers !== undefined &&
    confirm !== undefined &&
    adjust !== undefined &&
    fail !== undefined &&
    manager?._cur === -1 &&
    /^OpenSSH_/.test(inner._remoteVer ?? "");
  if (!usable) return undefined;

  let isForgotten = false;
  client.exec(command, {}, (error) => {
    // Also called at success; the channel is in use long before.
    if (error !== undefined && !isForgotten) onRefused(error.message);
  });
  const local = manager._cur;
  const guess: OpenConfirmation = {
    recipient: local,
    sender: 0,
    window: CREDIT,
    packetSize: 32768,
  };
  confirm(...([protocol, guess] as never[]));
  const channel = manager.get(local) as (ClientChannel & InnerChannel) | undefined;
  if (typeof channel !== "object") return undefined;

  let debt = CREDIT;
  handlers["CHANNEL_OPEN_CONFIRMATION"] = (...args: never[]) => {
    const info = (args as unknown[])[1] as OpenConfirmation;
    if (info.recipient !== local) return confirm(...args);
    handlers["CHANNEL_OPEN_CONFIRMATION"] = confirm;
    debt -= info.window;
    if (info.sender !== 0) onRefused(`the server numbered its first channel ${info.sender}`);
  };
  handlers["CHANNEL_OPEN_FAILURE"] = (...args: never[]) => {
    if ((args as unknown[])[1] !== local) return fail(...args);
    handlers["CHANNEL_OPEN_FAILURE"] = fail;
    onRefused(`the server refused the channel: ${String((args as unknown[])[3])}`);
  };
  handlers["CHANNEL_WINDOW_ADJUST"] = (...args: never[]) => {
    const [self, recipient, amount] = args as unknown as [never, number, number];
    if (recipient !== local) return adjust(...args);
    handlers["CHANNEL_WINDOW_ADJUST"] = adjust;
    // More credit than window would be an sshd unlike those this was written for.
    if (amount < debt) onRefused(`the server's window is only ${amount} bytes`);
    else adjust(...([self, recipient, amount - debt] as unknown as never[]));
  };
  return {
    channel,
    forget() {
      // It never came to be at the server: nothing may be sent to it any more.
      isForgotten = true;
      channel.outgoing.state = "closed";
      handlers["CHANNEL_OPEN_CONFIRMATION"] = confirm;
      handlers["CHANNEL_OPEN_FAILURE"] = fail;
      handlers["CHANNEL_WINDOW_ADJUST"] = adjust;
    },
  };
}

/** A command in a further channel, or on a terminal: ssh2's own way, each answer awaited. */
export function execPlain(
  client: Client,
  command: string,
  { pty, agentForward }: { readonly pty: boolean; readonly agentForward: boolean },
): Promise<ClientChannel> {
  const options = { ...(pty ? { pty } : {}), ...(agentForward ? { agentForward } : {}) };
  return new Promise((resolve, reject) => {
    client.exec(command, options as { pty?: boolean }, (error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

/**
 * Keeps ssh2 from answering the server's list of its other host keys, which it would have proven, a
 * signature each, a kilobyte and a round trip per connection. Nothing here learns keys that way.
 */
export function skipHostKeyRotation(client: Client): void {
  const handlers = innerProtocol(client)?._handlers;
  const request = handlers?.["GLOBAL_REQUEST"];
  if (handlers === undefined || request === undefined) return;
  handlers["GLOBAL_REQUEST"] = (...args: never[]) => {
    const [, name, wantsReply] = args as unknown as [never, string, boolean];
    if (name !== "hostkeys-00@openssh.com" || wantsReply) request(...args);
  };
}

function innerProtocol(client: Client): Protocol | undefined {
  const protocol = (client as unknown as Partial<Internals>)._protocol;
  const usable =
    typeof protocol?.authPK === "function" &&
    typeof protocol.service === "function" &&
    typeof protocol._handlers === "object";
  return usable ? protocol : undefined;
}
