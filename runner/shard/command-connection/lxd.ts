import type { CommandInput, CommandLine } from "./command-plugin.ts";

/** A container of lxd (community.general, plugins/connection/lxd.py): always as root. */
export function lxd({ host, variable, program }: CommandInput): CommandLine {
  const container = variable("ansible_host", "ansible_lxd_host") ?? host;
  const project = variable("ansible_lxd_project");
  const remote = variable("ansible_lxd_remote") ?? "local";
  const shell = variable("ansible_executable", "ansible_lxd_executable") ?? "/bin/sh";
  return [
    program("lxc"),
    ...(project === undefined ? [] : ["--project", project]),
    "exec",
    `${remote}:${container}`,
    "--",
    shell,
    "-c",
  ];
}
