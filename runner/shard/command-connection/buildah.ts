import type { CommandInput, CommandLine } from "./command-plugin.ts";
import { SHELL } from "./shell.ts";

/** A working container of buildah (containers.podman, plugins/connection/buildah.py). */
export function buildah({ host, variable, remoteUser, program }: CommandInput): CommandLine {
  const container = variable("ansible_host") ?? host;
  const user = variable("ansible_user") ?? remoteUser;
  return [
    program("buildah"),
    "run",
    ...(user === undefined || user === "root" ? [] : ["--user", user]),
    container,
    ...SHELL,
  ];
}
