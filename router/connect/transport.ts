import type { ByteStream } from "../stream/stream.ts";

/** A way to start commands on a host: an SSH connection, or this machine. */
export interface Transport {
  /** Bytes on the wire so far, where the transport has a wire of its own. */
  readonly wire: { readonly sent: number; readonly received: number } | undefined;
  /**
   * Starts a command through the account's shell. Bytes may be written as soon as this resolves.
   * @throws RouterError `lost`, `unreachable`.
   */
  start(command: string, options?: { readonly pty?: boolean }): Promise<ByteStream>;
  /** Ends the connection; its streams should have ended before. */
  end(): Promise<void>;
  /** Stops now; the streams end. */
  destroy(reason?: Error): void;
}
