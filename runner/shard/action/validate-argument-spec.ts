import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { MISSING } from "../../template/environment.ts";
import { pyStr } from "../../template/py-repr.ts";
import { pythonClass } from "../argument-spec/convert.ts";
import { validateArguments } from "../argument-spec/validate.ts";
import { TaskError } from "../task-error.ts";
import { type Action, done, failed } from "./action.ts";

/** validate_argument_spec (ansible/plugins/action/validate_argument_spec.py). */
export const validateArgumentSpecAction: Action = {
  name: "validate_argument_spec",
  prepare({ args, scope, task }) {
    const context = args.get("validate_args_context") ?? new Map();
    const spec = args.get("argument_spec");
    if (spec === undefined)
      throw new TaskError(`"argument_spec" arg is required in args: ${pyStr(args)}`);
    if (!isDict(spec)) throw wrongType("argument_spec", spec, task.args.get("argument_spec"));
    const provided = args.get("provided_arguments") ?? new Map();
    if (!isDict(provided))
      throw wrongType("provided_arguments", provided, task.args.get("provided_arguments"));
    const written = task.args.get("provided_arguments");
    const values: Dict = new Map();
    const literal = new Set<string>();
    const note = (name: string, raw: unknown): void => {
      if (!hasTemplate(raw)) literal.add(name);
    };
    for (const name of spec.keys()) {
      if (typeof name !== "string") continue;
      const value = scope.get(name);
      if (value === MISSING) continue;
      values.set(name, value as Value);
      note(name, scope.raw(name));
    }
    for (const [name, value] of provided) {
      values.set(name, value);
      note(String(name), isDict(written) ? written.get(name) : "{{");
    }
    const errors = validateArguments(spec, values, (name) => literal.has(name));
    if (errors.length > 0) {
      return failed(
        `Validation of arguments failed:\n${errors.join("\n")}`,
        dictOf({
          argument_errors: [...errors],
          argument_spec_data: spec,
          validate_args_context: context,
        }),
      );
    }
    return done(
      dictOf({
        changed: false,
        msg: "The arg spec validation passed",
        validate_args_context: context,
      }),
    );
  },
};

function wrongType(name: string, value: Value, written: Value | undefined): TaskError {
  const type = pythonClass(value, !hasTemplate(written));
  return new TaskError(`Incorrect type for ${name}, expected dict and got ${type}`);
}

function hasTemplate(value: unknown): boolean {
  if (typeof value === "string") return /\{[{%]/.test(value);
  if (Array.isArray(value)) return value.some(hasTemplate);
  return isDict(value) && [...value.values()].some(hasTemplate);
}
