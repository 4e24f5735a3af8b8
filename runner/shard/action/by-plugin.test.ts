import { expect, test } from "vitest";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import { MISSING } from "../../template/environment.ts";
import type { ActionInput } from "./action.ts";
import { findAction } from "./registry.ts";

/** What an action comes to: the module it calls, or the plugin. */
function chosen(name: string, args: Dict, facts?: Dict, delegateTo?: string): string {
  let called = "";
  const input = {
    args,
    task: { delegateTo },
    flags: { checkMode: false },
    scope: { get: (key: string) => (key === "ansible_facts" ? (facts ?? MISSING) : MISSING) },
    invoke(module: string, given: Dict) {
      called = `${module} ${[...given.keys()].join(",")}`.trim();
      return { call: { module, args: "" }, sources: [] };
    },
  } as unknown as ActionInput;
  const { kind } = findAction(`ansible.builtin.${name}`)!.prepare(input);
  return kind === "call" ? called : kind;
}

const form = (...fields: readonly [string, Value][]): Dict => dictOf(Object.fromEntries(fields));

test.for([
  ["uri", { url: "u" }, "uri url"],
  ["uri", { url: "u", src: "f" }, "plugin"],
  ["uri", { url: "u", src: "f", remote_src: "yes" }, "uri url,src,remote_src"],
  ["uri", { body_format: "form-multipart", body: form(["a", "b"]) }, "uri body_format,body"],
  ["uri", { body_format: "form-multipart", body: form(["a", form(["filename", "f"])]) }, "plugin"],
  ["assemble", { src: "d", dest: "f" }, "assemble src,dest"],
  ["assemble", { src: "d", dest: "f", remote_src: false }, "plugin"],
  ["yum", { name: "x" }, "plugin"],
  ["yum", { name: "x", use_backend: "yum4" }, "dnf name"],
  ["yum", { name: "x", use: "yum" }, "yum name"],
  ["yum", { name: "x", use: "yum", use_backend: "dnf" }, "plugin"],
  ["yum", { name: "x", use: "constructor" }, "plugin"],
] as const)("%s with %o is done by: %s", ([name, args, expected]) => {
  expect(chosen(name, dictOf(args as Record<string, Value>))).toBe(expected);
});

test("yum follows the facts of its own host", () => {
  const facts = dictOf({ pkg_mgr: "dnf" });
  expect(chosen("yum", dictOf({ name: "x" }), facts)).toBe("dnf name");
  expect(chosen("yum", dictOf({ name: "x" }), facts, "other")).toBe("plugin");
  expect(chosen("yum", dictOf({ name: "x" }), dictOf({ pkg_mgr: "apt" }))).toBe("plugin");
});
