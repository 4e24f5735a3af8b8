import { type Dict, isDict } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import type { Action, ActionInput, Prepared } from "./action.ts";

/** gather_facts: the setup module with the play's subset (ansible/plugins/action/gather_facts.py). */
export const gatherFactsAction: Action = {
  name: "gather_facts",
  prepare(input) {
    const { options } = input;
    const args: Dict = new Map(input.args);
    args.delete("parallel");
    if (!args.has("gather_subset") && options.gatherSubset.length > 0)
      args.set("gather_subset", [...options.gatherSubset]);
    if (!args.has("gather_timeout") && options.gatherTimeout > 0)
      args.set("gather_timeout", options.gatherTimeout);
    return factsCall(input, args, (data) => {
      if (data.get("failed") === true) return;
      data.delete("invocation");
      const facts = data.get("ansible_facts");
      if (isDict(facts)) facts.set("_ansible_facts_gathered", true);
    });
  },
};

/** setup: the module itself (ansible/plugins/action/normal.py). */
export const setupAction: Action = {
  name: "setup",
  prepare: (input) => factsCall(input, input.args, () => undefined),
};

/** Facts are for templates, not for the screen, even at -v. */
function factsCall(input: ActionInput, args: Dict, complete: (data: Dict) => void): Prepared {
  const { call, sources } = input.invoke("setup", args);
  return {
    kind: "call",
    call,
    sources,
    finish(result) {
      const data = moduleResult(result);
      data.set("_ansible_verbose_override", true);
      complete(data);
      return data;
    },
  };
}
