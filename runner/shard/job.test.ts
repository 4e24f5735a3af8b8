import { expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import { dictOf } from "../model/value.ts";
import type { ActionInput } from "./action/action.ts";
import { afterStart, refuseJob, type WaitedJob } from "./job.ts";
import type { Target } from "./target.ts";
import type { TaskEnv } from "./task-env.ts";

const input = (resolvedAction: string, checkMode = false): ActionInput =>
  ({
    task: { resolvedAction },
    flags: { checkMode, environment: {} },
    asyncDir: "/jobs",
    invoke: (name: string) => ({ call: { module: name, args: "" }, sources: [] }),
  }) as unknown as ActionInput;

test.for([
  ["ansible.builtin.command", true],
  ["ansible.legacy.shell", true],
  ["ansible.builtin.package", true],
  ["ansible.builtin.stat", true],
  ["community.general.copy", true],
  ["ansible.builtin.copy", false],
  ["ansible.builtin.debug", false],
  ["ansible.builtin.set_fact", false],
] as const)("%s can be a job: %s", ([action, capable]) => {
  expect(refuseJob(input(action)) === undefined).toBe(capable);
});

test("a job cannot be tried in check mode", () => {
  expect(refuseJob(input("ansible.builtin.command", true))).toMatchObject({ kind: "done" });
});

const STARTED = { ansible_job_id: "j1.2", started: 1, finished: 0, failed: 0 };

/** Waits for a job whose states are answered one after the other. */
async function wait(states: readonly object[], seconds = 10) {
  const left = states.map((state) => JSON.stringify(state));
  const events: RunEvent[] = [];
  let slept = 0;
  const env = {
    options: { verbosity: 0 },
    emit: (event: RunEvent) => events.push(event),
    sleep: async (time: number) => {
      slept += time;
    },
    state: () => ({ interpreterTold: true }),
  } as unknown as TaskEnv;
  const target = {
    name: "h",
    context: {
      sources: () => undefined,
      async call(_batch: unknown, onResult: (result: object) => void) {
        const stdout = Buffer.from(left.shift() ?? "{}");
        onResult({ index: 0, outcome: "ran", rc: 0, stdout, stderr: Buffer.of() });
      },
    },
  } as unknown as Target;
  const job: WaitedJob = {
    spec: { prefix: "j1", seconds },
    poll: 2,
    input: input("ansible.builtin.command"),
    isForeign: false,
  };
  const data = await afterStart(env, "h", () => target, job, dictOf(STARTED));
  return { data, slept, said: events.map((event) => event.kind === "async" && event.state) };
}

const RUNNING = { started: 1, finished: 0, ansible_job_id: "j1.2" };

test("a job is looked at until it is through, and then forgotten", async () => {
  const { data, slept, said } = await wait([RUNNING, { finished: 1, rc: 0 }, { erased: "x" }]);
  expect(said).toEqual(["poll", "ok"]);
  expect(slept).toBe(4);
  expect(data.get("rc")).toBe(0);
});

test("a job that failed fails its task", async () => {
  const { data, said } = await wait([{ finished: 1, failed: true }]);
  expect(said).toEqual(["failed"]);
  expect(data.get("failed")).toBe(true);
});

test("a job that takes too long fails its task with its last state", async () => {
  const { data, said } = await wait([RUNNING, RUNNING, RUNNING], 4);
  expect(said).toEqual(["poll", "poll", "failed"]);
  expect(data.get("msg")).toBe("async task did not complete within the requested time - 4s");
  expect(data.has("async_result")).toBe(true);
});

test("a job that nobody waits for counts as changed", async () => {
  const data = await afterStart(
    {} as TaskEnv,
    "h",
    () => ({}) as Target,
    undefined,
    dictOf(STARTED),
  );
  expect(data).toEqual(dictOf({ ...STARTED, changed: true }));
});
