import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Host, Inventory } from "../model/host.ts";
import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import { play, task } from "../plan/testing.ts";
import type { FromShard, ShardInit, ShardOptions, ToShard } from "../pool/messages.ts";
import { strangerNamed } from "../vars/host-named.ts";
import { EMPTY_KEYRING } from "../vault/keyring.ts";
import { startShard } from "./shard.ts";

const HOSTS = Array.from({ length: 48 }, (_, index) => `h${index}`);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-shard-"));
  const fact = Array.from({ length: 2500 }, (_, index) => ({ name: `eth${index}`, mtu: 1500 }));
  const text = JSON.stringify({ ansible_name: "known", ansible_interfaces: fact });
  for (const host of HOSTS) writeFileSync(join(directory, host), text);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A shard with all hosts, whose facts are in a cache, and what it said: each message with the turns of the event loop until then. */
function createTestShard(debug: Task) {
  const heard: { readonly message: FromShard; readonly turn: number }[] = [];
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  let tell = (_message: ToShard): void => undefined;
  let check = (): void => undefined;
  const side = {
    send(message: FromShard) {
      heard.push({ message, turn });
      check();
    },
    onMessage(listener: (message: ToShard) => void) {
      tell = listener;
    },
  };
  const ended = startShard(side, { jobs: "" } as never);
  tell({ kind: "init", init: initOf() });
  const own = { play: play([debug]), own: HOSTS, batch: HOSTS, allHosts: HOSTS };
  tell({ kind: "play", ...own });
  return {
    /** Runs the task on hosts, and gives what was said when all have their outcome. */
    async run(hosts: readonly string[]) {
      const outcomes = () => heard.filter(({ message }) => message.kind === "outcome");
      await new Promise<void>((resolve) => {
        check = () => outcomes().length === hosts.length && resolve();
        const command = { isRescued: false, copyTo: [], wantName: false };
        tell({ kind: "run", run: 1, task: debug.id, hosts, alive: HOSTS, ...command });
      });
      tell({ kind: "abort", reason: "the test is over" });
      isOver = true;
      await ended;
      return { heard, turns: turn };
    },
  };
}

function initOf(): ShardInit {
  const inventory: Inventory = {
    hosts: new Map<string, Host>(HOSTS.map((name) => [name, strangerNamed(name)])),
    groups: new Map(),
    sources: new Map(),
  };
  const options = {
    forks: 5,
    verbosity: 0,
    playbookDir: directory,
    inventorySources: [],
    runTags: [],
    skipTags: [],
    connection: { remoteTmp: "/tmp" },
    installation: { root: "/nonexistent", version: "2.14.18", collections: [] },
    library: [],
    moduleUtils: [],
    connectionPlugins: [],
    becomePlugins: [],
    plugins: {
      playbookDirs: [],
      folders: [],
      configured: { filter: [], test: [], lookup: [] },
      timeout: 0,
    },
    injectFacts: true,
    mergeHash: false,
    fullResults: false,
    jinja2Extensions: [],
    debugger: { enabled: false, ignoreErrors: true },
    factCache: {
      kind: "files",
      plugin: "jsonfile",
      directory,
      prefix: "",
      timeout: 0,
      flush: false,
    },
  } as unknown as ShardOptions;
  return { inventory, extraVars: new Map(), keyring: EMPTY_KEYRING, options, alone: true };
}

const debugOf = (msg: string): Task =>
  task("say", {
    action: "debug",
    resolvedAction: "ansible.builtin.debug",
    args: new Map<Value, Value>([["msg", msg]]),
  });

test("while hosts read their cached facts, what others said is heard", async () => {
  const { heard } = await createTestShard(debugOf("{{ ansible_name }}")).run(HOSTS);
  const events = heard.flatMap(({ message, turn }) =>
    message.kind === "event" && message.event.kind === "result" ? [{ ...message.event, turn }] : [],
  );
  expect(events).toHaveLength(HOSTS.length);
  expect(events.every(({ data }) => data?.get("msg") === "known")).toBe(true);
  expect(events.at(-1)?.turn).toBeGreaterThan(events[0]!.turn);
});

test("one host that reads the cached facts of all others does not read them in one go", async () => {
  const names = HOSTS.map((name) => `'${name}'`).join(",");
  const all = `{% for h in [${names}] %}{{ hostvars[h].ansible_name[0] }}{% endfor %}`;
  const { heard, turns } = await createTestShard(debugOf(all)).run(["h0"]);
  const [data] = heard.flatMap(({ message }) =>
    message.kind === "event" && message.event.kind === "result" ? [message.event.data] : [],
  );
  expect(data?.get("msg")).toBe("k".repeat(HOSTS.length));
  expect(turns).toBeGreaterThan(2);
});
