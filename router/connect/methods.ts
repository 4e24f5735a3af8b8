import { RouterError } from "../base/index.ts";
import type { Spawn } from "../bus/routes.ts";
import { doas } from "./doas.ts";
import type { ConnectMethod } from "./method.ts";
import type { HopSpec } from "./spec.ts";
import { su } from "./su.ts";
import { sudo } from "./sudo.ts";
import { quoteWord } from "./words.ts";

const METHODS: Readonly<Record<HopSpec["method"], ConnectMethod>> = { sudo, su, doas };

/** The method of a hop. @throws RouterError `become-failed` for an unknown one. */
export function methodOf(hop: HopSpec): ConnectMethod {
  const method = Object.hasOwn(METHODS, hop.method) ? METHODS[hop.method] : undefined;
  if (method === undefined) {
    throw new RouterError(
      "become-failed",
      `The become method ${JSON.stringify(hop.method)} is not supported. Use one of ${Object.keys(METHODS).join(", ")}.`,
    );
  }
  return method;
}

/** What is typed to run `command` after the hops, outermost first. No password is in it. */
export function commandThrough(hops: readonly HopSpec[], command: string): string {
  return hops.reduceRight(
    (inner, hop) => methodOf(hop).argv(hop, inner).map(quoteWord).join(" "),
    command,
  );
}

/** Seconds in which a child context must have started. */
const BECOME_TIMEOUT = 30;

/** A hop as SPAWN wants it. */
export function toSpawn(hop: HopSpec): Spawn {
  const method = methodOf(hop);
  return {
    key: JSON.stringify([hop.method, hop.user, hop.exe, hop.flags, hop.password]),
    title: `${method.name} to ${hop.user}`,
    payload: {
      method: method.name,
      argv: method.argv(hop, "{boot}"),
      prompt: method.prompt,
      password: hop.password === undefined ? null : new TextEncoder().encode(hop.password),
      failed: method.failed,
      timeout: BECOME_TIMEOUT,
      pty: method.pty && hop.password !== undefined,
    },
  };
}
