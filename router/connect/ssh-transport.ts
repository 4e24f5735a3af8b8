import { RouterError } from "../base/index.ts";
import { createReplayStream } from "../stream/replay-stream.ts";
import { createSsh2Stream } from "../stream/ssh2-stream.ts";
import type { SshSpec } from "./spec.ts";
import type { LoginPlan } from "./ssh-auth.ts";
import type { SshLogin } from "./ssh-login.ts";
import { execOnCredit, execPlain } from "./ssh-shortcuts.ts";
import type { SshSocket } from "./ssh-socket.ts";
import type { Transport } from "./transport.ts";

/** How long a server may take to close after it was told that we leave. */
const LEAVE_GRACE = 2_000;

/** A connection, logged in or about to be, as a way to start commands. */
export function createSshTransport(
  spec: SshSpec,
  login: SshLogin,
  plan: LoginPlan,
  socket: SshSocket,
): Transport {
  const { client } = login;
  let reason: Error | undefined;
  let isClosed = false;
  login.closed.then(
    () => {
      isClosed = true;
    },
    () => {},
  );
  const why = () => reason ?? login.failure();
  const breakOff = (what: string) => {
    reason ??= new Error(what);
    client.destroy();
  };
  const startPlain = async (command: string, pty: boolean) => {
    await login.ready;
    try {
      return createSsh2Stream(
        await execPlain(client, command, { pty, agentForward: spec.agentForward === true }),
        why,
      );
    } catch (cause) {
      throw new RouterError(
        "lost",
        `${spec.name}: no command can be started over ssh: ${(why() ?? (cause as Error)).message}`,
        { cause },
      );
    }
  };
  return {
    wire: {
      get sent() {
        return socket.sent();
      },
      get received() {
        return socket.received();
      },
    },
    async start(command, { pty = false } = {}) {
      if (isClosed) {
        const message = why()?.message ?? "the server closed it";
        throw new RouterError("lost", `Connection to ${spec.name} lost: ${message}`);
      }
      let wasRefused = false;
      const refuse = (what: string) => {
        if (login.isReady()) breakOff(what);
        // Too early for a channel, not a wrong one: said by a server that does not know us yet.
        else wasRefused = true;
      };
      // Forwarding an agent is asked for in the channel first: nothing for a channel on credit.
      const plainly = pty || spec.agentForward === true;
      const first = plainly ? undefined : execOnCredit(client, command, refuse);
      if (first === undefined) return startPlain(command, pty);
      const attempts = plan.attempts();
      const stream = createReplayStream();
      stream.use(createSsh2Stream(first.channel, why));
      const settle = async () => {
        await login.ready;
        if (wasRefused || plan.attempts() !== attempts) {
          // The command went with a login request that was refused: the server has read none of it.
          first.forget();
          stream.use(await startPlain(command, false));
        }
        stream.confirm();
      };
      settle().catch((error: Error) => stream.fail(error));
      return stream;
    },
    async end() {
      if (isClosed) return;
      client.end();
      const timer = setTimeout(() => client.destroy(), LEAVE_GRACE);
      await login.closed;
      clearTimeout(timer);
    },
    destroy(given) {
      reason ??= given;
      client.destroy();
    },
  };
}
