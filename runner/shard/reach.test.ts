import { expect, test } from "vitest";
import type { Task } from "../model/play.ts";
import { MISSING } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import type { VarScope } from "../vars/scope.ts";
import { reachOf } from "./reach.ts";
import type { TaskEnv } from "./task-env.ts";

function reach(variables: Readonly<Record<string, unknown>>, hidden: readonly string[] = []) {
  const env = {
    options: { connection: { transport: "ssh", remoteUser: "settings", dockerExtraArgs: "" } },
    inventory: { hosts: new Map() },
    isHidden: {
      connection: (name: string) => hidden.includes(name),
      become: (name: string) => hidden.includes(name),
    },
    environment: { renderValue: (value: unknown) => value },
  } as unknown as TaskEnv;
  const scope = {
    own(name: string) {
      const value = variables[name] ?? MISSING;
      if (value instanceof Error) throw value;
      return value;
    },
  } as unknown as VarScope;
  return reachOf(env, "h", {} as Task, scope);
}

test.for([
  [{}, [], false],
  [{ ansible_connection: "local" }, [], false],
  [{ ansible_connection: "winrm" }, [], true],
  [{ ansible_connection: "ansible.builtin.ssh" }, [], false],
  // A plugin of the user's own, which only the whole name of Ansible's does not mean.
  [{ ansible_connection: "ssh" }, ["ssh"], true],
  [{ ansible_connection: "ansible.legacy.ssh" }, ["ssh"], true],
  [{ ansible_connection: "ansible.builtin.ssh" }, ["ssh"], false],
  // PowerShell is nothing that the agent could be started from.
  [{ ansible_shell_type: "powershell" }, [], true],
  [{ ansible_shell_type: "cmd", ansible_connection: "docker" }, [], true],
  [{ ansible_shell_type: "sh" }, [], false],
  [{ ansible_connection: "kubectl", ansible_kubectl_token: "t" }, [], true],
  // Becoming somebody is part of it.
  [{ ansible_become: true, ansible_become_method: "sudo" }, [], false],
  [{ ansible_become: true, ansible_become_method: "ansible.builtin.su" }, [], false],
  [{ ansible_become: true, ansible_become_method: "community.general.doas" }, [], false],
  [{ ansible_become: true, ansible_become_method: "ksu" }, [], true],
  [{ ansible_become: false, ansible_become_method: "ksu" }, [], false],
  [{ ansible_become: true, ansible_become_method: "sudo" }, ["sudo"], true],
  [{ ansible_become: true, ansible_become_method: "ansible.builtin.sudo" }, ["sudo"], false],
] as const)(
  "of %o, where %o are hidden, Python has the connection: %s",
  ([vars, hidden, expected]) => {
    expect(reach(vars, hidden).isForeign).toBe(expected);
  },
);

test("a name that leads nowhere fails in Ansible's words", () => {
  const error = new TemplateError("undefined", "'x' is undefined");
  expect(() => reach({ ansible_connection: error })).toThrow(
    "The field 'connection' has an invalid value, which includes an undefined variable. The error was: 'x' is undefined",
  );
});
