import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Dict, dictOf } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { createFactCache, type FactCache } from "./fact-cache.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-facts-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (more: { prefix?: string; timeout?: number } = {}): FactCache =>
  createFactCache(
    { kind: "files", plugin: "jsonfile", directory, prefix: "", timeout: 0, ...more },
    { cache: () => undefined },
  );

test("facts of one run are there in the next, those of several tasks together", () => {
  const first = open();
  first.update("h", dictOf({ ansible_a: 1, ansible_b: 1 }));
  first.update("h", dictOf({ ansible_b: 2 }));
  expect(open().load("h")).toEqual(dictOf({ ansible_a: 1, ansible_b: 2 }));
  expect(open().load("other")).toBeUndefined();
});

test("files are named by the prefix and the host, and cannot lie elsewhere", () => {
  open({ prefix: "site_" }).update("../h", dictOf({ a: 1 }));
  expect(readdirSync(directory)).toEqual(["site_.._h"]);
});

test("facts that are too old are unknown", () => {
  open().update("h", dictOf({ a: 1 }));
  utimesSync(join(directory, "h"), Date.now() / 1000 - 100, Date.now() / 1000 - 100);
  expect(open({ timeout: 60 }).load("h")).toBeUndefined();
  expect(open({ timeout: 200 }).load("h")).toEqual(dictOf({ a: 1 }));
});

test("encrypted facts stay encrypted in the file", () => {
  open().update("h", dictOf({ a: new VaultText("$ANSIBLE_VAULT;1.1;AES256", () => "secret") }));
  expect(readFileSync(join(directory, "h"), "utf8")).not.toContain("secret");
  expect(open().load("h")?.get("a")).toMatchObject({ ciphertext: "$ANSIBLE_VAULT;1.1;AES256" });
});

test("forgotten facts are gone", () => {
  const cache = open();
  cache.update("h", dictOf({ a: 1 }));
  cache.forget("h");
  cache.forget("h");
  expect(cache.load("h")).toBeUndefined();
});

test("a broken file is removed and told", () => {
  writeFileSync(join(directory, "h"), "{");
  expect(() => open().load("h")).toThrow("was corrupt");
  expect(readdirSync(directory)).toEqual([]);
});

test("without a directory nothing is kept", () => {
  const cache = createFactCache(
    { kind: "none", plugin: "memory", directory: undefined, prefix: "", timeout: 0 },
    { cache: () => undefined },
  );
  cache.update("h", dictOf({ a: 1 }));
  expect(cache.load("h")).toBeUndefined();
});

test("a plugin gets all that is known of a host, with what is encrypted as it is", () => {
  const kept = new Map<string, Dict>([["h", dictOf({ a: 1 })]]);
  const asked: string[] = [];
  const settings = {
    kind: "plugin",
    plugin: "p",
    directory: undefined,
    prefix: "",
    timeout: 0,
  } as const;
  const cache = createFactCache(settings, {
    cache(plugin, request) {
      if (request.kind === "open") throw new Error("it is open");
      asked.push(`${plugin} ${request.kind} ${request.host}`);
      if (request.kind === "set") kept.set(request.host, request.facts);
      if (request.kind === "delete") kept.delete(request.host);
      return request.kind === "get" ? kept.get(request.host) : undefined;
    },
  });
  cache.update("h", dictOf({ b: new VaultText("$ANSIBLE_VAULT;1.1;AES256", () => "secret") }));
  expect(kept.get("h")).toEqual(
    dictOf({ a: 1, b: dictOf({ __ansible_vault: "$ANSIBLE_VAULT;1.1;AES256" }) }),
  );
  expect(cache.load("h")?.get("b")).toBeInstanceOf(VaultText);
  cache.forget("h");
  expect(cache.load("h")).toBeUndefined();
  expect(asked).toEqual(["p get h", "p set h", "p delete h", "p get h"]);
});
