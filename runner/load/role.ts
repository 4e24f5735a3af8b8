import { basename, dirname, join } from "node:path";
import type { Origin } from "../model/origin.ts";
import type { Node, Role, Task } from "../model/play.ts";
import { type Dict, dictOf, isDict, type Value } from "../model/value.ts";
import {
  addPluginDir,
  catalogueOf,
  nextId,
  type Place,
  readYamlFile,
  renderName,
} from "./context.ts";
import { exists } from "./file-kind.ts";
import { flatten } from "./flatten.ts";
import { KEYWORDS, pythonType } from "./keywords.ts";
import { originOf, originOfValue } from "./origins.ts";
import { expandPath } from "./path.ts";
import { type RoleMeta, readMeta, roleFile, roleFiles } from "./role-files.ts";
import { EMPTY_SCOPE, extendScope, readScope, type Scope } from "./scope.ts";
import { LoadError } from "./source.ts";
import { isTrue } from "./task.ts";

/** A use of a role with what it runs, dependencies first. */
export interface LoadedRole {
  readonly role: Role;
  readonly nodes: readonly Node[];
  readonly handlers: readonly Task[];
}

/** Names of files given with tasks_from, vars_from, defaults_from, handlers_from. */
export type FromFiles = Readonly<
  Partial<Record<"tasks" | "vars" | "defaults" | "handlers", string>>
>;

/** How a role is used. */
export interface RoleUse {
  readonly name: string;
  readonly origin: Origin;
  /** Keywords given at the use. */
  readonly own: Scope;
  readonly params: Dict;
  /** `vars:` of the use: below the role's own vars in rank. */
  readonly vars: Dict;
  readonly from: FromFiles;
  /** Roles that lead to this one, outermost first. */
  readonly parents: readonly Role[];
  /** Set for import_role and include_role: they say themselves whether the role may run again. */
  readonly included:
    | { readonly allowDuplicates: boolean; readonly validate: boolean; readonly isPrivate: boolean }
    | undefined;
  /** Where the role that depends on this one lives. */
  readonly beside: string | undefined;
}

/**
 * The roles of a `roles:` list or of a role's dependencies.
 *
 * @throws LoadError
 */
export function loadRoleList(
  ds: Value | undefined,
  place: Place,
  origin: Origin,
  parent?: Role,
): LoadedRole[] {
  if (ds === undefined || ds === null) return [];
  if (!Array.isArray(ds)) {
    throw new LoadError(
      parent === undefined
        ? "A malformed role declaration was encountered."
        : "Expected role dependencies to be a list.",
      origin,
    );
  }
  return ds.map((entry, index) => {
    const at = originOf(entry) ?? originOfValue(ds, index) ?? origin;
    return loadRole(readUse(entry, place, at, parent), place);
  });
}

/**
 * What import_role and include_role take, which both say before anything runs (`load` of `playbook/role_include.py`).
 *
 * @throws LoadError for options that they do not have and for names and keywords of the wrong type
 */
export function checkRoleArgs(task: Task): void {
  const { args, action, origin } = task;
  const name = args.get("name") ?? args.get("role");
  if (name === undefined || name === null || name === "") throw noRole(task);
  const isInclude = task.resolvedAction === "ansible.builtin.include_role";
  const unknown = [...args.keys()].map(String).filter((key) => !ROLE_OPTIONS.has(key));
  if (args.has("apply") && !isInclude) unknown.push("apply");
  if (unknown.length > 0)
    throw new LoadError(`Invalid options for ${action}: ${unknown.join(",")}`, origin);
  for (const kind of ["tasks", "vars", "defaults", "handlers"]) {
    const value = args.get(`${kind}_from`) ?? undefined;
    if (value === undefined || typeof value === "string") continue;
    throw new LoadError(
      `Expected a string for ${kind}_from but got ${pythonType(value)} instead`,
      origin,
    );
  }
  const apply = args.get("apply") ?? undefined;
  if (apply === undefined || isDict(apply)) return;
  throw new LoadError(`Expected a dict for apply but got ${pythonType(apply)} instead`, origin);
}

const ROLE_OPTIONS: ReadonlySet<string> = new Set([
  "name",
  "role",
  "tasks_from",
  "vars_from",
  "defaults_from",
  "handlers_from",
  "allow_duplicates",
  "rolespec_validate",
  "public",
  "apply",
]);

