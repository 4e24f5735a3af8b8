import { RouterError } from "../base/index.ts";

/** What the peer sent breaks the protocol: the link it came by is destroyed. */
export function corrupt(message: string): RouterError {
  return new RouterError("corrupt", message);
}

/** What the peer sent is larger than this side takes. */
export function overLimit(message: string): RouterError {
  return new RouterError("limit", message);
}
