import type { Condition } from "../../model/play.ts";
import { dictOf, type Value } from "../../model/value.ts";
import { UNSAFE_CONDITION } from "../../template/condition.ts";
import { TemplateError } from "../../template/error.ts";
import { isKept, markKept } from "../../template/kept-text.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, done, failed, failedWith } from "./action.ts";

/** debug (ansible/plugins/action/debug.py). */
export const debugAction: Action = {
  name: "debug",
  prepare({ args, unsafeArgs, scope, environment, options, task }) {
    for (const key of args.keys()) {
      if (!["msg", "var", "verbosity"].includes(textOf(key)))
        return failedWith("NoneType: None", `Invalid options for debug: ${textOf(key)}`);
    }
    const verbosity = Number(args.get("verbosity") ?? 0);
    if (Number.isNaN(verbosity)) return failed(`'verbosity' must be a number`);
    if (verbosity > options.verbosity) {
      return done(
        new Map<Value, Value>([
          ["skipped_reason", "Verbosity threshold not met."],
          ["skipped", true],
        ]),
      );
    }
    if (args.has("msg") && args.has("var"))
      return failed("'msg' and 'var' are incompatible options");
    const result = dictOf({ _ansible_verbose_always: true });
    const variable = args.get("var");
    if (variable === undefined) {
      result.set("msg", args.has("msg") ? args.get("msg")! : "Hello world!");
      if (isKept(args, "msg")) markKept(result, "msg");
      return done(result);
    }
    if (typeof variable !== "string") {
      // A list or dict is shown as it is, under the name of its type.
      result.set(Array.isArray(variable) ? "<class 'list'>" : "<class 'dict'>", variable);
      return done(result);
    }
    // The name of a variable may come from a playbook only.
    const isShown = !unsafeArgs.has("var");
    result.set(variable, isShown ? shownValue(variable) : `{{${variable}}}`);
    return done(result);

    function shownValue(name: string): Value {
      try {
        const template = environment.compile(`{{ ${name} }}`, task.origin);
        const value = template.render(scope);
        return value;
      } catch (error) {
        if (error instanceof TemplateError && error.kind === "undefined") {
          return options.verbosity > 0
            ? `VARIABLE IS NOT DEFINED!: ${error.message}`
            : "VARIABLE IS NOT DEFINED!";
        }
        throw error;
      }
    }
  },
};

/** fail (ansible/plugins/action/fail.py). */
export const failAction: Action = {
  name: "fail",
  prepare({ args }) {
    return failed(args.get("msg") ?? "Failed as requested from task");
  },
};

/** assert (ansible/plugins/action/assert.py). */
export const assertAction: Action = {
  name: "assert",
  prepare({ args, unsafeArgs, task, holds }) {
    // Of a list each condition is taken as it is written; text is rendered first.
    const written = task.args.get("that");
    const that = Array.isArray(written) ? written : args.get("that");
    if (that === undefined) return failed('conditional required in "that" string');
    const conditions = Array.isArray(that) ? that : [that];
    const failMsg = args.get("fail_msg") ?? args.get("msg") ?? "Assertion failed";
    const successMsg = args.get("success_msg") ?? "All assertions passed";
    const quiet = isTrue(args.get("quiet") ?? false);
    if (typeof that === "string" && unsafeArgs.has("that"))
      throw new Error(`The conditional check '${that}' failed. The error was: ${UNSAFE_CONDITION}`);
    for (const one of conditions) {
      const source: Condition["source"] = typeof one === "boolean" ? one : textOf(one as Value);
      if (!holds(source)) {
        const result = new Map<Value, Value>();
        if (!quiet) result.set("_ansible_verbose_always", true);
        result.set("failed", true);
        result.set("evaluated_to", false);
        result.set("assertion", one as Value);
        result.set("msg", failMsg);
        return done(result);
      }
    }
    const result = new Map<Value, Value>();
    if (!quiet) result.set("_ansible_verbose_always", true);
    result.set("changed", false);
    result.set("msg", successMsg);
    return done(result);
  },
};
