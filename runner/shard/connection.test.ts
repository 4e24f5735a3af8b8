import { expect, test } from "vitest";
import type { Task } from "../model/play.ts";
import type { ConnectionDefaults } from "../pool/messages.ts";
import { MISSING } from "../template/environment.ts";
import { isNative, transportOf } from "./connection.ts";

const chosen = (variable: unknown, keyword: string | undefined, implicit = false): string =>
  transportOf({
    task: { connection: keyword } as unknown as Task,
    read: (name) => (name === "ansible_connection" ? variable : MISSING),
    keyword: (value) => value,
    implicit,
    defaults: { transport: "smart" } as ConnectionDefaults,
  });

test.for([
  [MISSING, undefined, "smart"],
  [MISSING, "local", "local"],
  ["docker", "local", "docker"],
  ["", "local", "local"],
  [null, undefined, "smart"],
  ["ansible.builtin.ssh", undefined, "ansible.builtin.ssh"],
  ["ns.coll.ssh", undefined, "ns.coll.ssh"],
] as const)(
  "the variable %s and the keyword %s make the connection %s",
  ([variable, keyword, to]) => {
    expect(chosen(variable, keyword)).toBe(to);
  },
);

test("a localhost that no inventory names is reached without ssh, unless something says how", () => {
  expect(chosen(MISSING, undefined, true)).toBe("local");
  expect(chosen("docker", undefined, true)).toBe("docker");
});

test.for([
  ["local", true],
  ["ssh", true],
  ["smart", true],
  ["paramiko_ssh", true],
  ["ns.coll.ssh", false],
  ["winrm", false],
] as const)("that %s is a connection of skein's own is %s", ([transport, expected]) => {
  expect(isNative(transport)).toBe(expected);
});
