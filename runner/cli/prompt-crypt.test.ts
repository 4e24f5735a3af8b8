import { expect, test } from "vitest";
import type { PluginCall, PluginHost } from "../plugin-host/plugin-host.ts";
import { createPromptCrypt } from "./prompt-crypt.ts";

const never = (): never => {
  throw new Error("Python was asked");
};

function cryptBy(call: PluginHost["call"], hasPasslib = false) {
  const rest = { callbacks: never, event: never, cache: never, close: never };
  return createPromptCrypt(
    { find: never, call, inventory: never, vars: never, ...rest },
    hasPasslib,
  );
}

const request = { password: "pw", salt: undefined, saltSize: undefined };

// crypt.crypt("pw", "$6$saltsalt") and so on.
test.each([
  ["md5_crypt", "saltsalt", /^\$1\$saltsalt\$.{22}$/],
  ["sha256_crypt", "saltsalt", /^\$5\$saltsalt\$.{43}$/],
  ["sha512_crypt", "saltsalt", /^\$6\$saltsalt\$.{86}$/],
])("%s is made here", (scheme, salt, form) => {
  expect(cryptBy(never)({ ...request, scheme, salt })).toMatch(form);
});

test("another scheme is the installed Ansible's", () => {
  const calls: PluginCall[] = [];
  const crypt = cryptBy((call) => {
    calls.push(call);
    return "$2b$...";
  });
  expect(crypt({ ...request, scheme: "bcrypt", salt: "s" })).toBe("$2b$...");
  expect(calls.map(({ name, args }) => [name, args])).toEqual([
    ["ansible.builtin.password_hash", ["pw", "bcrypt", "s", undefined, undefined, undefined]],
  ]);
});

test("with passlib every scheme is the installed Ansible's", () => {
  const crypt = cryptBy(() => "$6$rounds=656000$...", true);
  expect(crypt({ ...request, scheme: "sha512_crypt", salt: "s" })).toBe("$6$rounds=656000$...");
});

test.each([
  ["sha512", undefined, "there it is called sha512_crypt"],
  ["blowfish", undefined, "there it is called bcrypt"],
  ["md5_crypt", "ninechars", "invalid salt size"],
  ["sha512_crypt", "a b", "invalid characters in salt"],
])("%s with the salt %s is refused", (scheme, salt, message) => {
  expect(() => cryptBy(never)({ ...request, scheme, salt })).toThrow(message);
});
