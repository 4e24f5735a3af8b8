import type { Origin } from "../model/origin.ts";
import type { ActionChoice, Loop, LoopControl, Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { catalogueOf, nextId, type Place, renderName } from "./context.ts";
import { KEYWORDS, type KeywordOwner, pythonType } from "./keywords.ts";
import { defaultsFor } from "./module-defaults.ts";
import { originOf, originOfValue } from "./origins.ts";
import {
  checkKeywords,
  extendScope,
  isIdentifier,
  listOf,
  readConditions,
  readScope,
  type Scope,
} from "./scope.ts";
import { LoadError } from "./source.ts";
import { hasTemplate } from "./splitter.ts";
import { parseTaskAction, shortName, type TaskAction } from "./task-args.ts";

/** A task and the keywords that it gives itself, which includes need apart from what it inherits. */
export interface LoadedTask {
  readonly task: Task;
  readonly own: Scope;
}

/**
 * Builds a task from its mapping at a place: checks its keywords, resolves its action, merges what it inherits.
 *
 * @throws LoadError
 */
export function loadTask(ds: Dict, place: Place): LoadedTask {
  const origin = originOf(ds) ?? { file: place.play.file, line: 1, column: 1 };
  const action = parseTaskAction(ds, origin, (name) => resolveAction(name, place, ds, origin));
  const owner = ownerOf(action.action, place);
  checkTaskKeywords(ds, action, owner, place, origin);
  const own = readScope(ds, owner, origin);
  const scope = extendScope(place.scope, own);
  const resolved = action.resolved?.fqcn ?? action.action;
  const field = (name: string): Value | undefined => scope.fields.get(name) ?? undefined;
  const delegateTo = action.delegateTo ?? field("delegate_to");
  const task: Task = {
    kind: "task",
    id: nextId(place.context),
    origin,
    name: textKeyword(ds, "name", origin),
    action: action.action,
    resolvedAction: resolved,
    modulePath: action.resolved?.modulePath,
    ...pluginOf(action, ds, place),
    ...choiceOf(action, ds, place),
    args: action.args,
    ...defaultsFor(action, scope, place, origin),
    isHandler: place.inHandlers,
    listen: listOf(ds.get("listen")).map(String),
    role: place.role,
    vars: scope.vars,
    ...(scope.includeVars.length === 0 ? {} : { includeVars: scope.includeVars }),
    when: scope.when,
    tags: renderTags(scope.tags, place, origin),
    register: registerName(ds, origin),
    loop: readLoop(ds, place, origin),
    loopControl: readLoopControl(ds, origin),
    until: readConditions(ds, "until", origin),
    retries: ds.get("retries") ?? undefined,
    delay: ds.get("delay") ?? undefined,
    changedWhen: readConditions(ds, "changed_when", origin),
    failedWhen: readConditions(ds, "failed_when", origin),
    ignoreErrors: field("ignore_errors"),
    ignoreUnreachable: field("ignore_unreachable"),
    noLog: field("no_log"),
    runOnce: field("run_once"),
    anyErrorsFatal: field("any_errors_fatal"),
    checkMode: field("check_mode"),
    diff: field("diff"),
    become: field("become"),
    becomeUser: field("become_user"),
    becomeMethod: field("become_method"),
    becomeExe: field("become_exe"),
    becomeFlags: field("become_flags"),
    connection: field("connection"),
    remoteUser: field("remote_user"),
    port: field("port"),
    timeout: field("timeout"),
    throttle: field("throttle"),
    ...debuggerOf(field("debugger")),
    ...asyncOf(ds),
    environment: scope.environment,
    delegateTo: delegateTo ?? undefined,
    delegateFacts: field("delegate_facts"),
    notify: listOf(field("notify")),
  };
  return { task, own };
}

/** Tags that are templates are known before the run, as their tasks may never be reached. A list counts as several tags. */
function renderTags(tags: readonly string[], place: Place, origin: Origin): readonly string[] {
  if (!tags.some(hasTemplate)) return tags;
  const rendered = tags.flatMap((tag) => {
    if (!hasTemplate(tag)) return [tag];
    const text = renderName(tag, place, origin, "tags").trim();
    if (!text.startsWith("[")) return [text];
    return [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? "");
  });
  return [...new Set(rendered)];
}

/** Collections in effect at a place: the task's own, those of the role, those of the blocks and the play. */
export function collectionsAt(place: Place, ds?: Dict): readonly string[] {
  const own = ds?.get("collections") ?? place.scope.fields.get("collections");
  const named = listOf(own).map(String);
  return [...named, ...place.roleCollections, ...place.play.collections];
}

/** A keyword whose value is text. @throws LoadError for lists and mappings. */
export function textKeyword(ds: Dict, name: string, origin: Origin): string | undefined {
  const value = ds.get(name);
  if (value === undefined || value === null) return undefined;
  if (isDict(value) || Array.isArray(value)) {
    throw new LoadError(
      `The field '${name}' is supposed to be a string type, however the incoming data structure is a ${pythonType(value)}`,
      origin,
    );
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "object"
    ? String((value as { text?: string }).text ?? value)
    : String(value);
}

function resolveAction(
  name: string,
  place: Place,
  ds: Dict,
  origin: Origin,
): TaskAction["resolved"] {
  try {
    return catalogueOf(place.context).action(name, searchAt(place, ds));
  } catch (error) {
    if (error instanceof LoadError && error.origin === undefined)
      throw new LoadError(error.detail, origin);
    throw error;
  }
}

/** Where the names of actions are looked up for a task at a place. */
function searchAt(place: Place, ds: Dict): ActionChoice {
  const { role } = place;
  return {
    collections: collectionsAt(place, ds),
    roleDirs: role === undefined ? [] : [role.path, ...role.parents.map(({ path }) => path)],
  };
}

/** Left out of the many tasks that say what their action is. */
function choiceOf({ action }: TaskAction, ds: Dict, place: Place): Pick<Task, "choice"> {
  return hasTemplate(action) ? { choice: searchAt(place, ds) } : {};
}

/** Left out of the many tasks that need none. */
function pluginOf({ resolved }: TaskAction, ds: Dict, place: Place): Pick<Task, "plugin"> {
  const path = resolved?.actionPlugin;
  return path === undefined ? {} : { plugin: { path, collections: collectionsAt(place, ds) } };
}

function ownerOf(action: string, place: Place): KeywordOwner {
  const short = shortName(action);
  if (short === "include_role") return "IncludeRole";
  if (short === "include_tasks") return place.inHandlers ? "HandlerTaskInclude" : "TaskInclude";
  return place.inHandlers ? "Handler" : "Task";
}

function checkTaskKeywords(
  ds: Dict,
  action: TaskAction,
  owner: KeywordOwner,
  place: Place,
  origin: Origin,
): void {
  const hint =
    owner === "Task" || owner === "Handler"
      ? undefined
      : "Put keywords for the included tasks below `apply:`, or use an import.";
  const known = KEYWORDS[owner];
  for (const key of ds.keys()) {
    const name = String(key);
    if (known.has(name) || name === action.action || name === "local_action") continue;
    if (name === "shell" || name === "delegate_to") {
      if (owner === "Task" || owner === "Handler") continue;
    }
    if (name.startsWith("with_") && catalogueOf(place.context).isLookup(name.slice("with_".length)))
      continue;
    checkKeywords(new Map([[key, null]]), owner, origin, hint);
  }
}

/** Left out of the many tasks that have none. */
function debuggerOf(value: Value | undefined): Pick<Task, "debugger"> {
  return value === undefined ? {} : { debugger: value };
}

/** `async` and `poll`; left out of the many tasks that have none. */
function asyncOf(ds: Dict): Pick<Task, "async" | "poll"> {
  const seconds = ds.get("async") ?? undefined;
  return seconds === undefined || seconds === 0
    ? {}
    : { async: seconds, poll: ds.get("poll") ?? undefined };
}

function readLoop(ds: Dict, place: Place, origin: Origin): Loop | undefined {
  let loop: Loop | undefined;
  const value = ds.get("loop");
  if (value !== undefined && value !== null) loop = { lookup: undefined, value };
  for (const [key, items] of ds) {
    if (typeof key !== "string" || !key.startsWith("with_")) continue;
    const lookup = key.slice("with_".length);
    if (!catalogueOf(place.context).isLookup(lookup)) continue;
    if (loop !== undefined)
      throw new LoadError(`duplicate loop in task: ${lookup}`, origin, { kind: "error" });
    if (items === null) throw new LoadError(`you must specify a value when using ${key}`, origin);
    loop = { lookup, value: items };
  }
  return loop;
}

const DEFAULT_LOOP_CONTROL: LoopControl = {
  loopVar: "item",
  indexVar: undefined,
  label: undefined,
  pause: undefined,
  extended: false,
};

function readLoopControl(ds: Dict, origin: Origin): LoopControl {
  const value = ds.get("loop_control");
  if (value === undefined || value === null) return DEFAULT_LOOP_CONTROL;
  const place = originOfValue(ds, "loop_control") ?? origin;
  if (!isDict(value)) {
    throw new LoadError(
      "the `loop_control` value must be specified as a dictionary and cannot be a variable itself (though it can contain variables)",
      place,
    );
  }
  checkKeywords(value, "LoopControl", place);
  const extended = value.get("extended");
  const allItems = value.get("extended_allitems");
  const control: LoopControl = {
    loopVar: textKeyword(value, "loop_var", place) ?? "item",
    indexVar: textKeyword(value, "index_var", place),
    label: value.get("label") ?? undefined,
    pause: value.get("pause") ?? undefined,
    extended: switchOf(extended),
  };
  return allItems === undefined ? control : { ...control, extendedAllItems: switchOf(allItems) };
}

/** A boolean, or the template of one. */
function switchOf(value: Value | undefined): boolean | string {
  return typeof value === "string" && hasTemplate(value) ? value : isTrue(value);
}

/** Ansible's lenient reading of a boolean that stands in a playbook. */
export function isTrue(value: Value | undefined): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value === 1;
  return (
    typeof value === "string" && ["y", "yes", "on", "1", "true", "t"].includes(value.toLowerCase())
  );
}

/** @throws LoadError for a name that no variable can have. */
function registerName(ds: Dict, origin: Origin): string | undefined {
  const name = textKeyword(ds, "register", origin);
  if (name === undefined || isIdentifier(name) || name.includes("{{")) return name;
  throw new LoadError(
    `Invalid variable name in 'register' specified: '${name}'`,
    originOfValue(ds, "register") ?? origin,
    { hint: "A variable's name has letters, digits and underscores.", kind: "error" },
  );
}
