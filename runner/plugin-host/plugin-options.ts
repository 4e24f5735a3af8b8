import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { define } from "../template/define.ts";
import type { EngineOptions, Resolver } from "../template/engine.ts";
import { TemplateError } from "../template/error.ts";
import { canCrypt } from "../template/library/hashes.ts";
import { lookupError } from "../template/lookup-call.ts";
import type { CryptRequest } from "../template/outside.ts";
import { type Callable, MISSING, type Run, type Scope } from "../template/run.ts";
import type { PluginHome, PluginHost, PluginKind } from "./plugin-host.ts";

export interface PluginInput {
  readonly host: PluginHost;
  /** Directories of playbooks and roles; what is in their `filter_plugins` and so on may replace what is built in. */
  readonly folders: () => readonly string[];
  /** Directories from the settings. */
  readonly configured: Readonly<Record<PluginKind, readonly string[]>>;
  /** Whether there is the library by which Ansible makes passwords where it is there, in a way of its own. */
  readonly hasPasslib: boolean;
}

/** What an environment needs to use plugins in Python. */
export function pluginOptions(input: PluginInput): Pick<EngineOptions, "resolve" | "crypt"> {
  const { host } = input;
  return {
    resolve: createResolver(input),
    crypt: (request) =>
      canCrypt(request.scheme) && !input.hasPasslib ? undefined : cryptWith(host, request),
  };
}

/** crypt(3) text of a password as the installed Ansible makes it. @throws TemplateError for what it cannot make. */
export function cryptWith(host: PluginHost, request: CryptRequest): string {
  const { password, scheme, salt, saltSize, rounds, ident } = request;
  const found = host.call({
    kind: "filter",
    name: "ansible.builtin.password_hash",
    args: [password, scheme, salt, saltSize, rounds, ident],
    kwargs: new Map(),
    scope: NOTHING,
  });
  return String(found);
}

const NOTHING: Scope = { get: () => MISSING, context: { searchPaths: [], cwd: "/" } };

/**
 * Finds the filters, tests and lookups that templates name and that are not built in, or that somebody replaced. Python is
 * asked only when a name is unknown, or when a file of somebody's own mentions it.
 */
function createResolver({ host, folders, configured }: PluginInput): Resolver {
  const mentioned = new Map<string, ReadonlySet<string>>();
  const below = new Map<PluginKind, readonly string[]>();

  /** Whether a file of somebody's own may define this name. */
  function isMentioned(kind: PluginKind, name: string): boolean {
    const own = [
      ...folders().map((folder) => join(folder, `${kind}_plugins`)),
      ...configuredDirs(kind),
    ];
    return own.some((folder) => {
      let names = mentioned.get(folder);
      if (names === undefined) {
        names = kind === "lookup" ? fileNames(folder) : wordsOf(folder);
        mentioned.set(folder, names);
      }
      return names.has(name);
    });
  }

  function homeOf(kind: PluginKind, name: string): PluginHome | undefined {
    try {
      return host.find(kind, name);
    } catch (error) {
      if (!(error instanceof TemplateError) || error.python === undefined || kind === "lookup")
        throw error;
      // The words of JinjaPluginIntercept in ansible/template/__init__.py.
      throw new TemplateError("syntax", `Could not load "${name}": ${error.message}`, {
        cause: error,
      });
    }
  }

  function configuredDirs(kind: PluginKind): readonly string[] {
    let found = below.get(kind);
    if (found === undefined) {
      found = configured[kind].flatMap((folder) => withSubfolders(folder, 0));
      below.set(kind, found);
    }
    return found;
  }

  /** Nothing is to be found: the name is known, and so is who does it. */
  function isSettled(kind: PluginKind, name: string, isBuiltIn: boolean): boolean {
    return isBuiltIn && (name.includes(".") || !isMentioned(kind, name));
  }

  const find =
    (kind: PluginKind, make: (name: string) => Callable) =>
    (name: string, isBuiltIn: boolean): Callable | undefined => {
      const isOurs = isBuiltIn && !ELSEWHERE[kind].has(name.replace(/^ansible\.\w+\./, ""));
      if (isSettled(kind, name.replace(/^ansible\.legacy\./, ""), isBuiltIn))
        return isOurs ? undefined : make(name);
      const home = homeOf(kind, name);
      if (home === undefined || (isOurs && home !== "plugin")) return undefined;
      return make(name);
    };

  return {
    filter: find("filter", (name) =>
      define("*args **kwargs", (run, args, kwargs) => call(run, "filter", name, args, kwargs)),
    ),
    test: find("test", (name) =>
      define("*args **kwargs", (run, args, kwargs) => call(run, "test", name, args, kwargs)),
    ),
    lookup: find("lookup", (name) =>
      define("terms **kwargs", (run, terms, kwargs) => {
        try {
          return call(run, "lookup", name, terms, kwargs);
        } catch (error) {
          throw error instanceof TemplateError ? shownByLookup(error) : error;
        }
      }),
    ),
  };

  function call(run: Run, kind: PluginKind, name: string, args: unknown, kwargs: unknown): unknown {
    return host.call({
      kind,
      name,
      args: args as readonly unknown[],
      kwargs: kwargs as ReadonlyMap<unknown, unknown>,
      scope: run.scope,
    });
  }
}

/** Plugins of ansible-core that are here in name only. */
const ELSEWHERE: Readonly<Record<PluginKind, ReadonlySet<string>>> = {
  filter: new Set(),
  test: new Set(),
  lookup: new Set(["config", "url"]),
};

/** Errors that a lookup means to be shown as they are, and the end of its process. */
function shownByLookup(error: TemplateError): TemplateError {
  const isPlain = error.kind === "lookup" || error.python === undefined;
  return isPlain && error.kind !== "undefined" ? lookupError(error.message) : error;
}

/** Plugins may stand up to two folders deep in a configured directory (`_get_paths_with_context` of plugins/loader.py). */
function withSubfolders(folder: string, depth: number): readonly string[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
  return [
    folder,
    ...(depth < 2 ? names.flatMap((name) => withSubfolders(join(folder, name), depth + 1)) : []),
  ];
}

function fileNames(folder: string): ReadonlySet<string> {
  return new Set(pythonFiles(folder).map((file) => file.slice(0, -".py".length)));
}

/** Words in quotes and names that something is given to: among them are the names of all filters and tests of a file. */
function wordsOf(folder: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const file of pythonFiles(folder)) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const found of text.matchAll(/["'](\w+)["']|\b(\w+)\s*=(?!=)/g))
      words.add(found[1] ?? found[2] ?? "");
  }
  return words;
}

function pythonFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".py") && name !== "__init__.py");
  } catch {
    return [];
  }
}