function noRole({ action, origin }: Task): LoadError {
  return new LoadError(`'name' is a required field for ${action}.`, origin);
}

/** Roles of import_role: they run in place, and inherit every keyword of the import. */
export function loadImportedRole(task: Task, own: Scope, place: Place): Node[] {
  if (task.loop !== undefined) {
    throw new LoadError(
      "You cannot use loops on 'import_role' statements. You should use 'include_role' instead.",
      task.origin,
    );
  }
  const inner: Place = { ...place, scope: extendScope(place.scope, own) };
  const name = task.args.get("name") ?? task.args.get("role");
  if (typeof name !== "string" || name === "") throw noRole(task);
  checkRoleArgs(task);
  const loaded = loadRole(
    {
      ...includeUse(task, renderName(name, inner, task.origin, "role name"), task.args, inner),
      vars: own.vars[0] ?? new Map(),
    },
    inner,
  );
  place.play.importedHandlers.push(...loaded.handlers);
  return [...loaded.nodes];
}

/**
 * How import_role and include_role use a role.
 *
 * @param args of an include, as rendered; its names of files may lead into folders, those of an import are taken without them
 */
export function includeUse(task: Task, name: string, args: Dict, place: Place): RoleUse {
  const dynamic = task.resolvedAction === "ansible.builtin.include_role";
  const from: Record<string, string> = {};
  for (const kind of ["tasks", "vars", "defaults", "handlers"]) {
    const value = args.get(`${kind}_from`);
    if (value === undefined || value === null) continue;
    const file = renderName(String(value), place, task.origin, `${kind}_from`);
    from[kind] = dynamic ? file : basename(file);
  }
  const allow = args.get("allow_duplicates");
  const validate = args.get("rolespec_validate");
  return {
    name,
    origin: task.origin,
    own: EMPTY_SCOPE,
    params: new Map(),
    vars: new Map(),
    from,
    parents: place.role === undefined ? [] : [...place.role.parents, place.role],
    included: {
      allowDuplicates: allow === undefined || isTrue(allow),
      validate: validate === undefined || isTrue(validate),
      isPrivate: dynamic && !isTrue(args.get("public")),
    },
    beside: undefined,
  };
}

/**
 * Finds and reads one use of a role and its dependencies.
 *
 * Roles that Ansible would hold in its cache as one object share an `identity`. A use that cannot but repeat an earlier one
 * (same identity, reached under the same conditions and tags) is left out here already.
 *
 * @throws LoadError. Behaviour: `playbook/role/__init__.py`, `playbook/role/definition.py`.
 */
export function loadRole(use: RoleUse, place: Place): LoadedRole {
  const { context, play } = place;
  const found = findRole(use, place);
  if (
    use.parents.length > 200 ||
    (place.allStatic && use.parents.filter((role) => role.path === found.path).length > 3)
  ) {
    throw new LoadError(
      "A recursion loop was detected with the roles specified. Make sure child roles do not have dependencies on parent roles",
      use.origin,
      { kind: "error" },
    );
  }
  if (found.collection === undefined) addPluginDir(context, found.path);
  const own = roleFile(found.path, "vars", use.from.vars, place, use.origin);
  const defaults = roleFile(found.path, "defaults", use.from.defaults, place, use.origin);
  const meta = readMeta(found.path, found.name, place);
  const allowDuplicates = use.included?.allowDuplicates ?? meta.allowDuplicates;

  const key = identityOf(found.path, use);
  const known = play.roleIdentities.get(key);
  const identity = known ?? nextId(context);
  if (known === undefined) play.roleIdentities.set(key, identity);

  const parents = use.parents;
  const outer = parents.at(-1);
  const includers =
    use.included === undefined || outer === undefined
      ? outer?.includers
      : [outer, ...(outer.includers ?? [])];
  const scope = extendScope(place.scope, use.own);
  // What a dependency may be told by its parent is settled while the parent is not built yet.
  const draft: Role = {
    id: nextId(context),
    name: found.name,
    path: found.path,
    defaults: merged(outer?.defaults, defaults),
    vars: merged(outer?.vars, use.vars, own),
    params: merged(outer?.params, use.params),
    parents,
    ...(includers === undefined ? {} : { includers }),
    identity,
    allowDuplicates,
    ...(use.included?.isPrivate === true ? { isPrivate: true } : {}),
    ...(found.collection === undefined ? {} : { collection: found.collection }),
  };
  const rolePlace: Place = {
    ...place,
    scope,
    role: draft,
    inBlock: false,
    roleCollections: [
      ...(found.collection === undefined ? [] : [found.collection]),
      ...meta.collections,
    ],
    includeDirs: place.allStatic && use.included === undefined ? [] : place.includeDirs,
  };
  const dependencies = loadRoleList(meta.dependencies, rolePlace, meta.origin, draft);
  const role: Role = {
    ...draft,
    defaults: merged(...dependencies.map((each) => each.role.defaults), outer?.defaults, defaults),
    vars: merged(outer?.vars, ...dependencies.map((each) => each.role.vars), use.vars, own),
  };
  const inner: Place = { ...rolePlace, role };
  play.roles.push(role);

  const repeated =
    context.keepRepeatedRoles !== true && !allowDuplicates && repeats(play, role, scope);
  const nodes = repeated ? [] : ownTasks(use, inner, meta);
  const handlers = repeated ? [] : ownHandlers(use, inner);
  return {
    role,
    nodes: [...dependencies.flatMap((each) => each.nodes), ...nodes],
    handlers: [...dependencies.flatMap((each) => each.handlers), ...handlers],
  };
}

