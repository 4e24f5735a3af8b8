import { type Dict, isDict, type Value } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import type { Action, ActionInput, Prepared } from "./action.ts";
import { type FactModule, factModulesOf } from "./fact-modules.ts";

/** gather_facts: the setup module with the play's subset, or the modules that the settings name (ansible/plugins/action/gather_facts.py). */
export const gatherFactsAction: Action = {
  name: "gather_facts",
  prepare(input) {
    const args = gatherArguments(input);
    args.delete("parallel");
    const modules = factModulesOf(input);
    const [only] = modules;
    if (modules.length === 1 && only?.isSetup === true) {
      return factsCall(input, new Map([...only.defaults, ...args]), (data) => {
        if (data.get("failed") === true) return;
        data.delete("invocation");
        const facts = data.get("ansible_facts");
        if (isDict(facts)) facts.set("_ansible_facts_gathered", true);
      });
    }
    return severalModules(input, modules, args);
  },
};

/** The arguments of gather_facts; what they leave open, the settings say. */
export function gatherArguments({ args: given, options }: ActionInput): Dict {
  const args: Dict = new Map(given);
  if (!args.has("gather_subset") && options.gatherSubset.length > 0)
    args.set("gather_subset", [...options.gatherSubset]);
  if (!args.has("gather_timeout") && options.gatherTimeout > 0)
    args.set("gather_timeout", options.gatherTimeout);
  return args;
}

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

/** Runs each module in turn; what they find is merged, later ones over earlier ones, lists appended. */
function severalModules(input: ActionInput, modules: readonly FactModule[], args: Dict): Prepared {
  const calls = modules.map(({ name, isSetup, path, defaults }) => {
    const own: Dict = new Map(args);
    if (!isSetup) for (const key of SETUP_ARGUMENTS) own.delete(key);
    return input.invoke(name, new Map([...defaults, ...own]), undefined, path);
  });
  return {
    kind: "steps",
    async run(io) {
      const data: Dict = new Map<Value, Value>([
        ["changed", false],
        ["ansible_facts", new Map()],
      ]);
      const failed: Dict = new Map();
      for (const [index, call] of calls.entries()) {
        const [answer] = await io.batch([call], false);
        const result = moduleResult(answer!);
        if (isTrue(result.get("failed"))) failed.set(modules[index]!.name, result);
        else merge(data, result);
      }
      if (failed.size > 0) {
        const names = [...failed.keys()].map(textOf).join(", ");
        data.set("failed", true);
        data.set("msg", `The following modules failed to execute: ${names}\n`);
        data.set("failed_modules", failed);
      }
      (data.get("ansible_facts") as Dict).set("_ansible_facts_gathered", true);
      data.set("_ansible_verbose_override", true);
      return data;
    },
  };
}

/** What only the setup module takes. */
const SETUP_ARGUMENTS = ["gather_subset", "gather_timeout", "filter"];

function merge(data: Dict, result: Dict): void {
  for (const key of ["ansible_facts", "warnings", "deprecations"]) {
    const found = result.get(key);
    if (found !== undefined) data.set(key, merged(data.get(key), found));
  }
}

/** Dicts together; of lists, those items of the later one that are new stand behind (`append_rp` of ansible/utils/vars.py). */
function merged(base: Value | undefined, over: Value): Value {
  if (isDict(base) && isDict(over)) {
    const both: Dict = new Map(base);
    for (const [key, value] of over) both.set(key, merged(base.get(key), value));
    return both;
  }
  if (Array.isArray(base) && Array.isArray(over))
    return [...base.filter((item) => !over.includes(item)), ...over];
  return over;
}
