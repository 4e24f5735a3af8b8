import { RouterError } from "../base/index.ts";
import type { SshSpec } from "./spec.ts";

/** How far the connection came. */
export interface SshProgress {
  /** The key exchange was done. */
  readonly sawServer: boolean;
  /** What was tried to log in. */
  readonly tried: () => string;
  /** What the proxy said. */
  readonly complaint: string;
}

const refusals = new WeakSet<object>();

/** Whether a server turned the connection away before it had read anything: it may have too many. */
export function isRefusal(error: unknown): boolean {
  return typeof error === "object" && error !== null && refusals.has(error);
}

const SOCKET_ERRORS: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: "Connection refused",
  ENOTFOUND: "Could not resolve hostname",
  EAI_AGAIN: "Could not resolve hostname (temporary failure in name resolution)",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
};

/** What ssh2 or the socket reported, as this bus's error. */
export function explainSshFailure(spec: SshSpec, error: Error, progress: SshProgress): RouterError {
  const where = `${spec.name} (${spec.host}:${spec.port})`;
  const { level } = error as { level?: string };
  const { code } = error as NodeJS.ErrnoException;
  if (level === "client-authentication") {
    return new RouterError(
      "auth",
      `Failed to log in to ${where} as ${spec.user} via ssh: Permission denied (${progress.tried()}).`,
      { cause: error },
    );
  }
  const isClosed =
    code === "ECONNRESET" || code === "EPIPE" || /closed|lost before handshake/.test(error.message);
  const what =
    (code === undefined ? undefined : SOCKET_ERRORS[code]) ??
    (isClosed && progress.sawServer
      ? `the server closed the connection during the log in as ${spec.user} (${progress.tried()})`
      : isClosed
        ? "the server closed the connection before the log in (too many at once? See MaxStartups in its sshd_config)"
        : error.message);
  const said = progress.complaint === "" ? "" : ` Its proxy said: ${progress.complaint}`;
  const failure = new RouterError(
    "unreachable",
    `Failed to connect to ${where} via ssh: ${what}.${said}`,
    {
      cause: error,
    },
  );
  // A proxy that says why it ended was not turned away.
  if (isClosed && !progress.sawServer && progress.complaint === "") refusals.add(failure);
  return failure;
}
