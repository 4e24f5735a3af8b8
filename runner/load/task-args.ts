import type { Origin } from "../model/origin.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import type { ResolvedAction } from "./collection.ts";
import { NOT_ACTIONS, pythonType } from "./keywords.ts";
import { LoadError } from "./source.ts";
import { hasTemplate, parseKeyValues, SplitError, splitArgs } from "./splitter.ts";

/** What a task does, from any of the ways to write it. */
export interface TaskAction {
  /** As written. */
  readonly action: string;
  readonly args: Dict;
  /** `localhost` for local_action. */
  readonly delegateTo: Value | undefined;
  /** Undefined while names are not resolved (`resolve` not given), and of a template, which names an action when the task is due. */
  readonly resolved: ResolvedAction | undefined;
  /** Written behind `action:` or `local_action:`. */
  readonly isOldStyle: boolean;
}

/**
 * Finds the action of a task and its arguments: `module: k=v`, `module: {...}`, `action:`, `local_action:`,
 * with `args:` below them (`parsing/mod_args.py`).
 *
 * @param task the task's mapping as loaded
 * @param origin the place that messages name
 * @param resolve finds modules; without it, any key that is no keyword is taken for the action
 * @throws LoadError for no action, several actions, unknown actions and malformed arguments
 */
export function parseTaskAction(
  task: Dict,
  origin: Origin,
  resolve?: (name: string) => ResolvedAction | undefined,
): TaskAction {
  const fail = (detail: string, hint?: string): LoadError =>
    new LoadError(detail, origin, hint === undefined ? {} : { hint });
  const guarded = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (error instanceof SplitError) throw new LoadError(error.message, origin, { cause: error });
      throw error;
    }
  };
  const extra = task.get("args");
  let delegateTo = task.get("delegate_to");
  let action: string | undefined;
  let args: Dict = new Map();

  if (task.has("action")) {
    [action, args] = guarded(() => oldStyle(task.get("action") as Value, extra, fail));
  }
  if (task.has("local_action")) {
    if (action !== undefined) throw fail("action and local_action are mutually exclusive");
    delegateTo = "localhost";
    [action, args] = guarded(() => oldStyle(task.get("local_action") as Value, extra, fail));
  }

  const isOldStyle = action !== undefined;
  let resolved: ResolvedAction | undefined;
  let unknown: string | undefined;
  const candidates = [...task.keys()]
    .map(String)
    .filter((name) => !NOT_ACTIONS.has(name) && !name.startsWith("with_"));
  const [one, other] = action === undefined ? candidates : [action, ...candidates];
  if (other !== undefined) {
    throw fail(
      `conflicting action statements: ${one}, ${other}`,
      "A task has one action; a misspelt keyword counts as one.",
    );
  }
  for (const name of candidates) {
    const value = task.get(name) as Value;
    if (resolve !== undefined) {
      const found = resolve(name);
      if (found === undefined) {
        unknown ??= name;
        continue;
      }
      resolved = found;
    }
    action = name;
    args = guarded(() => newStyle(name, value, extra, fail));
  }

  if (action === undefined || action === "") {
    if (unknown === undefined) throw fail("no module/action detected in task.");
    throw unresolved(unknown, origin);
  }
  if (resolve !== undefined && resolved === undefined && !hasTemplate(action)) {
    resolved = resolve(action);
    if (resolved === undefined) throw unresolved(action, origin);
  }
  return { action, args: checkRawParams(action, args, fail), delegateTo, resolved, isOldStyle };
}

/** The name without `ansible.builtin.` or `ansible.legacy.` in front. */
export function shortName(action: string): string {
  return action.replace(/^ansible\.(?:builtin|legacy)\./, "");
}

type Fail = (detail: string) => LoadError;

const COMMAND_MODULES: ReadonlySet<string> = new Set([
  "command",
  "win_command",
  "ansible.windows.win_command",
  "shell",
  "win_shell",
  "ansible.windows.win_shell",
  "raw",
  "script",
]);
const RAW_PARAM_MODULES: ReadonlySet<string> = new Set([
  ...COMMAND_MODULES,
  "include",
  "include_vars",
  "include_tasks",
  "include_role",
  "import_tasks",
  "import_role",
  "add_host",
  "group_by",
  "set_fact",
  "meta",
]);
/** Modules whose `cmd` argument is another way to write the free form. */
const HAVE_CMD: ReadonlySet<string> = new Set(["command", "shell", "script"]);

