import { expect, test } from "vitest";
import type { RunEvent } from "../../model/event.ts";
import { type Dict, dictOf } from "../../model/value.ts";
import type { Ending } from "../../plugin-host/action-conversation.ts";
import type { ActionCall } from "../../plugin-host/action-host.ts";
import { HostGone } from "../../plugin-host/python-process.ts";
import { MISSING } from "../../template/environment.ts";
import type { ActionInput } from "../action/action.ts";
import type { Target } from "../target.ts";
import type { TaskEnv } from "../task-env.ts";
import { TaskFailure } from "../task-error.ts";
import { isSettled } from "../task-result.ts";
import { runPlugin } from "./run-plugin.ts";

const SCOPE = { get: () => MISSING, context: { searchPaths: ["/play"], cwd: "/" } };

const TASK = {
  action: "own",
  resolvedAction: "ansible.legacy.own",
  origin: { file: "/site.yml", line: 3, column: 1 },
  plugin: { path: "/play/action_plugins/own.py", collections: ["ns.coll"] },
  name: "a task",
  tags: ["t"],
  vars: [],
};

const TARGET = { name: "h", route: { link: { kind: "ssh" } } } as unknown as Target;

/** Runs a plugin that does as told. */
async function runThat(
  plugin: (call: ActionCall) => Promise<Ending>,
  state = { interpreterTold: false },
  where: Target | "python" = TARGET,
) {
  const seen = { events: [] as RunEvent[], changes: [] as unknown[], calls: [] as ActionCall[] };
  const env = {
    options: { playbookDir: "/play", verbosity: 0 },
    play: { play: { name: "p" } },
    environment: { renderValue: (value: unknown) => value },
    state: () => state,
    emit: (event: RunEvent) => seen.events.push(event),
    changeInventory: async (change: unknown) => {
      seen.changes.push(change);
      return true;
    },
    actions: {
      run(call: ActionCall) {
        seen.calls.push(call);
        return plugin(call);
      },
    },
    signal: new AbortController().signal,
  } as unknown as TaskEnv;
  const input = {
    host: "h",
    task: TASK,
    scope: SCOPE,
    args: dictOf({ a: 1 }),
    unsafeArgs: new Set(["a", "gone"]),
    flags: {
      checkMode: false,
      diff: false,
      noLog: false,
      environment: { LANG: "C" },
      timeoutSeconds: 0,
    },
  } as unknown as ActionInput;
  const data = await runPlugin(env, where === "python" ? undefined : where, input).catch(
    (error: unknown) => error,
  );
  return { data, state, ...seen };
}

const resultOf = (result: Dict, isSettled = false): Ending => ({
  kind: "result",
  result,
  isSettled,
});

const failuresOf = (error: unknown): Dict | undefined =>
  error instanceof TaskFailure ? error.result : undefined;

test("a plugin is told its task, with final keywords", async () => {
  const { calls, data } = await runThat(async () => resultOf(dictOf({ changed: true })));
  expect(data).toEqual(dictOf({ changed: true }));
  const facts = calls[0]?.facts;
  expect(facts?.get("unsafe")).toEqual(["a"]);
  expect(facts?.get("path")).toBe("/site.yml:3");
  const task = facts?.get("task") as Dict;
  expect(task.get("args")).toEqual(dictOf({ a: 1 }));
  expect(task.get("environment")).toEqual([dictOf({ LANG: "C" })]);
  expect(task.get("collections")).toEqual(["ns.coll", "ansible.legacy"]);
  expect(task.get("become")).toBeNull();
});

test("what it shows is an event of the run", async () => {
  const { events } = await runThat(async ({ log }) => {
    log({ kind: "verbose", level: 3, host: "h", text: "details" });
    return resultOf(new Map());
  });
  expect(events).toEqual([{ kind: "verbose", level: 3, host: "h", text: "details" }]);
});

test("an exception fails the whole task, with the traceback of one that is not Ansible's", async () => {
  const raised = (traceback: string | undefined) =>
    runThat(async () => ({ kind: "raised", message: "bad", traceback }));
  expect(failuresOf((await raised("Traceback ...")).data)).toEqual(
    dictOf({ failed: true, msg: "bad", exception: "Traceback ...", stdout: "" }),
  );
  expect(failuresOf((await raised(undefined)).data)).toEqual(dictOf({ failed: true, msg: "bad" }));
});

test("the end of its process is a failed result", async () => {
  const { data } = await runThat(() => Promise.reject(new HostGone("its process ended")));
  expect(data).toEqual(
    dictOf({
      failed: true,
      msg: "The action plugin 'own' gave no result for h: its process ended.",
    }),
  );
});

test("a plugin that broke off is not judged", async () => {
  const { data } = await runThat(async () => resultOf(dictOf({ skipped: true }), true));
  expect(isSettled(data as Dict)).toBe(true);
});

test("an interpreter that its result does not tell of is told of by the next module", async () => {
  const found = dictOf({ discovered_interpreter_python: "/usr/bin/python3" });
  const after = async (result: Dict) => {
    const { state } = await runThat(async () => {
      told.interpreterTold = true;
      return resultOf(result);
    }, told);
    return state.interpreterTold;
  };
  const told = { interpreterTold: false };
  expect(await after(new Map())).toBe(false);
  told.interpreterTold = false;
  expect(await after(dictOf({ ansible_facts: found }))).toBe(true);
});

test("a host that it adds is added before its result counts", async () => {
  const { data, changes } = await runThat(async () =>
    resultOf(dictOf({ add_group: "g", parent_groups: [] })),
  );
  expect(changes).toHaveLength(1);
  expect((data as Dict).get("changed")).toBe(true);
});

test("without a target it is Ansible's connection that reaches the host, for all items in turn", async () => {
  const asked: unknown[] = [];
  const { calls, data } = await runThat(
    async ({ answer }) => {
      await answer("exec", []).catch((error: Error) => asked.push(error.message));
      return resultOf(dictOf({ unreachable: true }), true);
    },
    undefined,
    "python",
  );
  expect(calls[0]?.keep).toBe("h");
  expect(calls[0]?.facts.get("connection")).toBe("own");
  const task = calls[0]!.facts.get("task") as Dict;
  expect(task.get("action")).toBe("own");
  expect(asked).toEqual(["there is no connection of skein's for 'exec'"]);
  expect(isSettled(data as Dict)).toBe(true);
});

test("over a connection of skein's each item has a process of its own", async () => {
  const { calls } = await runThat(async () => resultOf(new Map()));
  expect(calls[0]?.keep).toBeUndefined();
  expect(calls[0]?.facts.get("connection")).toBe("asked");
});
