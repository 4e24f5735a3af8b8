import { RouterError } from "../base/index.ts";
import type { SshSpec } from "./spec.ts";
import type { SshLogin } from "./ssh-login.ts";
import { connectThrough, type SshSocket } from "./ssh-socket.ts";

/** Connections to the hosts that others are reached through: one for each, however many use it. */
export interface SshJumps {
  /** A connection from the jump host. @throws RouterError why the jump host, or the host behind it, cannot be reached. */
  connect(via: SshSpec, host: string, port: number, signal: AbortSignal): Promise<SshSocket>;
}

interface Jump {
  readonly login: Promise<SshLogin>;
  users: number;
}

/**
 * Makes {@link SshJumps}. A jump host's connection is ended when the last connection through it has ended.
 *
 * @param logIn connects to a jump host.
 */
export function createSshJumps(
  logIn: (spec: SshSpec, signal: AbortSignal) => Promise<SshLogin>,
): SshJumps {
  const jumps = new Map<string, Jump>();
  const enter = (via: SshSpec): Jump => {
    const key = JSON.stringify(via);
    let jump = jumps.get(key);
    if (jump === undefined) {
      // It serves many: that one of them gives up is no reason to end it.
      const login = logIn(via, new AbortController().signal);
      const entered: Jump = { login, users: 0 };
      jump = entered;
      jumps.set(key, entered);
      const forget = (): void => {
        if (jumps.get(key) === entered) jumps.delete(key);
      };
      login.then((made) => made.closed.then(forget, forget), forget);
    }
    jump.users += 1;
    return jump;
  };
  const leave = (jump: Jump): void => {
    jump.users -= 1;
    if (jump.users > 0) return;
    jump.login.then(
      ({ client }) => {
        if (jump.users === 0) client.end();
      },
      () => {},
    );
  };
  return {
    async connect(via, host, port, signal) {
      const jump = enter(via);
      try {
        const login = await jump.login;
        await login.ready;
        if (signal.aborted) throw RouterError.from(signal.reason, "closed");
        const socket = await connectThrough(login.client, host, port).catch((cause: Error) => {
          throw new RouterError(
            "unreachable",
            `${via.name} cannot connect to ${host}:${port}: ${cause.message}`,
            { cause },
          );
        });
        socket.stream.once("close", () => leave(jump));
        return socket;
      } catch (error) {
        leave(jump);
        throw error;
      }
    },
  };
}
