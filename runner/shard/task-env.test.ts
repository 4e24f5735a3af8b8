import { expect, test } from "vitest";
import { createEnvironment } from "../template/environment.ts";
import { Interruption } from "../template/error.ts";
import { LazyDict } from "../vars/lazy-dict.ts";
import { canWait, NeedHostState, type TaskEnv, withHostStates } from "./task-env.ts";

const notYet = (): never => {
  throw new NeedHostState("not yet");
};

const envOf = (fetchStates: () => Promise<void>): TaskEnv => ({ fetchStates }) as TaskEnv;

test("an attempt goes on for as long as variables are missing, and may be interrupted only then", async () => {
  let there = 0;
  const env = envOf(() => {
    there++;
    return Promise.resolve();
  });
  const seen: boolean[] = [];
  const value = await withHostStates(env, () => {
    seen.push(canWait());
    if (there < 3) throw new TypeError("wrapped", { cause: new NeedHostState("not yet") });
    return "done";
  });
  expect([value, there, seen, canWait()]).toEqual(["done", 3, [true, true, true, true], false]);
});

test("any other error ends it", async () => {
  const env = envOf(() => Promise.reject(new Error("nothing was to be fetched")));
  const attempt = () => {
    throw new Error("the playbook's own");
  };
  await expect(withHostStates(env, attempt)).rejects.toThrow("the playbook's own");
});

test.each([
  "{{ lookup('vars', 'far', default='swallowed') }}",
  "{{ lookup('vars', 'far', errors='ignore') }}",
  "{{ lazy | to_yaml }}",
  "{{ far | default('swallowed') }}",
])("no template catches an interruption: %s", (source) => {
  const scope = {
    get: (name: string) => {
      if (name === "lazy") return new LazyDict(() => ["a"], notYet);
      return name === "far" ? notYet() : undefined;
    },
    context: { searchPaths: [], cwd: "/" },
  };
  const template = createEnvironment().compile(source);
  expect(() => template.render(scope)).toThrow(Interruption);
});
