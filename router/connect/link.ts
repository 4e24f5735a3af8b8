import { RouterError } from "../base/index.ts";
import type { ByteCount } from "../stream/counting-stream.ts";
import type { Context } from "./context.ts";
import { createContext } from "./context.ts";
import type { ExecOptions, ExecResult } from "./exec.ts";
import { runCommand } from "./exec.ts";
import { toSpawn } from "./methods.ts";
import type { LinkEnvironment, Session } from "./session.ts";
import { createSession } from "./session.ts";
import type { HopSpec, LinkSpec } from "./spec.ts";

/** One host. It connects at its first use; after a failure it stays failed until `reset`. */
export interface Link {
  readonly name: string;
  /**
   * The login account's context, or one that is reached by hops. Same argument, same context.
   * @throws RouterError `become-failed` for an unknown method.
   */
  context(become?: readonly HopSpec[]): Context;
  /**
   * Runs a command with no agent and no Python.
   * @throws RouterError `become-*`, `limit`, `cancelled`, `lost`, or why there is no connection.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** Closes the connection; the next use makes a new one. */
  reset(): Promise<void>;
  /** Finishes what is under way, then ends the connection. */
  close(): Promise<void>;
  /** Stops now; what is under way rejects. */
  destroy(reason: string): Promise<void>;
}

/** A link as its router sees it. */
export interface OwnedLink extends Link {
  /** Bytes of all its connections so far. */
  bytes(): Readonly<ByteCount>;
}

/** Makes a {@link Link}. */
export function createLink(spec: LinkSpec, environment: LinkEnvironment): OwnedLink {
  const { name } = spec;
  const contexts = new Map<string, Context>();
  const past: ByteCount = { sent: 0, received: 0 };
  let session: Session | undefined;
  const running = new Set<Promise<unknown>>();
  let ended: RouterError | undefined;

  const current = () => {
    if (ended !== undefined) throw ended;
    session ??= createSession(spec, environment);
    if (session.failure !== undefined) throw session.failure;
    return session;
  };
  const leave = (left: Session) => {
    const { sent, received } = left.bytes();
    past.sent += sent;
    past.received += received;
  };
  return {
    name,
    context(become = []) {
      const path = become.map(toSpawn);
      const key = path.map((hop) => hop.key).join("\n");
      let context = contexts.get(key);
      if (context === undefined) {
        context = createContext(path, () => current().bus());
        contexts.set(key, context);
      }
      return context;
    },
    async exec(command, options) {
      const on = current();
      const run = async () =>
        runCommand(await on.transport(), name, environment.clock, command, options);
      const result = run();
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    async reset() {
      const left = session;
      if (left === undefined) return;
      session = undefined;
      if (left.failure === undefined) {
        await Promise.allSettled(running);
        await left.close();
      }
      leave(left);
    },
    async close() {
      ended ??= new RouterError("closed", `The connection to ${name} is closed.`);
      if (session === undefined || session.failure !== undefined) return;
      await Promise.allSettled(running);
      await session.close();
    },
    destroy(reason) {
      ended ??= new RouterError("closed", `The connection to ${name} is closed: ${reason}`);
      session?.destroy(ended);
      return Promise.resolve();
    },
    bytes() {
      const now = session?.bytes() ?? { sent: 0, received: 0 };
      return { sent: past.sent + now.sent, received: past.received + now.received };
    },
  };
}
