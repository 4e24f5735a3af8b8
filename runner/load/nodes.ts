import { dirname } from "node:path";
import type { Origin } from "../model/origin.ts";
import type { Block, Node, Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { pyStr } from "../template/py-repr.ts";
import {
  deprecate,
  nextId,
  type Place,
  readYamlFile,
  rememberPlace,
  renderName,
} from "./context.ts";
import { flatten } from "./flatten.ts";
import { findIncludedFile } from "./include-path.ts";
import { pythonType } from "./keywords.ts";
import { originOf } from "./origins.ts";
import { checkRoleArgs, loadImportedRole } from "./role.ts";
import { checkKeywords, extendScope, readScope, type Scope } from "./scope.ts";
import { LoadError } from "./source.ts";
import { hasTemplate } from "./splitter.ts";
import { loadTask, textKeyword } from "./task.ts";
import { shortName } from "./task-args.ts";

/**
 * Tasks and blocks from a list, with static imports replaced by what they name (`playbook/helpers.py`).
 *
 * @param what what holds the list, for messages: `tasks`, `block`, a file
 * @throws LoadError
 */
export function loadNodes(
  ds: Value | undefined,
  place: Place,
  origin: Origin,
  what: string,
): Node[] {
  if (ds === undefined || ds === null) return [];
  if (!Array.isArray(ds)) {
    throw new LoadError(
      `A malformed block was encountered while loading ${what}: ${pyStr(ds)} should be a list or None but is ${pythonType(ds)}`,
      origin,
    );
  }
  const nodes: Node[] = [];
  for (const [index, item] of ds.entries()) {
    if (item === null) continue;
    const at = originOf(item) ?? originOf(ds) ?? origin;
    if (!isDict(item)) {
      throw new LoadError(
        `A malformed block was encountered while loading ${what}: item ${index + 1} is no task`,
        at,
        {
          hint: "A task is a mapping, e.g. `- ansible.builtin.ping:`.",
        },
      );
    }
    for (const node of loadNode(item, place, at)) nodes.push(node);
  }
  return nodes;
}

/** A block around nodes that are no block in the playbook: sections, included files. */
export function wrapNodes(children: readonly Node[], place: Place, origin: Origin): Block {
  return {
    kind: "block",
    id: nextId(place.context),
    origin,
    name: undefined,
    children,
    rescue: [],
    always: [],
    role: place.role,
  };
}

function loadNode(ds: Dict, place: Place, origin: Origin): Node[] {
  if (ds.has("block") || ds.has("rescue") || ds.has("always"))
    return [loadBlock(ds, place, origin)];
  const { task, own } = loadTask(ds, place);
  switch (shortName(task.resolvedAction)) {
    case "import_tasks":
      return importTasks(task, own, place);
    case "include_tasks":
      checkIncludeArgs(task);
      return [dynamicInclude(withFile(task), place)];
    case "include":
      return legacyInclude(task, own, place);
    case "import_role":
      if (place.inHandlers)
        throw new LoadError(`Using '${task.action}' as a handler is not supported.`, origin);
      return loadImportedRole(task, own, place);
    case "include_role":
      if (place.inHandlers)
        throw new LoadError(`Using '${task.action}' as a handler is not supported.`, origin);
      checkRoleArgs(task);
      return [dynamicInclude(namedAfterRole(task), place)];
    default:
      return [task];
  }
}

function loadBlock(ds: Dict, place: Place, origin: Origin): Block {
  checkKeywords(ds, "Block", origin);
  if (place.inHandlers) checkHandlerBlock(ds, place, origin);
  for (const part of ["rescue", "always"]) {
    const value = ds.get(part);
    const filled = Array.isArray(value) && value.length > 0;
    if (filled && !ds.has("block"))
      throw new LoadError(`'${part}' keyword cannot be used without 'block'`, origin);
  }
  const inner: Place = {
    ...place,
    inBlock: true,
    scope: extendScope(place.scope, readScope(ds, "Block", origin)),
  };
  return {
    kind: "block",
    id: nextId(place.context),
    origin,
    name: textKeyword(ds, "name", origin),
    children: loadNodes(ds.get("block"), inner, origin, "a block"),
    rescue: loadNodes(ds.get("rescue"), inner, origin, "rescue."),
    always: loadNodes(ds.get("always"), inner, origin, "always"),
    role: place.role,
  };
}

/** A block among handlers only shares keywords: Ansible takes no nested ones, and forgets about rescue and always. */
function checkHandlerBlock(ds: Dict, place: Place, origin: Origin): void {
  if (place.inBlock) throw new LoadError("Using a block as a handler is not supported.", origin);
  const part = ["rescue", "always"].find((name) => ds.has(name));
  if (part !== undefined)
    throw new LoadError(`'${part}' has no effect in a block of handlers`, origin, {
      hint: "Remove it.",
    });
}

/** Tasks of an imported file inherit all keywords of the import. */
function importTasks(task: Task, own: Scope, place: Place): Node[] {
  if (task.loop !== undefined) {
    throw new LoadError(
      "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.",
      task.origin,
    );
  }
  checkIncludeArgs(task);
  return importFile(fileOf(task), task, own, place);
}

/** `include:` is static when nothing in it or above it has to wait for the run. */
function legacyInclude(task: Task, own: Scope, place: Place): Node[] {
  deprecate(
    place.context,
    '"include" is deprecated, use include_tasks/import_tasks instead. See https://docs.ansible.com/ansible-core/2.14/user_guide/playbooks_reuse_includes.html for details. This feature will be removed in version 2.16. Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.',
  );
  const file = fileOf(task);
  // Other arguments of an include are variables of its tasks.
  const params = new Map(
    [...task.args].filter(([key]) => !["_raw_params", "file", "apply"].includes(String(key))),
  );
  const vars = params.size === 0 ? own.vars : [...own.vars, params];
  // Static or not, its `vars` outrank facts, its arguments do not (get_include_params of `playbook/task_include.py`).
  const scope: Scope = { ...own, vars, includeVars: own.vars };
  if (!hasTemplate(file) && place.allStatic && task.loop === undefined)
    return importFile(file, task, scope, place);
  return [
    dynamicInclude(
      { ...withFile(task), vars: params.size === 0 ? task.vars : [...task.vars, params] },
      place,
    ),
  ];
}

function importFile(name: string, task: Task, own: Scope, place: Place): Node[] {
  const scope = extendScope(place.scope, own);
  const rendered = renderName(name, { ...place, scope }, task.origin, "import path");
  const file = findIncludedFile(rendered, place);
  const data = readYamlFile(place.context, file, task.origin);
  if (isEmpty(data)) {
    place.context.warn(`file ${file} is empty and had no tasks to include`);
    return [];
  }
  if (!Array.isArray(data)) {
    throw new LoadError(
      "included task files must contain a list of tasks",
      originOf(data) ?? { file, line: 1, column: 1 },
    );
  }
  const inner: Place = {
    ...place,
    scope,
    inBlock: false,
    includeDirs: [dirname(rendered), ...place.includeDirs],
  };
  const nodes = loadNodes(data, inner, { file, line: 1, column: 1 }, `the file ${file}`);
  return place.inHandlers ? flatten(nodes) : nodes;
}

/** An include that waits for the run keeps the place from which its tasks will inherit. */
function dynamicInclude(task: Task, place: Place): Task {
  rememberPlace(place.context, task.id, place);
  return task;
}

function fileOf(task: Task): string {
  const file = task.args.get("_raw_params") ?? task.args.get("file");
  if (file === undefined || file === null || file === "") {
    throw new LoadError(`No file specified for ${task.action}`, task.origin, {
      hint: `Write \`${task.action}: FILE.yml\`.`,
    });
  }
  return String(file);
}

/** `file:` and the free form are one. */
function withFile(task: Task): Task {
  const args = new Map(task.args);
  args.set("_raw_params", fileOf(task));
  args.delete("file");
  return { ...task, args };
}

function checkIncludeArgs(task: Task): void {
  const unknown = [...task.args.keys()]
    .map(String)
    .filter((key) => !["file", "_raw_params", "apply"].includes(key));
  if (unknown.length > 0)
    throw new LoadError(`Invalid options for ${task.action}: ${unknown.join(",")}`, task.origin);
  const apply = task.args.get("apply");
  if (apply === undefined) return;
  if (shortName(task.action) === "import_tasks")
    throw new LoadError(`Invalid options for ${task.action}: apply`, task.origin);
  if (!isDict(apply)) throw new LoadError("Expected a dict for apply", task.origin);
}

/** Without a name of its own, an include of a role is shown by the role's. */
function namedAfterRole(task: Task): Task {
  const role = task.args.get("name") ?? task.args.get("role");
  if (task.name !== undefined && task.name !== "") return task;
  return { ...task, name: `${task.action} : ${String(role)}`, isNamed: false };
}

function isEmpty(data: Value): boolean {
  return (
    data === null ||
    (Array.isArray(data) && data.length === 0) ||
    (isDict(data) && data.size === 0) ||
    data === ""
  );
}
