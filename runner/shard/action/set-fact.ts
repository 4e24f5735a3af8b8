import { type Dict, isDict, type Value } from "../../model/value.ts";
import type { Environment } from "../../template/environment.ts";
import { isTrue, textOf } from "../values.ts";
import { withoutTuples } from "../without-tuples.ts";
import { type Action, done, failed } from "./action.ts";

/**
 * set_fact (ansible/plugins/action/set_fact.py). Text of the playbook's own that holds a template once more, as what `hostvars` could
 * not render, is rendered where it is read; nothing that came from outside is.
 */
export const setFactAction: Action = {
  name: "set_fact",
  prepare({ args, environment, options, unsafeArgs }) {
    const facts: Dict = new Map();
    const trusted = new Set<Value>();
    const templates = new Set<Value>();
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
      if (unsafeArgs.has(key)) continue;
      trusted.add(name);
      if (holdsTemplate(value, environment)) templates.add(name);
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
    return done(result, { set: facts, trusted, templates, ...(cacheable ? { facts } : {}) });
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

/** Whether any text in a value is a template. */
export function holdsTemplate(value: Value, environment: Pick<Environment, "isTemplate">): boolean {
  if (typeof value === "string") return value.includes("{") && environment.isTemplate(value);
  if (Array.isArray(value)) return value.some((item) => holdsTemplate(item, environment));
  if (!isDict(value)) return false;
  for (const item of value.values()) if (holdsTemplate(item, environment)) return true;
  return false;
}
