import type { CommandInput, CommandLine } from "./command-plugin.ts";
import { SHELL } from "./shell.ts";

/** A container of docker (community.docker, plugins/connection/docker.py). Its timeout is for password prompts alone. */
export function docker({
  host,
  variable,
  remoteUser,
  defaults,
  program,
}: CommandInput): CommandLine {
  const container = variable("ansible_host", "ansible_docker_host") ?? host;
  const user = variable("ansible_user", "ansible_docker_user") ?? remoteUser;
  const more = variable("ansible_docker_extra_args") ?? defaults.dockerExtraArgs;
  return [
    program("docker"),
    ...(more === "" ? [] : more.split(" ")),
    "exec",
    ...(user === undefined ? [] : ["-u", user]),
    "-i",
    container,
    ...SHELL,
  ];
}
