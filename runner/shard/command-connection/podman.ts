import { shellWords } from "../../inventory/shell-words.ts";
import type { CommandInput, CommandLine } from "./command-plugin.ts";
import { SHELL } from "./shell.ts";

/** A container of podman (containers.podman, plugins/connection/podman.py). Unlike there, its standard input is open (`-i`). */
export function podman({
  host,
  variable,
  remoteUser,
  defaults,
  program,
}: CommandInput): CommandLine | undefined {
  // The plugin documents it and does not read it.
  if (variable("ansible_podman_host") !== undefined) return undefined;
  const container = variable("ansible_host") ?? host;
  const user = variable("ansible_user") ?? remoteUser;
  const more = variable("ansible_podman_extra_args") ?? defaults.podmanExtraArgs;
  return [
    program(variable("ansible_podman_executable") ?? defaults.podmanExecutable),
    ...shellWords(more),
    "exec",
    ...(user === undefined ? [] : ["--user", user]),
    "-i",
    container,
    ...SHELL,
  ];
}
