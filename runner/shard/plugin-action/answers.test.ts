import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RouterError } from "#router";
import { dictOf, type Value } from "../../model/value.ts";
import { Unreachable } from "../../plugin-host/action-conversation.ts";
import type { ActionInput } from "../action/action.ts";
import type { ModuleFlags } from "../module/invocation.ts";
import type { Target } from "../target.ts";
import type { TaskEnv } from "../task-env.ts";
import { createAnswers } from "./answers.ts";

const folder = mkdtempSync(join(tmpdir(), "answers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SUDO = { method: "sudo", user: "root" } as const;

/** A target whose calls print what they are told to, and what reached it. */
function targetThat(print: () => object) {
  const seen: { account: string; [key: string]: unknown }[] = [];
  const contextOf = (account: string) => ({
    sources: () => undefined,
    hello: () => Promise.resolve({ exe: "/usr/bin/python3", home: "/home/u" }),
    async putFile() {
      seen.push({ account, put: true });
      return { id: 7 };
    },
    async call(batch: { calls: readonly object[] }, onResult: (result: object) => void) {
      seen.push({ account, ...batch.calls[0] });
      const stdout = Buffer.from(JSON.stringify(print()));
      onResult({ index: 0, outcome: "ran", rc: 0, stdout, stderr: Buffer.of(), extra: {} });
    },
  });
  const target = {
    name: "h",
    route: { become: [SUDO], link: { kind: "ssh" } },
    context: contextOf("root"),
    link: {
      context: () => contextOf("login"),
      async exec(command: string, options: object) {
        seen.push({ account: "shell", command, ...options });
        const { lost } = print() as { lost?: boolean };
        if (lost === true) throw new RouterError("lost", "Connection to h lost");
        return { rc: 0, stdout: Buffer.from("out"), stderr: Buffer.from("err") };
      },
      async reset() {
        seen.push({ account: "shell", reset: true });
      },
    },
  } as unknown as Target;
  return { target, seen };
}

const FLAGS: ModuleFlags = {
  checkMode: true,
  diff: true,
  noLog: false,
  remoteTmp: "~/.ansible/tmp",
  isolation: "warm",
  environment: { ANSIBLE_ASYNC_DIR: "/jobs", LANG: "C" },
  timeoutSeconds: 0,
  job: { prefix: "j1", seconds: 10 },
};

function answersOf(print: () => object = () => ({ changed: true })) {
  const { target, seen } = targetThat(print);
  const invoked: unknown[][] = [];
  const input = {
    flags: FLAGS,
    catalogue: {
      corePath: (name: string) => `/core/${name}.py`,
      invoke(...args: unknown[]) {
        invoked.push(args);
        return { call: { module: args[0], args: "" }, sources: [] };
      },
    },
  } as unknown as ActionInput;
  const env = {
    options: { verbosity: 0 },
    state: () => ({ interpreterTold: true }),
    signal: new AbortController().signal,
  } as unknown as TaskEnv;
  const answer = createAnswers(env, target, input);
  return {
    ask: (kind: string, question: Readonly<Record<string, Value>> = {}) =>
      answer(kind, [dictOf(question)]),
    seen,
    invoked,
  };
}

const MODULE = {
  name: "ns.coll.thing",
  path: "/thing.py",
  args: dictOf({ a: 1, _ansible_check_mode: false, _ansible_diff: false, _ansible_no_log: true }),
  environment: dictOf({ LANG: "de" }),
  become: true,
  job: false,
};

test("a module runs with the flags that the plugin gave it", async () => {
  const { ask, seen, invoked } = answersOf();
  expect(await ask("module", MODULE)).toEqual(dictOf({ changed: true }));
  expect(invoked[0]?.slice(0, 2)).toEqual(["ns.coll.thing", "/thing.py"]);
  expect(invoked[0]?.[3]).toMatchObject({
    checkMode: false,
    diff: false,
    noLog: true,
    environment: { LANG: "de" },
    job: undefined,
  });
  expect(seen).toMatchObject([{ account: "root", module: "ns.coll.thing" }]);
});

test("a module runs as the login account when the plugin does not become another", async () => {
  const { ask, seen } = answersOf();
  await ask("module", { ...MODULE, become: false });
  expect(seen[0]?.account).toBe("login");
});

test("a module that is to be a job is the task's, and knows where jobs are", async () => {
  const { ask, invoked } = answersOf();
  await ask("module", { ...MODULE, job: true });
  expect(invoked[0]?.[3]).toMatchObject({
    environment: { ANSIBLE_ASYNC_DIR: "/jobs", LANG: "de" },
    job: { prefix: "j1", seconds: 10 },
  });
});

test.for([
  [true, SUDO],
  [false, undefined],
] as const)("a command becomes another account: %s", async ([become, expected]) => {
  const { ask, seen } = answersOf();
  const input = Buffer.from("in");
  const found = await ask("exec", { command: "id", become, terminal: true, input });
  expect(found).toEqual([0, Buffer.from("out"), Buffer.from("err")]);
  expect(seen[0]).toMatchObject({ command: "id", pty: true, stdin: input });
  expect(seen[0]?.["become"]).toEqual(expected);
});

test("a lost connection is made anew for what comes next", async () => {
  const { ask, seen } = answersOf(() => ({ lost: true }));
  await expect(ask("exec", { command: "id" })).rejects.toThrow(Unreachable);
  expect(seen.at(-1)).toEqual({ account: "shell", reset: true });
});

test("a file is written by the login account, with check mode or without", async () => {
  writeFileSync(join(folder, "small"), "text");
  const { ask, seen, invoked } = answersOf(() => ({ rc: 0 }));
  await ask("put", { from: join(folder, "small"), to: "/tmp/it's" });
  expect(invoked[0]?.[3]).toMatchObject({
    checkMode: false,
    noLog: true,
    environment: { SKEIN_DEST: "/tmp/it's" },
    job: undefined,
  });
  expect(seen).toMatchObject([
    { account: "login", files: [{ argument: "env:SKEIN_FILE", content: Buffer.from("text") }] },
  ]);
});

test("a large file is streamed first", async () => {
  writeFileSync(join(folder, "large"), Buffer.alloc(200 * 1024));
  const { ask, seen } = answersOf(() => ({ rc: 0 }));
  await ask("put", { from: join(folder, "large"), to: "/tmp/x" });
  expect(seen).toMatchObject([{ account: "login", put: true }, { files: [{ content: 7 }] }]);
});

test.for([
  ["put", { from: join(folder, "small"), to: "/root/x" }],
  ["fetch", { from: "/gone" }],
] as const)("a transfer that fails says which file: %s", async ([kind, question]) => {
  const { ask } = answersOf(() => ({ rc: 1, stderr: "denied", failed: true, msg: "denied" }));
  await expect(ask(kind, question)).rejects.toThrow(
    /failed to transfer file (to|from) .*\n\ndenied/,
  );
});

test("a file is read by the login account", async () => {
  const { ask, seen } = answersOf(() => ({ content: "dGV4dA==", encoding: "base64" }));
  expect(await ask("fetch", { from: "/etc/motd" })).toEqual(Buffer.from("text"));
  expect(seen[0]?.account).toBe("login");
});

test("an unknown question is answered by an error", async () => {
  const { ask } = answersOf();
  await expect(ask("dance")).rejects.toThrow("skein does not know what 'dance'");
});
