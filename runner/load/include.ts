import { dirname } from "node:path";
import type { Block, Role, Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { type LoadContext, type Place, placeOfTask, readYamlFile, renderName } from "./context.ts";
import { flatten } from "./flatten.ts";
import { findIncludedFile } from "./include-path.ts";
import { loadNodes, wrapNodes } from "./nodes.ts";
import { originOf } from "./origins.ts";
import { includeUse, loadRole } from "./role.ts";
import { checkKeywords, EMPTY_SCOPE, extendScope, readScope, type Scope } from "./scope.ts";
import { LoadError } from "./source.ts";
import { wrapUnsafe } from "./wrap-unsafe.ts";

/** What a run-time include adds to what its tasks inherit. */
export interface IncludeOptions {
  /** The loop variable and the like; above the include's own vars. */
  readonly vars?: Dict;
  /** Keywords below `apply:`. Those of the include task count when this is absent. */
  readonly apply?: Dict | undefined;
}

/** A role loaded while a play runs. */
export interface IncludedRole {
  readonly block: Block;
  readonly role: Role;
  readonly handlers: readonly Task[];
}

/**
 * Tasks of a file for an include_tasks that is due. They inherit from the blocks around the include, not
 * from the include itself, whose tags and conditions were its own; its vars and `apply:` are theirs.
 *
 * @param file as found by `resolveIncludePath`
 * @param parent the include, as loaded by `loadPlaybook` (of any copy of it, the id counts)
 * @throws LoadError. Behaviour: `playbook/included_file.py`, `plugins/strategy/__init__.py`, `playbook/task_include.py`.
 */
export function loadIncludedTasks(
  file: string,
  parent: Task,
  context: LoadContext,
  options: IncludeOptions = {},
): Block {
  const place = includedPlace(parent, context, options);
  const origin = { file, line: 1, column: 1 };
  const data = readYamlFile(context, file, parent.origin);
  if (data !== null && !Array.isArray(data)) {
    throw new LoadError(
      "included task files must contain a list of tasks",
      originOf(data) ?? origin,
      { kind: "error" },
    );
  }
  const inner: Place = {
    ...place,
    inBlock: false,
    includeDirs: [dirname(writtenName(parent)), ...place.includeDirs],
  };
  const nodes = loadNodes(data, inner, origin, `the file ${file}`);
  return wrapNodes(place.inHandlers ? flatten(nodes) : nodes, place, origin);
}

/** Whether a file of tasks says nothing at all; an empty list is something. */
export function isEmptyFile(file: string, context: LoadContext): boolean {
  return readYamlFile(context, file) === null;
}

/**
 * The role of an include_role that is due. Its `apply:` is taken from the arguments.
 *
 * @param roleArgs the include's arguments with their templates rendered
 * @throws LoadError when the role is not there or cannot be loaded
 */
export function loadIncludedRole(
  parent: Task,
  roleArgs: Dict,
  context: LoadContext,
  options: IncludeOptions = {},
): IncludedRole {
  const apply = roleArgs.get("apply");
  const place = includedPlace(parent, context, {
    ...options,
    apply: options.apply ?? (isDict(apply) ? apply : undefined),
  });
  const name = roleArgs.get("name") ?? roleArgs.get("role");
  if (typeof name !== "string" || name === "")
    throw new LoadError(`'name' is a required field for ${parent.action}.`, parent.origin);
  const rendered = renderName(name, place, parent.origin, "role name");
  const loaded = loadRole(
    { ...includeUse(parent, rendered, roleArgs, place), vars: ownVars(parent) },
    place,
  );
  return {
    block: wrapNodes(loaded.nodes, { ...place, role: loaded.role }, parent.origin),
    role: loaded.role,
    handlers: loaded.handlers,
  };
}

/**
 * The file that an include_tasks means, by Ansible's search (`playbook/included_file.py`).
 *
 * @param name the rendered name
 * @param playbookDir where the search ends for tasks outside of roles; that of the play when left out
 */
export function resolveIncludePath(
  name: string,
  parent: Task,
  context: LoadContext,
  playbookDir?: string,
): string {
  const place = placeOfTask(context, parent.id);
  const play = playbookDir === undefined ? place.play : { ...place.play, basedir: playbookDir };
  return findIncludedFile(name, { ...place, play, inHandlers: parent.isHandler });
}

function includedPlace(parent: Task, context: LoadContext, options: IncludeOptions): Place {
  const around = placeOfTask(context, parent.id);
  const vars = [
    ...parent.vars.slice(around.scope.vars.length),
    // Loop variables are final values, which may have come from a target: they are never rendered.
    ...(options.vars === undefined ? [] : [wrapUnsafe(options.vars) as Dict]),
  ];
  let scope: Scope = extendScope(around.scope, { ...EMPTY_SCOPE, vars, includeVars: vars });
  const apply = options.apply ?? parent.args.get("apply");
  if (isDict(apply)) {
    checkKeywords(apply, "Block", parent.origin);
    scope = extendScope(scope, readScope(apply, "Block", parent.origin));
  }
  // Roles included at run time do not become roles of the play: its list stays as it was.
  return {
    ...around,
    scope,
    allStatic: false,
    play: { ...around.play, roles: [...around.play.roles], importedHandlers: [] },
  };
}

function writtenName(parent: Task): string {
  const name: Value | undefined = parent.args.get("_raw_params") ?? parent.args.get("file");
  return typeof name === "string" ? name : "";
}

function ownVars(parent: Task): Dict {
  return parent.vars.at(-1) ?? new Map();
}
