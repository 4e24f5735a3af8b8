import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isDict, type Value } from "../model/value.ts";
import { isDirectory } from "./file-kind.ts";
import { firstFile, type Installation } from "./installation.ts";
import { LoadError } from "./source.ts";
import { parseYaml } from "./yaml.ts";

/** What an action's name stands for. */
export interface ResolvedAction {
  /** The full name after redirects. */
  readonly fqcn: string;
  /** The module's file; undefined for actions that send no module of their own. */
  readonly modulePath: string | undefined;
  /** An action plugin in Python that would have to run on the controller. */
  readonly actionPlugin: string | undefined;
}

/** Where a name is looked up, besides ansible-core. */
export interface ActionSearch {
  /** `collections:` in effect, first one first. */
  readonly collections: readonly string[];
  /** Directories of a role whose library/ and action_plugins/ count. */
  readonly roleDirs: readonly string[];
}

/** Names of modules, roles, lookups and playbooks to files. */
export interface Catalogue {
  /** Undefined when nothing has that name. @throws LoadError when it was removed from its collection. */
  action(name: string, search: ActionSearch): ResolvedAction | undefined;
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
  /** Directories of playbooks; library/, action_plugins/ and collections/ in them count. */
  readonly playbookDirs: readonly string[];
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
  const answers = new Map<string, ResolvedAction | undefined>();
  const lookups = new Set<string>();
  const libraries = [
    ...input.playbookDirs.map((directory) => join(directory, "library")),
    ...input.library,
  ];
  const pluginDirs = [
    ...input.playbookDirs.map((directory) => join(directory, "action_plugins")),
    ...input.actionPlugins,
  ];
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
      const route = routing(file, kind, name);
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
        actionPlugin: IN_PYTHON.has(name)
          ? join(installation.root, "plugins", "action", `${name}.py`)
          : undefined,
      };
    const modulePath = installation.modulePath(`ansible.builtin.${MODULE_OF_ACTION[name] ?? name}`);
    if (modulePath !== undefined)
      return { fqcn: `ansible.builtin.${name}`, modulePath, actionPlugin: undefined };
    return follow("ansible.builtin", name, ["action", "modules"], depth);
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
    const actionPlugin = firstFile([`${join(directory, "plugins", "action", ...path)}.py`]);
    if (modulePath === undefined && actionPlugin === undefined)
      return follow(collection, name, ["action", "modules"], depth);
    return { fqcn: `${collection}.${name}`, modulePath, actionPlugin };
  };

  const local = (name: string, search: ActionSearch): ResolvedAction | undefined => {
    const actionPlugin = firstFile(
      [...search.roleDirs.map((role) => join(role, "action_plugins")), ...pluginDirs]
        .filter((directory) => listing(directory).has(`${name}.py`))
        .map((directory) => join(directory, `${name}.py`)),
    );
    for (const directory of [
      ...search.roleDirs.map((role) => join(role, "library")),
      ...libraries,
    ]) {
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

  const qualified = (fqcn: string, depth: number): ResolvedAction | undefined => {
    const [namespace = "", collection = "", ...rest] = fqcn.split(".");
    const name = rest.join(".");
    if (namespace === "ansible" && (collection === "builtin" || collection === "legacy"))
      return core(name, depth);
    return inCollection(`${namespace}.${collection}`, name, depth);
  };

  const isRejected = (name: string): boolean =>
    input.rejected?.has(name.replace(/^ansible\.(builtin|legacy)\./, "")) === true;

  const resolve = (name: string, search: ActionSearch): ResolvedAction | undefined => {
    const parts = name.split(".");
    if (parts.length > 2) {
      if (name.startsWith("ansible.legacy.") && parts.length === 3) {
        return local(parts[2] ?? "", search) ?? core(parts[2] ?? "", 0);
      }
      return qualified(name, 0);
    }
    if (parts.length === 2) return undefined;
    for (const collection of search.collections) {
      if (collection === "ansible.legacy" || collection === "ansible.builtin") continue;
      const found = inCollection(collection, name, 0);
      if (found !== undefined) return found;
    }
    return local(name, search) ?? core(name, 0);
  };

  const isLookup = (name: string): boolean => {
    const short = name.replace(/^ansible\.(?:builtin|legacy)\./, "");
    if (!short.includes(".")) {
      if (firstFile([join(installation.root, "plugins", "lookup", `${short}.py`)]) !== undefined)
        return true;
      if (input.lookupDirs?.().some((directory) => listing(directory).has(`${short}.py`)) === true)
        return true;
      return routing(runtimeOf("ansible.builtin") ?? "", "lookup", short)?.redirect !== undefined;
    }
    const [namespace, collection, ...rest] = short.split(".");
    const directory = collectionDir(`${namespace}.${collection}`);
    if (directory === undefined) return false;
    if (firstFile([`${join(directory, "plugins", "lookup", ...rest)}.py`]) !== undefined)
      return true;
    const route = routing(join(directory, "meta", "runtime.yml"), "lookup", rest.join("."));
    return route?.redirect !== undefined;
  };

  return {
    action(name, search) {
      const key = `${name}\0${search.collections.join(",")}\0${search.roleDirs.join(",")}`;
      if (!answers.has(key)) answers.set(key, isRejected(name) ? undefined : resolve(name, search));
      return answers.get(key);
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

/** Runtime files do not change while a process runs: one reading serves all catalogues. */
const routing = createRouting();

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

/** Those of them that are done by the plugin of ansible-core itself. */
const IN_PYTHON: ReadonlySet<string> = new Set(["reboot"]);

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

/** What a collection says about a plugin that moved. */
interface Route {
  readonly redirect: string | undefined;
  /** The text of a removal; "" when it gives none. */
  readonly tombstone: string | undefined;
}

/**
 * Reads routes out of runtime files. These are large (hundreds of kilobytes), so that only the few lines
 * of the wanted entry are parsed: sections and entries are found by their indentation.
 */
function createRouting(): (file: string, kind: string, name: string) => Route | undefined {
  const sections = new Map<string, ReadonlyMap<string, string>>();
  const sectionsOf = (file: string): ReadonlyMap<string, string> => {
    let found = sections.get(file);
    if (found === undefined) {
      found = pluginRouting(readQuietly(file));
      sections.set(file, found);
    }
    return found;
  };
  return (file, kind, name) => {
    const section = sectionsOf(file).get(kind);
    if (section === undefined) return undefined;
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const header = new RegExp(
      `^( +)["']?${escaped}["']?:[ \\t]*(.*)\\n((?:(?:\\1 +.*|[ \\t]*(?:#.*)?)\\n)*)`,
      "m",
    ).exec(section);
    if (header === null) return undefined;
    const value = parseYaml(`entry: ${header[2] ?? ""}\n${header[3] ?? ""}`, file, {
      origins: false,
    });
    const entry: Value | undefined = isDict(value) ? value.get("entry") : undefined;
    if (!isDict(entry)) return undefined;
    const redirect = entry.get("redirect");
    const tombstone = entry.get("tombstone");
    const warning = isDict(tombstone) ? tombstone.get("warning_text") : undefined;
    return {
      redirect: typeof redirect === "string" ? redirect : undefined,
      tombstone: tombstone === undefined ? undefined : typeof warning === "string" ? warning : "",
    };
  };
}

/** kind -> the text of its section below `plugin_routing`. */
function pluginRouting(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const start = /^plugin_routing:.*\n/m.exec(text);
  if (start === null) return found;
  const rest = text.slice(start.index + start[0].length);
  const end = /^[^\s#]/m.exec(rest);
  const body = `${end === null ? rest : rest.slice(0, end.index)}\n`;
  const indent = /^( +)[^\s#]/m.exec(body)?.[1] ?? "  ";
  const parts = body.split(new RegExp(`^${indent}(\\w+):[ \\t]*(?:#.*)?\\n`, "m"));
  for (let index = 1; index < parts.length; index += 2)
    found.set(parts[index] ?? "", parts[index + 1] ?? "");
  return found;
}

function listQuietly(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
