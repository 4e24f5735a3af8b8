import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { ActionChoice } from "../model/play.ts";
import type { Dict } from "../model/value.ts";
import { isDirectory } from "./file-kind.ts";
import { firstFile, type Installation } from "./installation.ts";
import { createPluginFolders } from "./plugin-folders.ts";
import { actionGroupsIn, routeIn } from "./runtime-file.ts";
import { LoadError } from "./source.ts";

/** What an action's name stands for. */
export interface ResolvedAction {
  /** The full name after redirects. */
  readonly fqcn: string;
  /** The module's file; undefined for actions that send no module of their own. */
  readonly modulePath: string | undefined;
  /** An action plugin in Python that would have to run on the controller. */
  readonly actionPlugin: string | undefined;
  /** Said where it is used: its file's name begins with an underscore. */
  readonly deprecation?: string;
}

/** Names of modules, roles, lookups and playbooks to files. */
export interface Catalogue {
  /** Undefined when nothing has that name. @throws LoadError when it was removed from its collection. */
  action(name: string, search: ActionChoice): ResolvedAction | undefined;
  /** The action groups of a collection, by name; undefined when the collection is not there. */
  actionGroups(collection: string): Dict | undefined;
  /** Whether `with_NAME` names a lookup. */
  isLookup(name: string): boolean;
  /** The directory of a collection's role. */
  role(
    name: string,
    collections: readonly string[],
  ): { readonly path: string; readonly collection: string } | undefined;
  /** The file of a collection's playbook, `namespace.collection.name`. */
  playbook(name: string): string | undefined;
}

/** Directories that hold collections, modules and action plugins. */
export interface CatalogueInput {
  readonly installation: Installation;
  /** Directories of playbooks; collections/ in them counts. */
  readonly playbookDirs: readonly string[];
  /** Directories of playbooks and roles loaded so far: library/ and action_plugins/ in them count. */
  readonly pluginDirs: () => readonly string[];
  readonly collectionsPaths: readonly string[];
  readonly library: readonly string[];
  readonly actionPlugins: readonly string[];
  /** Directories that hold lookups; roles bring more of them as they are loaded. */
  readonly lookupDirs?: () => readonly string[];
  /** Short names that are not to be found although they are there. */
  readonly rejected?: ReadonlySet<string>;
}

/**
 * A catalogue over the installed files. Costs a few `stat` calls per name; each answer is remembered.
 * Rank and redirects: `plugins/loader.py`, `utils/collection_loader/_collection_finder.py`.
 */
