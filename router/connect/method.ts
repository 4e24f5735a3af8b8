import type { HopSpec } from "./spec.ts";

/** One way to become another user: what it runs, and what it may ask or say. */
export interface ConnectMethod {
  readonly name: HopSpec["method"];
  /** The command line that runs `command`, a text for `/bin/sh`, as the other user. */
  argv(hop: HopSpec, command: string): readonly string[];
  /** What the password prompt looks like (a regular expression that Python and JavaScript share). */
  readonly prompt: string;
  /** What it says when it fails for good, and what that means. */
  readonly failed: readonly (readonly [pattern: string, meaning: string])[];
  /** The password is asked for on a terminal only. */
  readonly pty: boolean;
}
