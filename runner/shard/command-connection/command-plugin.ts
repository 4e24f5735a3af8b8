import type { ConnectionDefaults } from "../../pool/messages.ts";

/** A program and its arguments, behind which comes the text that a shell on the host is to run. */
export type CommandLine = readonly [string, ...string[]];

/** What a command line is made of. */
export interface CommandInput {
  /** The host's inventory name. */
  readonly host: string;
  /** The variable that stands last among those that are set: so Ansible ranks the names of an option (ansible/config/manager.py). */
  variable(...names: readonly string[]): string | undefined;
  /** The same for the controller's environment. */
  environment(...names: readonly string[]): string | undefined;
  /** The task's `remote_user`, else what flags and settings say. */
  readonly remoteUser: string | undefined;
  readonly defaults: ConnectionDefaults;
  /** The path of a program. @throws Error in Ansible's words when there is none */
  program(name: string): string;
}

/**
 * A connection plugin that is a command with a shell at its other end, so that skein's agent runs over its streams.
 *
 * @returns undefined when an option is set that only the plugin in Python understands
 * @throws Error for what the plugin refuses as well
 */
export type CommandPlugin = (input: CommandInput) => CommandLine | undefined;
