import { define } from "../define.ts";
import { TemplateError, Undefined } from "../error.ts";
import { ansibleError, lookupError } from "../lookup-call.ts";
import { compileRegex } from "../py-regex.ts";
import { pyStr } from "../py-repr.ts";
import { type Callable, typeName } from "../py-types.ts";
import { MISSING, type Run } from "../run.ts";
import { attribute, item } from "../runtime.ts";

/** Lookups of variables, environment and inventory. */
export const VALUE_LOOKUPS: Readonly<Record<string, Callable>> = {
  vars: define("terms default?", (run, terms, otherwise = null) =>
    (terms as unknown[]).map((term) => variable(run, term, otherwise)),
  ),
  varnames: define("terms", (run, terms) =>
    (terms as unknown[]).flatMap((term) => variableNames(run, term)),
  ),
  env: define("terms default?", (run, terms, otherwise = "") =>
    (terms as unknown[]).map((term) => environmentVariable(run, pyStr(term), otherwise)),
  ),
  inventory_hostnames: define("terms", (run, terms) => {
    const { inventoryHostnames } = run.scope.context;
    if (inventoryHostnames === undefined)
      throw lookupError(
        "the lookup 'inventory_hostnames' needs an inventory, and there is none here",
      );
    return [...inventoryHostnames((terms as unknown[]).map(pyStr).join(","))];
  }),
  config: define("terms **kwargs", () => {
    throw lookupError(
      "the lookup 'config' is not supported; write the setting into a variable of the play",
    );
  }),
};

function variable(run: Run, term: unknown, otherwise: unknown): unknown {
  if (typeof term !== "string") {
    throw ansibleError(
      `Invalid setting identifier, "${pyStr(term)}" is not a string, its a <class '${typeName(term)}'>`,
    );
  }
  const { scope } = run;
  try {
    // Lookups do not see what a template has set.
    const value = scope.around === undefined ? scope.get(term) : scope.around(term);
    if (value instanceof Undefined) value.fail();
    if (value !== MISSING && value !== undefined) return value;
    const host = scope.get("inventory_hostname");
    const hostvars = scope.get("hostvars");
    if (host !== MISSING && hostvars !== MISSING) {
      const found = attribute(item(hostvars, host), term);
      if (!(found instanceof Undefined)) return found;
    }
    throw new TemplateError("undefined", `No variable found with this name: ${term}`);
  } catch (error) {
    if (TemplateError.from(error).kind === "undefined" && otherwise !== null) return otherwise;
    throw error;
  }
}

function variableNames(run: Run, term: unknown): string[] {
  if (typeof term !== "string") {
    throw ansibleError(
      `Invalid setting identifier, "${pyStr(term)}" is not a string, it is a <class '${typeName(term)}'>`,
    );
  }
  const { scopeVars } = run.scope.context;
  if (scopeVars === undefined) throw ansibleError("No variables available to search");
  let regex: RegExp;
  try {
    regex = compileRegex(term);
  } catch (error) {
    throw ansibleError(
      `Unable to use "${term}" as a search parameter: ${TemplateError.from(error).message}`,
    );
  }
  return [...scopeVars()].filter((name) => {
    regex.lastIndex = 0;
    return regex.test(name);
  });
}

function environmentVariable(run: Run, term: string, otherwise: unknown): unknown {
  const [name = ""] = term.trim().split(/\s+/);
  const value = run.engine.outside.env(name) ?? otherwise;
  if (value instanceof Undefined) {
    throw new TemplateError("undefined", `The "env" lookup, found an undefined variable: ${name}`);
  }
  return value;
}