export function createCatalogue(input: CatalogueInput): Catalogue {
  const { installation } = input;
  const roots = [
    ...input.playbookDirs.map((directory) => join(directory, "collections")),
    ...input.collectionsPaths,
    ...(installation.collectionsPath === undefined ? [] : [installation.collectionsPath]),
  ].map((path) =>
    basename(path) === "ansible_collections" ? path : join(path, "ansible_collections"),
  );
  const collectionDirs = new Map<string, string | undefined>();
  let answers = new Map<string, ResolvedAction | undefined>();
  const lookups = new Set<string>();
  const libraries = createPluginFolders("library", input.pluginDirs, input.library);
  const actionFolders = createPluginFolders(
    "action_plugins",
    input.pluginDirs,
    input.actionPlugins,
  );
  let known: readonly (readonly string[])[] = [];
  const listings = new Map<string, ReadonlySet<string>>();

  const listing = (directory: string): ReadonlySet<string> => {
    let found = listings.get(directory);
    if (found === undefined) {
      found = new Set(listQuietly(directory));
      listings.set(directory, found);
    }
    return found;
  };

  const collectionDir = (name: string): string | undefined => {
    if (!collectionDirs.has(name)) {
      const [namespace = "", collection = ""] = name.split(".");
      collectionDirs.set(
        name,
        roots.map((root) => join(root, namespace, collection)).find(isDirectory),
      );
    }
    return collectionDirs.get(name);
  };

  const runtimeOf = (collection: string): string | undefined => {
    if (collection === "ansible.builtin")
      return join(installation.root, "config", "ansible_builtin_runtime.yml");
    const directory = collectionDir(collection);
    return directory === undefined ? undefined : join(directory, "meta", "runtime.yml");
  };

  const follow = (
    collection: string,
    name: string,
    kinds: readonly string[],
    depth: number,
  ): ResolvedAction | undefined => {
    const file = runtimeOf(collection);
    if (file === undefined) return undefined;
    for (const kind of kinds) {
      const route = routeIn(file, kind, name);
      if (route === undefined) continue;
      if (route.tombstone !== undefined) {
        throw new LoadError(
          `'${collection}.${name}' has been removed${route.tombstone === "" ? "" : `. ${route.tombstone}`}`,
        );
      }
      if (route.redirect === undefined || depth > 8) continue;
      const target = qualified(
        route.redirect.split(".").length > 2 ? route.redirect : `${collection}.${route.redirect}`,
        depth + 1,
      );
      if (target !== undefined) return target;
    }
    return undefined;
  };

  const core = (name: string, depth: number): ResolvedAction | undefined => {
    if (CONTROLLER_ACTIONS.has(name))
      return {
        fqcn: `ansible.builtin.${name}`,
        modulePath: undefined,
        actionPlugin: undefined,
      };
    const modulePath = installation.modulePath(`ansible.builtin.${MODULE_OF_ACTION[name] ?? name}`);
    if (modulePath !== undefined)
      return { fqcn: `ansible.builtin.${name}`, modulePath, actionPlugin: undefined };
    return follow("ansible.builtin", name, ["action", "modules"], depth);
  };

  /**
   * The action plugin that a runtime file names for a module, else the one to which it sends the action
   * (`_get_action_handler_with_module_context` of `executor/task_executor.py`).
   */
  const routedPlugin = (collection: string, name: string): string | undefined => {
    const file = runtimeOf(collection) ?? "";
    const target =
      routeIn(file, "modules", name)?.actionPlugin ?? routeIn(file, "action", name)?.redirect;
    if (target === undefined) return undefined;
    const full = target.split(".").length > 2 ? target : `${collection}.${target}`;
    const [namespace, own, ...path] = full.split(".");
    const isCore = namespace === "ansible" && (own === "builtin" || own === "legacy");
    const directory = isCore ? installation.root : collectionDir(`${namespace}.${own}`);
    // `normal` is what runs a module that has no plugin.
    if (directory === undefined || (isCore && path.join(".") === "normal")) return undefined;
    return firstFile([`${join(directory, "plugins", "action", ...path)}.py`]);
  };

  const inCollection = (
    collection: string,
    name: string,
    depth: number,
  ): ResolvedAction | undefined => {
    const directory = collectionDir(collection);
    if (directory === undefined) return undefined;
    const path = name.split(".");
    const modulePath = firstFile([`${join(directory, "plugins", "modules", ...path)}.py`]);
    const own = firstFile([`${join(directory, "plugins", "action", ...path)}.py`]);
    if (modulePath === undefined && own === undefined)
      return follow(collection, name, ["action", "modules"], depth);
    const actionPlugin = modulePath === undefined ? own : (routedPlugin(collection, name) ?? own);
    return { fqcn: `${collection}.${name}`, modulePath, actionPlugin };
  };

  const local = (name: string): ResolvedAction | undefined => {
    const actionPlugin = firstFile(
      actionFolders
        .now()
        .filter((directory) => listing(directory).has(`${name}.py`))
        .map((directory) => join(directory, `${name}.py`)),
    );
    for (const directory of libraries.now()) {
      const file = moduleFile(directory, listing(directory), name);
      if (file === undefined) continue;
      const builtin = installation.hasAction(name);
      return {
        fqcn: `${builtin ? "ansible.builtin" : "ansible.legacy"}.${name}`,
        modulePath: file,
        actionPlugin,
      };
    }
    if (actionPlugin === undefined) return undefined;
    return { fqcn: `ansible.legacy.${name}`, modulePath: undefined, actionPlugin };
  };

  /** A module whose file is called `_name`: kept for those who still use it. A link to it is an alias. */
  const deprecated = (name: string): ResolvedAction | undefined => {
    if (name.startsWith("_")) return undefined;
    const found = local(`_${name}`);
    const file = found?.modulePath ?? found?.actionPlugin;
    if (found === undefined || file === undefined || isLink(file)) return found;
    return {
      ...found,
      deprecation: `${name} is kept for backwards compatibility but usage is discouraged. The module documentation details page may explain more about this rationale. This feature will be removed in a future release. Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.`,
    };
  };

  const qualified = (fqcn: string, depth: number): ResolvedAction | undefined => {
    const [namespace = "", collection = "", ...rest] = fqcn.split(".");
    const name = rest.join(".");
    if (namespace === "ansible" && (collection === "builtin" || collection === "legacy"))
      return core(name, depth);
    return inCollection(`${namespace}.${collection}`, name, depth);
  };

  const isRejected = (name: string): boolean =>
    input.rejected?.has(name.replace(/^ansible\.(builtin|legacy)\./, "")) === true;

  const resolve = (name: string, search: ActionChoice): ResolvedAction | undefined => {
    const parts = name.split(".");
    if (parts.length > 2) {
      if (name.startsWith("ansible.legacy.") && parts.length === 3) {
        return local(parts[2] ?? "") ?? core(parts[2] ?? "", 0) ?? deprecated(parts[2] ?? "");
      }
      return qualified(name, 0);
    }
    if (parts.length === 2) return undefined;
    for (const collection of search.collections) {
      if (collection === "ansible.legacy" || collection === "ansible.builtin") continue;
      const found = inCollection(collection, name, 0);
      if (found !== undefined) return found;
    }
    return local(name) ?? core(name, 0) ?? deprecated(name);
  };

  const isLookup = (name: string): boolean => {
    const short = name.replace(/^ansible\.(?:builtin|legacy)\./, "");
    if (!short.includes(".")) {
      if (firstFile([join(installation.root, "plugins", "lookup", `${short}.py`)]) !== undefined)
        return true;
      if (input.lookupDirs?.().some((directory) => listing(directory).has(`${short}.py`)) === true)
        return true;
      return routeIn(runtimeOf("ansible.builtin") ?? "", "lookup", short)?.redirect !== undefined;
    }
    const [namespace, collection, ...rest] = short.split(".");
    const directory = collectionDir(`${namespace}.${collection}`);
    if (directory === undefined) return false;
    if (firstFile([`${join(directory, "plugins", "lookup", ...rest)}.py`]) !== undefined)
      return true;
    const route = routeIn(join(directory, "meta", "runtime.yml"), "lookup", rest.join("."));
    return route?.redirect !== undefined;
  };

  return {
    action(name, search) {
      const folders = [libraries.now(), actionFolders.now()];
      if (folders.some((list, index) => list !== known[index])) answers = new Map();
      known = folders;
      const key = `${name}\0${search.collections.join(",")}`;
      if (!answers.has(key)) answers.set(key, isRejected(name) ? undefined : resolve(name, search));
      return answers.get(key);
    },
    actionGroups(collection) {
      const file = runtimeOf(collection);
      return file === undefined ? undefined : actionGroupsIn(file);
    },
    isLookup(name) {
      // A lookup that is not there yet may come with the next role.
      const found = lookups.has(name) || isLookup(name);
      if (found) lookups.add(name);
      return found;
    },
    role(name, collections) {
      const parts = name.split(".");
      const wanted: (readonly [string, string])[] =
        parts.length > 2
          ? [[parts.slice(0, 2).join("."), parts.slice(2).join("/")]]
          : parts.length === 1
            ? collections.map((collection) => [collection, name] as const)
            : [];
      for (const [collection, role] of wanted) {
        const directory = collectionDir(collection);
        if (directory === undefined) continue;
        const path = join(directory, "roles", role);
        if (isDirectory(path)) return { path, collection };
      }
      return undefined;
    },
    playbook(name) {
      const parts = name.split(".");
      if (parts.length < 3 || name.includes("/")) return undefined;
      const directory = collectionDir(parts.slice(0, 2).join("."));
      if (directory === undefined) return undefined;
      const base = join(directory, "playbooks", ...parts.slice(2));
      return firstFile([`${base}.yml`, `${base}.yaml`]);
    },
  };
}

