import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isFile } from "./file-kind.ts";
import { LoadError } from "./source.ts";

/** The installed ansible-core: where modules and what they import come from. */
export interface Installation {
  /** The package's directory, e.g. /usr/lib/python3/dist-packages/ansible. */
  readonly root: string;
  readonly version: string;
  /** The interpreter that ansible-playbook runs with; what ansible_playbook_python says. */
  readonly python: string;
  /** The directory that holds `ansible_collections` beside the package, when there is one. */
  readonly collectionsPath: string | undefined;
  /** The file of a module by full name: `ansible.builtin.copy`. Collections are searched beside the package only. */
  modulePath(fqcn: string): string | undefined;
  /** The file of a Python module of module_utils by dotted name: `ansible.module_utils.basic`, `ansible_collections.a.b.plugins.module_utils.c`. */
  moduleUtilsPath(name: string): string | undefined;
  /** Whether ansible-core has an action plugin of this short name. */
  hasAction(name: string): boolean;
}

/**
 * Finds ansible-core without starting Python: from the `ansible-playbook` on PATH (its first line names
 * the interpreter, hence the prefix), else in the usual places.
 *
 * @param usualPrefixes where to look when nothing on PATH helps
 * @throws LoadError that says what to install.
 */
export function findInstallation(
  env: Readonly<Record<string, string | undefined>>,
  usualPrefixes: readonly string[] = ["/usr/local", "/usr", "/opt/ansible"],
): Installation {
  const tried: string[] = [];
  for (const [python, directories] of candidates(env, usualPrefixes)) {
    for (const directory of directories) {
      const root = join(directory, "ansible");
      tried.push(directory);
      const version = versionOf(root);
      if (version !== undefined) return createInstallation(root, version, python);
    }
  }
  throw new LoadError(
    "no installed ansible-core was found; skein runs the modules of the ansible-core that you have",
    undefined,
    {
      hint: `Install it (apt install ansible-core, or pip install ansible-core) or put its ansible-playbook on PATH.\nLooked in: ${[...new Set(tried)].join(", ")}`,
    },
  );
}

/** An installation at a known place. */
export function createInstallation(root: string, version: string, python: string): Installation {
  const site = dirname(root);
  const collections = join(site, "ansible_collections");
  return {
    root,
    version,
    python,
    collectionsPath: existsSync(collections) ? site : undefined,
    modulePath(fqcn) {
      const parts = fqcn.split(".");
      const name = parts.at(-1) ?? "";
      if (
        parts.length === 1 ||
        (parts.length === 3 &&
          parts[0] === "ansible" &&
          (parts[1] === "builtin" || parts[1] === "legacy"))
      ) {
        return firstFile([join(root, "modules", `${name}.py`)]);
      }
      if (parts.length < 3) return undefined;
      const [namespace = "", collection = "", ...rest] = parts;
      return firstFile([
        `${join(collections, namespace, collection, "plugins", "modules", ...rest)}.py`,
      ]);
    },
    moduleUtilsPath(name) {
      const path = join(site, ...name.split("."));
      return firstFile([`${path}.py`, join(path, "__init__.py")]);
    },
    hasAction: (name) => existsSync(join(root, "plugins", "action", `${name}.py`)),
  };
}

/**
 * Whether the interpreter of an installation is likely to find a package: beside ansible, in PYTHONPATH, below its prefix and
 * in the user's own folder. Only Python itself knows for sure, which costs its start.
 */
export function mayImport(
  { root, python }: Pick<Installation, "root" | "python">,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const prefix = dirname(dirname(python));
  const places = [
    dirname(root),
    ...(env["PYTHONPATH"] ?? "").split(":").filter((place) => place !== ""),
    ...sitePackages(prefix),
    ...(prefix === "/usr" ? sitePackages("/usr/local") : []),
    ...sitePackages(join(env["HOME"] ?? homedir(), ".local")),
  ];
  return places.some((place) => existsSync(join(place, name, "__init__.py")));
}

/** The first of the paths that is a file. */
export function firstFile(paths: readonly string[]): string | undefined {
  return paths.find(isFile);
}

/** interpreter -> directories that may hold the package, best first. */
function* candidates(
  env: Readonly<Record<string, string | undefined>>,
  usualPrefixes: readonly string[],
): Generator<readonly [string, readonly string[]]> {
  for (const directory of (env["PATH"] ?? "").split(":")) {
    if (directory === "") continue;
    const script = join(directory, "ansible-playbook");
    if (!existsSync(script)) continue;
    const python = interpreterOf(script);
    if (python !== undefined) yield [python, sitePackages(dirname(dirname(python)))];
    const beside = dirname(dirname(realpathSync(script)));
    yield [join(beside, "bin", "python3"), sitePackages(beside)];
  }
  const virtual = env["VIRTUAL_ENV"];
  if (virtual !== undefined) yield [join(virtual, "bin", "python3"), sitePackages(virtual)];
  const home = env["HOME"] ?? homedir();
  for (const prefix of [join(home, ".local"), ...usualPrefixes])
    yield ["/usr/bin/python3", sitePackages(prefix)];
  const pyenv = join(env["PYENV_ROOT"] ?? join(home, ".pyenv"), "versions");
  for (const version of names(pyenv).toReversed()) {
    const prefix = join(pyenv, version);
    yield [join(prefix, "bin", "python3"), sitePackages(prefix)];
  }
}

function interpreterOf(script: string): string | undefined {
  let first: string;
  try {
    first = readFileSync(script, "utf8").split("\n", 1)[0] ?? "";
  } catch {
    return undefined;
  }
  const match = /^#!\s*(\S*python[0-9.]*)(?:\s|$)/.exec(first);
  return match?.[1];
}

function sitePackages(prefix: string): string[] {
  const found = [join(prefix, "lib", "python3", "dist-packages")];
  for (const library of ["lib", "lib64"]) {
    for (const version of names(join(prefix, library))
      .filter((name) => /^python3\.[0-9]+$/.test(name))
      .toReversed()) {
      found.push(
        join(prefix, library, version, "site-packages"),
        join(prefix, library, version, "dist-packages"),
      );
    }
  }
  return found;
}

function versionOf(root: string): string | undefined {
  try {
    return /^__version__\s*=\s*['"]([^'"]+)['"]/m.exec(
      readFileSync(join(root, "release.py"), "utf8"),
    )?.[1];
  } catch {
    return undefined;
  }
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