interface FoundRole {
  readonly name: string;
  readonly path: string;
  readonly collection: string | undefined;
}

function readUse(entry: Value, place: Place, origin: Origin, parent: Role | undefined): RoleUse {
  const base = {
    origin,
    from: {},
    parents: parent === undefined ? [] : [...parent.parents, parent],
    included: undefined,
    beside: parent === undefined ? undefined : dirname(parent.path),
  };
  if (typeof entry === "string" || typeof entry === "number") {
    const text = String(entry);
    if (text.includes(","))
      throw new LoadError(`Invalid old style role requirement: ${text}`, origin);
    const name = renderName(text, place, origin, "role name");
    return { ...base, name, own: EMPTY_SCOPE, params: new Map(), vars: new Map() };
  }
  if (!isDict(entry)) throw new LoadError(`Invalid role definition: ${String(entry)}`, origin);
  const written = entry.get("role") ?? entry.get("name") ?? sourceName(entry);
  if (typeof written !== "string" || written === "")
    throw new LoadError("role definitions must contain a role name", origin);
  const params: Dict = new Map();
  for (const [key, value] of entry)
    if (typeof key !== "string" || !KEYWORDS.RoleInclude.has(key)) params.set(key, value);
  const keywords = readScope(entry, "RoleInclude", origin);
  // Variables of a role's use belong to the role, not to the layers of its tasks.
  return {
    ...base,
    name: renderName(written, place, origin, "role name"),
    own: { ...keywords, vars: [] },
    params,
    vars: keywords.vars[0] ?? new Map(),
  };
}

/** `src:` of a dependency written for ansible-galaxy: the last part of the address is the role's name. */
function sourceName(entry: Dict): string | undefined {
  const source = entry.get("src");
  if (typeof source !== "string") return undefined;
  return (source.split("/").at(-1) ?? "").replace(/(?:\.git|\.tar\.gz)?(?:,.*)?$/, "");
}

function findRole(use: RoleUse, place: Place): FoundRole {
  const { context, play } = place;
  const collections = [...place.roleCollections, ...play.collections];
  const hosted = catalogueOf(context).role(use.name, collections);
  if (hosted !== undefined) {
    const short =
      use.name.split(".").length > 2 ? use.name.split(".").slice(2).join(".") : use.name;
    return {
      name: `${hosted.collection}.${short}`,
      path: hosted.path,
      collection: hosted.collection,
    };
  }
  const searched = [
    join(play.basedir, "roles"),
    ...context.settings.rolesPath.value,
    ...(use.beside === undefined ? [] : [use.beside]),
    play.basedir,
  ];
  for (const directory of searched) {
    const path = expandPath(use.name, directory);
    if (exists(path)) return { name: use.name, path, collection: undefined };
  }
  const path = expandPath(use.name, process.cwd());
  if (exists(path)) return { name: basename(use.name), path, collection: undefined };
  throw new LoadError(
    `the role '${use.name}' was not found in ${[...collections, ...searched].join(":")}`,
    use.origin,
    { kind: "error" },
  );
}