/** Actions that run on the controller alone; their files among the modules are documentation. */
const CONTROLLER_ACTIONS: ReadonlySet<string> = new Set([
  "add_host",
  "assert",
  "debug",
  "fail",
  "fetch",
  "group_by",
  "import_playbook",
  "import_role",
  "import_tasks",
  "include",
  "include_role",
  "include_tasks",
  "include_vars",
  "meta",
  "package",
  "pause",
  "raw",
  "reboot",
  "script",
  "set_fact",
  "set_stats",
  "template",
  "validate_argument_spec",
  "wait_for_connection",
]);

/** Actions that send another module than the one of their name. */
const MODULE_OF_ACTION: Readonly<Record<string, string>> = {
  shell: "command",
  gather_facts: "setup",
};

/** What Ansible does not take for a module when it looks through a library directory. */
const IGNORED_EXTENSIONS: ReadonlySet<string> = new Set([
  ".pyc",
  ".pyo",
  ".swp",
  ".bak",
  "~",
  ".rpm",
  ".md",
  ".txt",
  ".rst",
  ".yaml",
  ".yml",
  ".ini",
  ".orig",
]);

/** The file of a module in a library directory, whatever its language. @param entries the names in it */
export function moduleFile(
  directory: string,
  entries: ReadonlySet<string>,
  name: string,
): string | undefined {
  if (entries.size === 0) return undefined;
  if (entries.has(`${name}.py`)) return join(directory, `${name}.py`);
  if (entries.has(name) && !isDirectory(join(directory, name))) return join(directory, name);
  for (const entry of entries) {
    if (!entry.startsWith(`${name}.`)) continue;
    const extension = entry.slice(name.length);
    if (!IGNORED_EXTENSIONS.has(extension) && extension.indexOf(".", 1) === -1)
      return join(directory, entry);
  }
  return undefined;
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function listQuietly(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
