import { isDict, type Value } from "../../model/value.ts";
import { textOf } from "../values.ts";
import type { Action, ActionInput } from "./action.ts";
import { moduleCall } from "./module.ts";

/** yum (ansible/plugins/action/yum.py): the module of whichever yum the host has; where that is not known, the plugin finds out. */
export const yumAction: Action = {
  name: "yum",
  prepare(input) {
    const { use, use_backend: backend, ...rest } = Object.fromEntries(input.args) as Fields;
    const module = MODULES.get(textOf(use ?? backend ?? factOf(input) ?? ""));
    if (module === undefined || (use !== undefined && backend !== undefined))
      return { kind: "plugin", input };
    return moduleCall(input, module, new Map(Object.entries(rest)));
  },
};

type Fields = Record<string, Value>;

const MODULES: ReadonlyMap<string, string> = new Map([
  ["yum", "yum"],
  ["yum4", "dnf"],
  ["dnf", "dnf"],
]);

/** A delegate's is the plugin's affair. */
function factOf({ task, scope }: ActionInput): Value | undefined {
  if (task.delegateTo !== undefined && task.delegateTo !== null) return undefined;
  const facts = scope.get("ansible_facts");
  return isDict(facts) ? facts.get("pkg_mgr") : undefined;
}
