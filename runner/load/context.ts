import { join } from "node:path";
import type { Origin } from "../model/origin.ts";
import type { Node, Role, Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { type Catalogue, createCatalogue } from "./collection.ts";
import type { Installation } from "./installation.ts";
import { readPluginFilters } from "./plugin-filters.ts";
import type { Scope } from "./scope.ts";
import type { Settings } from "./settings.ts";
import { LoadError, readText } from "./source.ts";
import { hasTemplate } from "./splitter.ts";
import { parseYaml } from "./yaml.ts";

/** What loading needs from outside. One context serves one run; includes during the run use it again. */
export interface LoadContext {
  readonly settings: Settings;
  readonly extraVars: Dict;
  readonly installation: Installation;
  /** Renders the names in static imports and roles. Without it, a template in such a name is an error. */
  readonly renderStatic?: ((text: string, vars: Dict) => string) | undefined;
  readonly warn: (text: string) => void;
  /** Told about deprecated language, each thing once; `warn` is when this is absent. */
  readonly deprecate?: ((text: string) => void) | undefined;
  /** Keeps uses of roles that would only repeat earlier ones: listings show them. */
  readonly keepRepeatedRoles?: boolean;
}

/** Where something is being loaded: everything that the objects inside of it inherit or search by. */
export interface Place {
  readonly context: LoadContext;
  readonly play: PlayPlace;
  readonly scope: Scope;
  readonly role: Role | undefined;
  /** `collections:` of the role, which count before those of the play. */
  readonly roleCollections: readonly string[];
  /** Directories of the task files that include this one, as written, nearest first. */
  readonly includeDirs: readonly string[];
  readonly inHandlers: boolean;
  /** Inside of a written block of the same file. */
  readonly inBlock: boolean;
  /** False below an include_tasks or include_role. */
  readonly allStatic: boolean;
}

/** What all places of a play share. */
export interface PlayPlace {
  /** The directory of the playbook's file. */
  readonly basedir: string;
  readonly file: string;
  readonly vars: Dict;
  readonly varsFiles: readonly Value[];
  readonly collections: readonly string[];
  /** Roles known before the play runs; import_role adds to them. */
  readonly roles: Role[];
  /** Handlers of imported roles. */
  readonly importedHandlers: Task[];
  readonly roleIdentities: Map<string, number>;
  /** Tasks of a list; handed down since roles hold tasks and tasks import roles. */
  readonly loadNodes: (ds: Value | undefined, place: Place, origin: Origin, what: string) => Node[];
}

interface Internals {
  ids: number;
  readonly files: Map<string, Value>;
  readonly places: Map<number, Place>;
  readonly catalogues: Map<string, Catalogue>;
  readonly playbookDirs: string[];
  readonly pluginDirs: string[];
  readonly deprecations: Set<string>;
  rejected: ReadonlySet<string> | undefined;
}

const internals = new WeakMap<LoadContext, Internals>();

function internalsOf(context: LoadContext): Internals {
  let found = internals.get(context);
  if (found === undefined) {
    found = {
      ids: 0,
      files: new Map(),
      places: new Map(),
      catalogues: new Map(),
      playbookDirs: [],
      pluginDirs: [],
      deprecations: new Set(),
      rejected: undefined,
    };
    internals.set(context, found);
  }
  return found;
}

/** Says once per run that something is deprecated, unless the settings silence it. */
export function deprecate(context: LoadContext, text: string): void {
  const { deprecations } = internalsOf(context);
  if (deprecations.has(text) || !context.settings.deprecationWarnings.value) return;
  deprecations.add(text);
  (context.deprecate ?? context.warn)(text);
}

/** The next id of plays, roles, blocks and tasks. */
export function nextId(context: LoadContext): number {
  return ++internalsOf(context).ids;
}

/** Notes that a playbook of this directory is being loaded: library/ and collections/ in it count from now on. */
export function addPlaybookDir(context: LoadContext, directory: string): void {
  const { playbookDirs } = internalsOf(context);
  if (!playbookDirs.includes(directory)) playbookDirs.push(directory);
  addPluginDir(context, directory);
}

/** Directories of the playbooks loaded so far. */
export function playbookDirsOf(context: LoadContext): readonly string[] {
  return internalsOf(context).playbookDirs;
}

/** Notes a directory of a playbook or role: filter_plugins/ and so on in it count for everything from now on. */
export function addPluginDir(context: LoadContext, directory: string): void {
  const { pluginDirs } = internalsOf(context);
  if (!pluginDirs.includes(directory)) pluginDirs.push(directory);
}

/** Directories of the playbooks and roles loaded so far, first one first. */
export function pluginDirsOf(context: LoadContext): readonly string[] {
  return internalsOf(context).pluginDirs;
}

/** The modules that the plugin filter file takes away, read once per run. @throws LoadError when `stat` is among them. */
function rejectedModules(context: LoadContext): ReadonlySet<string> {
  const own = internalsOf(context);
  own.rejected ??= readPluginFilters(context.settings.pluginFilters.value, context.warn);
  return own.rejected;
}

/** The catalogue over all directories known so far. */
export function catalogueOf(context: LoadContext): Catalogue {
  const { catalogues, playbookDirs, pluginDirs } = internalsOf(context);
  const key = playbookDirs.join("\0");
  let found = catalogues.get(key);
  if (found === undefined) {
    const { settings, installation } = context;
    found = createCatalogue({
      installation,
      playbookDirs: [...playbookDirs],
      pluginDirs: () => pluginDirs,
      collectionsPaths: settings.collectionsPaths.value,
      library: settings.library.value,
      actionPlugins: settings.actionPlugins.value,
      lookupDirs: () => [
        ...pluginDirs.map((directory) => join(directory, "lookup_plugins")),
        ...settings.lookupPlugins.value,
      ],
      rejected: rejectedModules(context),
    });
    catalogues.set(key, found);
  }
  return found;
}

/** Remembers where a task stands, so that what it includes later can inherit from there. */
export function rememberPlace(context: LoadContext, taskId: number, place: Place): void {
  internalsOf(context).places.set(taskId, place);
}

/** Where a task stands. @throws Error for a task of another context: a bug of the caller. */
export function placeOfTask(context: LoadContext, taskId: number): Place {
  const found = internalsOf(context).places.get(taskId);
  if (found === undefined)
    throw new Error(`task ${taskId} was not loaded in this context, or includes nothing`);
  return found;
}

/** The parsed content of a YAML file, read once per run. Callers must not change it. @throws LoadError */
export function readYamlFile(context: LoadContext, file: string, from?: Origin): Value {
  const { files } = internalsOf(context);
  let found = files.get(file);
  if (found === undefined) {
    found = parseYaml(readText(file, from), file, {
      warn: context.warn,
      duplicateKeys: context.settings.duplicateYamlKey.value,
    });
    files.set(file, found);
  }
  return found;
}

/**
 * A name that has to be known before the run: rendered with the play's, role's and extra variables.
 *
 * @throws LoadError when it needs anything else.
 */
export function renderName(
  text: string,
  place: Place,
  origin: Origin,
  what: string,
  vars?: Dict,
): string {
  if (!hasTemplate(text)) return text;
  const { context } = place;
  if (context.renderStatic === undefined) {
    throw new LoadError(`the template in ${what} cannot be rendered here: ${text}`, origin);
  }
  try {
    return context.renderStatic(text, staticVars(place, vars));
  } catch (cause) {
    throw new LoadError(
      `Error when evaluating variable in ${what}: ${text}.\n\nWhen using static imports, ensure that any variables used in their names are defined in vars/vars_files\nor extra-vars passed in from the command line. Static imports cannot use variables from facts or inventory\nsources like group or host vars.`,
      origin,
      { cause, hint: cause instanceof Error ? cause.message : String(cause) },
    );
  }
}

/** The variables that are known before a run, lowest in rank first. */
export function staticVars(place: Place, own?: Dict): Dict {
  const { play, role, context } = place;
  const vars: Dict = new Map();
  const add = (more: Dict | undefined) => {
    for (const [key, value] of more ?? []) vars.set(key, value);
  };
  vars.set("playbook_dir", play.basedir);
  for (const known of play.roles) add(known.defaults);
  add(role?.defaults);
  add(play.vars);
  for (const entry of play.varsFiles) add(staticVarsFile(entry, place));
  for (const known of play.roles) add(known.vars);
  add(role?.vars);
  for (const layer of place.scope.vars) add(layer);
  add(own);
  add(role?.params);
  if (role !== undefined) {
    vars.set("role_name", role.name);
    vars.set("role_path", role.path);
  }
  add(context.extraVars);
  return vars;
}

function staticVarsFile(entry: Value, place: Place): Dict | undefined {
  const candidates = Array.isArray(entry) ? entry : [entry];
  for (const candidate of candidates) {
    if (typeof candidate !== "string" || hasTemplate(candidate)) continue;
    const file = candidate.startsWith("/") ? candidate : `${place.play.basedir}/${candidate}`;
    try {
      const data = readYamlFile(place.context, file);
      if (isDict(data)) return data;
    } catch {
      // A file that is not there is the run's business: it may be one of several alternatives.
    }
  }
  return undefined;
}
