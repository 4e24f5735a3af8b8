import type { Dict, Value } from "../../model/value.ts";
import { isTrue, textOf } from "../values.ts";
import { withoutTuples } from "../without-tuples.ts";
import { type Action, done, failed } from "./action.ts";

/** set_fact (ansible/plugins/action/set_fact.py). */
export const setFactAction: Action = {
  name: "set_fact",
  prepare({ args, options, unsafeArgs }) {
    const facts: Dict = new Map();
    const trusted = new Set<Value>();
    const cacheable = isTrue(args.get("cacheable") ?? false);
    for (const [key, value] of args) {
      if (key === "cacheable") continue;
      const name = textOf(key);
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        return failed(
          `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
        );
      }
      facts.set(name, withoutTuples(options.jinja2Native ? value : asBoolean(value)));
      if (!unsafeArgs.has(key)) trusted.add(name);
    }
    if (facts.size === 0)
      return failed(
        "No key/value pairs provided, at least one is required for this action to succeed",
      );
    const result = new Map<Value, Value>([
      ["ansible_facts", facts],
      ["_ansible_facts_cacheable", cacheable],
      ["changed", false],
    ]);
    return done(result, { set: facts, trusted, ...(cacheable ? { facts } : {}) });
  },
};

/** Text that says yes or no becomes a boolean, as without jinja2_native. */
function asBoolean(value: Value): Value {
  if (typeof value !== "string") return value;
  const word = value.toLowerCase();
  if (word === "true" || word === "yes") return true;
  if (word === "false" || word === "no") return false;
  return value;
}
