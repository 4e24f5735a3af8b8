import type { Command } from "../strategy/strategy.ts";
import type { Batch } from "./batch.ts";

type Run = Extract<Command, { kind: "run" }>;

/**
 * Hosts on which an earlier use of the same role has run pass its tasks, unless the role allows duplicates
 * (ansible/playbook/role/__init__.py, has_run). Undefined when no host is left.
 */
export function withoutRepeatedRoles({ rolesRun, state }: Batch, command: Run): Run | undefined {
  const { role } = command.task;
  if (role?.identity === undefined || role.allowDuplicates === true || command.handler)
    return command;
  const { id, identity } = role;
  const repeats = (host: string): boolean => {
    const use = rolesRun.get(host)?.get(identity);
    return use !== undefined && use !== id;
  };
  const hosts = command.hosts.filter((host) => !repeats(host));
  if (hosts.length === command.hosts.length) return command;
  for (const host of command.hosts) if (repeats(host)) state.pass(host);
  return hosts.length === 0 ? undefined : { ...command, hosts };
}
