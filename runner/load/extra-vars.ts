import { isAbsolute, join } from "node:path";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { combineInto } from "../vars/combine.ts";
import { LoadError, readText } from "./source.ts";
import { parseKeyValues, SplitError } from "./splitter.ts";
import { parseYaml } from "./yaml.ts";

export interface ExtraVarsOptions {
  /** Where relative files start from. */
  readonly cwd: string;
  /** Whether dicts of the same name become one (hash_behaviour). */
  readonly merge: boolean;
}

/**
 * The variables of all -e options, later ones first in rank: `key=value ...`, JSON or YAML text that
 * starts with `{` or `[`, or `@file` (`utils/vars.py`).
 *
 * @throws LoadError for files that cannot be read and for data that is no mapping.
 */
export function loadExtraVars(options: readonly string[], { cwd, merge }: ExtraVarsOptions): Dict {
  const vars: Dict = new Map();
  for (const option of options) {
    if (option === "") continue;
    const data = parseOption(option, cwd);
    if (!isDict(data)) {
      throw new LoadError(
        `Invalid extra vars data supplied. '${option}' could not be made into a dictionary`,
      );
    }
    combineInto(vars, data, merge);
  }
  return vars;
}

function parseOption(option: string, cwd: string): Value {
  const first = option[0];
  if (first === "@") {
    const file = isAbsolute(option.slice(1)) ? option.slice(1) : join(cwd, option.slice(1));
    return parseYaml(readText(file), file);
  }
  if (first === "/" || first === ".") {
    throw new LoadError(`Please prepend extra_vars filename '${option}' with '@'`);
  }
  if (first === "[" || first === "{") return parseYaml(option, "<string>");
  try {
    return parseKeyValues(option);
  } catch (error) {
    if (error instanceof SplitError)
      throw new LoadError(error.message, undefined, { cause: error });
    throw error;
  }
}