function isFreeForm(action: string): boolean {
  return COMMAND_MODULES.has(shortName(action));
}

function unresolved(name: string, origin: Origin): LoadError {
  return new LoadError(
    `couldn't resolve module/action '${name}'. This often indicates a misspelling, missing collection, or incorrect module path.`,
    origin,
  );
}

function newStyle(action: string, value: Value, extra: Value | undefined, fail: Fail): Dict {
  const args = additional(extra, fail);
  let own: Dict;
  if (isDict(value)) own = value;
  else if (typeof value === "string") own = parseKeyValues(value, isFreeForm(action));
  else if (value === null) own = new Map();
  else throw fail(`unexpected parameter type in action: ${pythonType(value)}`);
  checkInternal(action, own, fail);
  for (const [key, item] of own) args.set(key, item);
  return args;
}

function oldStyle(value: Value, extra: Value | undefined, fail: Fail): [string | undefined, Dict] {
  const args = additional(extra, fail);
  let action: string | undefined;
  let own: Dict;
  if (isDict(value)) {
    own = new Map(value);
    const module = value.get("module");
    if (module !== undefined) {
      const [name, rest] = splitModule(String(module));
      action = name;
      for (const [key, item] of parseKeyValues(rest, isFreeForm(name))) own.set(key, item);
      own.delete("module");
    } else own = new Map();
  } else if (typeof value === "string") {
    const [name, rest] = splitModule(value);
    action = name;
    own = parseKeyValues(rest, isFreeForm(name));
  } else throw fail(`unexpected parameter type in action: ${pythonType(value)}`);
  const nested = own.get("args");
  if (nested !== undefined && nested !== null) {
    own.delete("args");
    const pairs = typeof nested === "string" ? parseKeyValues(nested) : nested;
    if (isDict(pairs)) for (const [key, item] of pairs) own.set(key, item);
  }
  if (action !== undefined) checkInternal(action, own, fail);
  for (const [key, item] of own) args.set(key, item);
  return [action, args];
}

function splitModule(text: string): [string, string] {
  const words = splitArgs(text);
  return [(words[0] ?? "").trim(), words.slice(1).join(" ")];
}

/** The `args:` of a task: lowest in rank. */
function additional(extra: Value | undefined, fail: Fail): Dict {
  if (extra === undefined || extra === null || extra === "") return new Map();
  if (isDict(extra)) return new Map(extra);
  if (typeof extra !== "string")
    throw fail('Complex args must be a dictionary or variable string ("{{var}}").');
  if (!hasTemplate(extra)) {
    throw fail(
      "Complex args containing variables cannot use bare variables (without Jinja2 delimiters), and must use the full variable style ('{{var_name}}')",
    );
  }
  return new Map([["_variable_params", extra]]);
}

function checkInternal(action: string, args: Dict, fail: Fail): void {
  if (isFreeForm(action)) return;
  for (const key of args.keys()) {
    if (String(key).startsWith("_ansible_"))
      throw fail(`invalid parameter specified for action '${action}': '${String(key)}'`);
  }
}

function checkRawParams(action: string, args: Dict, fail: Fail): Dict {
  const short = shortName(action);
  const raw = args.get("_raw_params");
  if (HAVE_CMD.has(short) && args.has("cmd")) {
    if (raw !== undefined && raw !== "") {
      throw fail(
        "The 'cmd' argument cannot be used when other raw parameters are specified. Please put everything in one or the other place.",
      );
    }
    const moved = new Map(args);
    moved.set("_raw_params", args.get("cmd") as Value);
    moved.delete("cmd");
    return moved;
  }
  if (raw === undefined || raw === "" || RAW_PARAM_MODULES.has(short)) return args;
  if (!hasTemplate(raw)) {
    throw fail(
      `this task '${action}' has extra params, which is only allowed in the following modules: ${[...RAW_PARAM_MODULES].sort().join(", ")}`,
    );
  }
  const moved = new Map(args);
  moved.delete("_raw_params");
  moved.set("_variable_params", raw);
  return moved;
}
