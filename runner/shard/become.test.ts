import { expect, test } from "vitest";
import type { Task } from "../model/play.ts";
import type { BecomeSettings, ConnectionDefaults } from "../pool/messages.ts";
import { MISSING } from "../template/environment.ts";
import { type BecomeOptions, becomeMethodOf, hopOf, isNativeMethod } from "./become.ts";

const SETTINGS: BecomeSettings = {
  user: "root",
  exe: undefined,
  flags: undefined,
  password: undefined,
};

function optionsOf(
  variables: Readonly<Record<string, unknown>>,
  keywords: Partial<Task> = {},
  settings: Partial<BecomeSettings> = {},
  defaults: Partial<ConnectionDefaults> = {},
): BecomeOptions {
  const own = { ...SETTINGS, ...settings };
  return {
    task: keywords as Task,
    read: (name) => variables[name] ?? MISSING,
    keyword: (value) => value,
    defaults: {
      become: false,
      becomeMethod: "sudo",
      becomePlugins: { sudo: own, su: own, doas: own },
      ...defaults,
    } as ConnectionDefaults,
  };
}

test.for([
  [{}, {}, undefined],
  [{}, { become: true }, "sudo"],
  [{ ansible_become: "no" }, { become: true }, undefined],
  [{ ansible_become: "yes" }, { becomeMethod: "su" }, "su"],
  [{ ansible_become_method: "doas" }, { become: true, becomeMethod: "su" }, "doas"],
  [{}, { become: true, becomeMethod: "ansible.builtin.su" }, "su"],
  [{}, { become: true, becomeMethod: "community.general.doas" }, "doas"],
  [{}, { become: true, becomeMethod: "community.general.pfexec" }, "community.general.pfexec"],
] as const)("with %o and %o a task becomes somebody by %s", ([variables, keywords, expected]) => {
  expect(becomeMethodOf(optionsOf(variables, keywords as Partial<Task>))).toBe(expected);
});

test("only sudo, su and doas are skein's own", () => {
  expect(["sudo", "su", "doas", "ksu", "ns.coll.sudo"].map(isNativeMethod)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

// As ansible-playbook 2.14 ranks them, become_user and ansible_sudo_user seen through `id -un`.
test.for([
  [{ ansible_become_user: "a", ansible_sudo_user: "b" }, { becomeUser: "c" }, "b"],
  [{ ansible_become_user: "a" }, { becomeUser: "c" }, "a"],
  [{ ansible_su_user: "b" }, { becomeUser: "c" }, "c"],
  [{}, {}, "settings"],
] as const)("of %o and %o the account comes as %s", ([variables, keywords, expected]) => {
  const options = optionsOf(variables, keywords as Partial<Task>, { user: "settings" });
  expect(hopOf("sudo", options).user).toBe(expected);
});

test("a password of the plugin's own name comes before others, and one that was asked for before settings", () => {
  const variables = {
    ansible_become_password: "a",
    ansible_become_pass: "b",
    ansible_sudo_pass: "c",
  };
  expect(hopOf("sudo", optionsOf(variables)).password).toBe("c");
  expect(hopOf("su", optionsOf(variables)).password).toBe("b");
  const settings = { password: "settings" };
  expect(hopOf("sudo", optionsOf({}, {}, settings)).password).toBe("settings");
  expect(hopOf("sudo", optionsOf({}, {}, settings, { becomePassword: "asked" })).password).toBe(
    "asked",
  );
  expect(hopOf("sudo", optionsOf({}))).toEqual({ method: "sudo", user: "root" });
});
