/** What went wrong, as a stable word. */
export type RouterErrorCode =
  | "unreachable"
  | "auth"
  | "host-key-unknown"
  | "host-key-changed"
  | "host-key-revoked"
  | "connect-timeout"
  | "no-python"
  | "become-password-wrong"
  | "become-password-missing"
  | "become-failed"
  | "become-timeout"
  | "lost"
  | "corrupt"
  | "limit"
  | "closed"
  | "cancelled"
  | "agent";

/** Every failure of the bus. The message names the host and never holds a key or a password. */
export class RouterError extends Error {
  readonly code: RouterErrorCode;

  constructor(code: RouterErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "RouterError";
    this.code = code;
  }

  /** Turns anything that was thrown into a `RouterError`; one that is one already stays as it is. */
  static from(thrown: unknown, code: RouterErrorCode = "lost"): RouterError {
    if (thrown instanceof RouterError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new RouterError(code, message, { cause: thrown });
  }
}
