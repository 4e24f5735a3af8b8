import { dictOf } from "../../model/value.ts";
import type { ActionInput, Prepared } from "../action/action.ts";
import { gatherArguments } from "../action/gather-facts.ts";

/**
 * Ansible's own action for a task whose host is reached by a connection plugin in Python. An action of skein's has nothing to say
 * there: which steps it takes is the stock one's affair.
 */
export function foreignAction(input: ActionInput): Prepared {
  const { resolvedAction } = input.task;
  if (!/^ansible\.(builtin|legacy)\.gather_facts$/.test(resolvedAction))
    return { kind: "foreign", input };
  return { kind: "foreign", input: { ...input, args: gatherArguments(input) } };
}

/** A look at a job there, or the removal of its file. */
export function foreignStatus(
  input: ActionInput,
  job: string,
  mode: "status" | "cleanup",
): Prepared {
  const name = "ansible.legacy.async_status";
  const task = { ...input.task, action: name, resolvedAction: name };
  const flags = { ...input.flags, job: undefined };
  return { kind: "foreign", input: { ...input, task, flags, args: dictOf({ jid: job, mode }) } };
}