function ownTasks(use: RoleUse, place: Place, meta: RoleMeta): Node[] {
  const role = place.role as Role;
  const file = roleFiles(role.path, "tasks", use.from.tasks, false, use.origin)[0];
  const data = file === undefined ? undefined : readYamlFile(place.context, file, use.origin);
  if (data !== undefined && data !== null && !Array.isArray(data)) {
    throw new LoadError(
      `The tasks/main.yml file for role '${role.name}' must contain a list of tasks`,
      originOf(data) ?? use.origin,
    );
  }
  const nodes = place.play.loadNodes(
    data,
    place,
    { file: file ?? role.path, line: 1, column: 1 },
    "tasks",
  );
  const validation =
    use.included?.validate === false ? undefined : validationTask(use, role, place, meta);
  return validation === undefined
    ? nodes
    : [...place.play.loadNodes([validation], place, use.origin, "tasks"), ...nodes];
}

function ownHandlers(use: RoleUse, place: Place): Task[] {
  const role = place.role as Role;
  const file = roleFiles(role.path, "handlers", use.from.handlers, false, use.origin)[0];
  if (file === undefined) return [];
  const data = readYamlFile(place.context, file, use.origin);
  if (data !== null && !Array.isArray(data)) {
    throw new LoadError(
      `The handlers/main.yml file for role '${role.name}' must contain a list of tasks`,
      originOf(data) ?? use.origin,
    );
  }
  return flatten(
    place.play.loadNodes(
      data,
      { ...place, inHandlers: true },
      { file, line: 1, column: 1 },
      "handlers",
    ),
  );
}

/** A role with an argument specification checks its arguments before anything else. */
function validationTask(use: RoleUse, role: Role, place: Place, meta: RoleMeta): Dict | undefined {
  const file = roleFiles(role.path, "meta", "argument_specs", false, undefined)[0];
  const data = file === undefined ? undefined : readYamlFile(place.context, file);
  const specs =
    data === undefined ? meta.argumentSpecs : isDict(data) ? data.get("argument_specs") : undefined;
  const entry = use.from.tasks ?? "main";
  const spec = isDict(specs) ? specs.get(entry) : undefined;
  if (!isDict(spec) || spec.size === 0) return undefined;
  const short = spec.get("short_description");
  const name = `Validating arguments against arg spec '${entry}'${short === undefined ? "" : ` - ${String(short)}`}`;
  return dictOf({
    name,
    tags: ["always"],
    action: dictOf({
      module: "ansible.builtin.validate_argument_spec",
      argument_spec: spec.get("options") ?? new Map(),
      provided_arguments: use.params,
      validate_args_context: dictOf({
        type: "role",
        name: role.collection === undefined ? role.name : role.name.split(".").at(-1)!,
        argument_spec_name: entry,
        path: role.path,
      }),
    }),
  });
}

function merged(...layers: (Dict | undefined)[]): Dict {
  const result: Dict = new Map();
  for (const layer of layers) for (const [key, value] of layer ?? []) result.set(key, value);
  return result;
}

/** What Ansible keys its role cache by: the role and everything given where it is used. */
function identityOf(path: string, use: RoleUse): string {
  const { own, params, vars, from, included } = use;
  return stableText([
    path,
    params,
    vars,
    own.when.map((condition) => condition.source),
    [...own.tags],
    Object.entries(from).map(([kind, file]) => `${kind}=${file}`),
    included !== undefined,
  ]);
}

function stableText(value: Value): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Map) return { map: [...item] };
    return typeof item === "bigint" ? `${item}n` : item;
  });
}

/** Conditions and tags under which each identity was used before, per play. */
const uses = new WeakMap<object, Map<number, string[]>>();

function repeats(play: Place["play"], role: Role, scope: Scope): boolean {
  const under = JSON.stringify([
    scope.when.map((condition) => condition.source),
    [...scope.tags].sort(),
  ]);
  const known = uses.get(play) ?? new Map<number, string[]>();
  uses.set(play, known);
  const identity = role.identity as number;
  const earlier = known.get(identity) ?? [];
  known.set(identity, [...earlier, under]);
  return earlier.includes(under);
}
