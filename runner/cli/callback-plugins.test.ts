import { expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import type { Task } from "../model/play.ts";
import { dictOf } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import type { ShardOptions } from "../pool/messages.ts";
import { TemplateError } from "../template/error.ts";
import { listenersOf } from "./callback-plugins.ts";

type Told = readonly [kind: string, facts: ReadonlyMap<string, unknown>];

/** A run with these settings, whose plugins do as told. */
function runWith({
  screen = "default",
  enabled = [],
  count = 1,
  event = () => undefined,
}: {
  readonly screen?: string;
  readonly enabled?: readonly string[];
  readonly count?: number;
  readonly event?: (kind: string, facts: ReadonlyMap<string, unknown>) => void;
}) {
  const seen = { configs: [] as ReadonlyMap<string, unknown>[], told: [] as Told[] };
  const shown: string[] = [];
  const listeners = listenersOf(
    {
      settings: {
        stdoutCallback: { value: screen },
        callbacksEnabled: { value: enabled },
        callbackPlugins: { value: ["/nonexistent"] },
      },
      output: { on: ({ kind }: RunEvent) => shown.push(kind), close: () => shown.push("close") },
      plugins: {
        callbacks(config: ReadonlyMap<string, unknown>) {
          seen.configs.push(config);
          return count;
        },
        event(kind: string, facts: ReadonlyMap<string, unknown>) {
          seen.told.push([kind, facts]);
          event(kind, facts);
        },
      },
    } as unknown as Parameters<typeof listenersOf>[0],
    {
      connection: { sshCommonArgs: "", sshExtraArgs: "" },
      plugins: { folders: ["/nonexistent"] },
    } as unknown as ShardOptions,
  );
  return { ...listeners, ...seen, shown };
}

const RESULT: RunEvent = {
  kind: "result",
  host: "h",
  delegate: undefined,
  status: "changed",
  action: "command",
  data: undefined,
  ignoreErrors: false,
  loop: false,
};

test("without callback plugins Python is not asked", () => {
  const { isHeard, configs, output, told, shown } = runWith({});
  output.on(RESULT);
  expect({ isHeard, configs, told, shown }).toEqual({
    isHeard: false,
    configs: [],
    told: [],
    shown: ["result"],
  });
});

test("plugins that are enabled and not there are the same as none", () => {
  expect(runWith({ enabled: ["gone"], count: 0 }).isHeard).toBe(false);
});

test("plugins hear what the screen has shown", () => {
  const { isHeard, output, told, shown } = runWith({ enabled: ["timer"] });
  output.on({ kind: "play-start", name: "p", checkMode: false });
  output.on({ kind: "warning", text: "careful" });
  output.on(RESULT);
  expect(isHeard).toBe(true);
  expect(shown).toEqual(["play-start", "warning", "result"]);
  expect(told.map(([kind]) => kind)).toEqual(["play-start", "result"]);
  expect(told[1]?.[1].get("result")).toEqual(dictOf({ changed: true }));
});

test("a callback for the screen shows the run, but not what is skein's own", () => {
  const { configs, output, shown } = runWith({ screen: "ns.coll.own" });
  output.on(RESULT);
  output.on({ kind: "warning", text: "careful" });
  output.close();
  expect(configs[0]?.get("stdout")).toBe("ns.coll.own");
  expect(shown).toEqual(["warning", "close"]);
});

test.for([
  [{ name: "install", role: { name: "web", path: "/web" } }, "web : install", "install", "web"],
  [{ name: undefined, role: { name: "web", path: "/web" } }, "web : command", "", "web"],
  [{ name: "install", role: undefined }, "install", "install", undefined],
] as const)("a task has its name without its role: %s", ([task, shown, name, role]) => {
  const { output, told } = runWith({ enabled: ["timer"] });
  output.on({
    kind: "task-start",
    lockstep: true,
    id: 7,
    handler: false,
    name: shown,
    path: "/site.yml:3",
    checkMode: false,
    task: { id: 7, action: "command", args: new Map(), tags: [], ...task } as unknown as Task,
  });
  const [[, facts] = []] = told;
  expect(facts?.get("name")).toBe(name);
  expect((facts?.get("role") as ReadonlyMap<string, unknown> | null)?.get("name")).toBe(role);
});

test("figures have the names that AggregateStats gives them", () => {
  const { output, told } = runWith({ enabled: ["timer"] });
  const counts = {
    ok: 1,
    changed: 2,
    unreachable: 3,
    failures: 4,
    skipped: 5,
    rescued: 6,
    ignored: 7,
  };
  output.on({
    kind: "stats",
    hosts: new Map([["h", counts]]),
    custom: new Map([["", dictOf({ n: 1 })]]),
  });
  const { unreachable, ...others } = counts;
  expect(told[0]?.[1]).toEqual(
    new Map([
      ["hosts", new Map([["h", new Map(Object.entries({ ...others, dark: unreachable }))]])],
      ["custom", new Map([["_run", dictOf({ n: 1 })]])],
    ]),
  );
});

test("a value that has no form in Python is made whole", () => {
  const secret = new VaultText("$ANSIBLE_VAULT;1.1;AES256", () => {
    throw new Error("no secret fits");
  });
  let first = true;
  const { output, told } = runWith({
    enabled: ["timer"],
    event() {
      if (first) {
        first = false;
        throw new TypeError("no form");
      }
    },
  });
  output.on({ ...RESULT, data: dictOf({ list: [secret] }) });
  expect(told).toHaveLength(2);
  expect(told[1]?.[1].get("result")).toEqual(dictOf({ list: ["$ANSIBLE_VAULT;1.1;AES256"] }));
});

test("plugins that end their process are missed once, and the screen shows all from then on", () => {
  const { output, told, shown } = runWith({
    screen: "ns.coll.own",
    event() {
      throw new TemplateError("runtime", "ended");
    },
  });
  output.on(RESULT);
  output.on(RESULT);
  expect(told).toHaveLength(1);
  expect(shown).toEqual(["warning", "result"]);
});
