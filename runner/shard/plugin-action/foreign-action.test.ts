import { expect, test } from "vitest";
import { type Dict, dictOf } from "../../model/value.ts";
import type { ActionInput, Prepared } from "../action/action.ts";
import { foreignAction, foreignStatus } from "./foreign-action.ts";

const inputOf = (name: string, args: Dict): ActionInput =>
  ({
    args,
    task: { action: name, resolvedAction: `ansible.builtin.${name}`, register: "r" },
    flags: { checkMode: false, job: { prefix: "j", seconds: 9 } },
    options: { gatherSubset: ["!all"], gatherTimeout: 7 },
  }) as unknown as ActionInput;

const inputIn = (prepared: Prepared): ActionInput => {
  if (prepared.kind !== "foreign") throw new Error(`it is ${prepared.kind}`);
  return prepared.input;
};

test("Ansible's own action gets the arguments as they are", () => {
  const input = inputOf("copy", dictOf({ src: "a", dest: "b" }));
  expect(inputIn(foreignAction(input))).toBe(input);
});

test("facts are gathered as the settings say, where the task does not", () => {
  const argsOf = (args: Dict) => inputIn(foreignAction(inputOf("gather_facts", args))).args;
  expect(argsOf(new Map())).toEqual(dictOf({ gather_subset: ["!all"], gather_timeout: 7 }));
  expect(argsOf(dictOf({ gather_subset: "min", parallel: true }))).toEqual(
    dictOf({ gather_subset: "min", parallel: true, gather_timeout: 7 }),
  );
});

test("a look at a job is async_status's, and no job itself", () => {
  const { task, args, flags } = inputIn(
    foreignStatus(inputOf("command", new Map()), "1.2", "cleanup"),
  );
  expect(task.resolvedAction).toBe("ansible.legacy.async_status");
  expect(task.action).toBe("ansible.legacy.async_status");
  expect(args).toEqual(dictOf({ jid: "1.2", mode: "cleanup" }));
  expect(flags.job).toBeUndefined();
});
