import { expect, test } from "vitest";
import { dictOf } from "../model/value.ts";
import type { TaskEnv } from "./task-env.ts";
import { isSettled } from "./task-result.ts";
import { withDeadline } from "./with-deadline.ts";

const envOf = (signal = new AbortController().signal): TaskEnv => ({ signal }) as TaskEnv;

test("what is done in time is what came of it", async () => {
  const data = dictOf({ rc: 0 });
  expect(await withDeadline(envOf(), 60, async () => data)).toBe(data);
  await expect(withDeadline(envOf(), 60, () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
});

test("without a limit there is no other signal", async () => {
  const env = envOf();
  let given: unknown;
  await withDeadline(env, 0, async (seen) => {
    given = seen;
    return new Map();
  });
  expect(given).toBe(env);
});

test("what takes longer is a failure that nothing judges, and is told to stop", async () => {
  let stopped: unknown;
  const data = await withDeadline(envOf(), 0.01, ({ signal }) => {
    signal.addEventListener("abort", () => {
      stopped = (signal.reason as Error).message;
    });
    return new Promise(() => undefined);
  });
  const words = "the module did not finish in time and was killed";
  expect(data).toEqual(dictOf({ failed: true, msg: words }));
  expect(isSettled(data)).toBe(true);
  expect(stopped).toBe(words);
});

test("the end of the run is told as well", async () => {
  const run = new AbortController();
  const ended = withDeadline(
    envOf(run.signal),
    60,
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
  );
  run.abort(new Error("interrupted"));
  await expect(ended).rejects.toThrow("interrupted");
});
