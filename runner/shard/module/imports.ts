import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { routeIn } from "../../load/runtime-file.ts";
import { blankSource } from "./blank-source.ts";

/** One Python source as it travels to a target. */
export interface PythonSource {
  /** Full name: `ansible.module_utils.basic`. */
  readonly name: string;
  readonly isPackage: boolean;
  readonly source: Uint8Array;
  readonly path: string;
}

/** Where Python names that modules may import are found. */
export interface SourceRoots {
  /** The folder of the installed `ansible` package. */
  readonly ansible: string;
  /** Folders that hold `ansible_collections`. */
  readonly collections: readonly string[];
  /** Folders of the user's own module_utils, searched before Ansible's. */
  readonly moduleUtils: readonly string[];
}

export interface ImportResolver {
  /** A module and everything it can import from Ansible or collections, itself first. @throws Error for what it has to import and nobody has. */
  closure(name: string, path: string): readonly PythonSource[];
  /** One source by name, for names that no static look could find. */
  find(name: string): PythonSource | undefined;
}

/**
 * Finds what a module imports without running it: reads `import` and `from` statements and follows them through
 * module_utils, packages above included (what ansible/executor/module_common.py does with Python's ast).
 * Every file is read once per run.
 */
export function createImportResolver(roots: SourceRoots): ImportResolver {
  const sources = new Map<string, PythonSource | undefined>();
  const imports = new Map<string, Imports>();
  const closures = new Map<string, readonly PythonSource[]>();

  const find = (name: string): PythonSource | undefined => {
    if (sources.has(name)) return sources.get(name);
    const source = locate(name, roots);
    sources.set(name, source);
    return source;
  };
  const importsOf = (source: PythonSource): Imports => {
    const known = imports.get(source.name);
    if (known !== undefined) return known;
    const text = Buffer.from(source.source).toString("utf8");
    const found = importsIn(text, source.name, source.isPackage);
    imports.set(source.name, found);
    return found;
  };

  return {
    find,
    closure(name, path) {
      const key = `${name}\0${path}`;
      const known = closures.get(key);
      if (known !== undefined) return known;
      const own: PythonSource = { name, isPackage: false, source: readSource(path), path };
      const found = new Map<string, PythonSource>([[name, own]]);
      const queue: PythonSource[] = [own];
      let asked = false;
      for (const at of queue) {
        // sys_info itself comes again when somebody asks for it by name.
        if (
          at.name !== BASIC &&
          !asked &&
          importsOf(at).names.some((wanted) => isBelow(wanted, SYS_INFO))
        ) {
          asked = true;
          const again = found.get(SYS_INFO);
          if (again !== undefined) queue.push(again);
        }
        const { names, required } = importsOf(at);
        const missing = required.find((candidates) => candidates.every((each) => !find(each)));
        if (missing !== undefined) throw notFound(name, missing);
        for (const wanted of names) {
          if (!asked && at.name === SYS_INFO && isBelow(wanted, DISTRO)) continue;
          for (const candidate of withParents(wanted)) {
            const known = found.get(candidate);
            // Below a plain module there are only its own names.
            if (known !== undefined && !known.isPackage) break;
            if (known !== undefined) continue;
            const source = find(candidate);
            if (source === undefined) continue;
            found.set(candidate, source);
            queue.push(source);
          }
        }
      }
      const closure = [...found.values()];
      closures.set(key, closure);
      return closure;
    },
  };
}

const BASIC = "ansible.module_utils.basic";
/** basic.py imports it for everybody; what it imports in turn is long and seldom used, and the agent asks for it if it is. */
const SYS_INFO = "ansible.module_utils.common.sys_info";
const DISTRO = "ansible.module_utils.distro";

function isBelow(name: string, parent: string): boolean {
  return name === parent || name.startsWith(`${parent}.`);
}

const STATEMENT =
  /^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)|import[ \t]+([^\n#;]+))/gm;

/** What a source imports from Ansible or collections. */
export interface Imports {
  /** `from a import b` gives `a` and `a.b`. */
  readonly names: readonly string[];
  /**
   * What has to be there, as the names of which one will do. Only what is imported at the outermost level has to
   * (`ModuleDepFinder` of ansible/executor/module_common.py).
   */
  readonly required: readonly (readonly string[])[];
}

/** Reads the `import` and `from` statements of a source. @param name its own full name */
export function importsIn(source: string, name: string, isPackage: boolean): Imports {
  const names = new Set<string>();
  const required: (readonly string[])[] = [];
  const joined = source.replace(/\\\n/g, " ");
  for (const [statement, from, list, plain] of joined.matchAll(STATEMENT)) {
    const isOutermost = !/^[ \t]/.test(statement);
    const need = (...candidates: readonly string[]): void => {
      if (isOutermost && candidates.every(isUtility)) required.push(candidates);
    };
    if (plain !== undefined) {
      for (const part of plain.split(",")) {
        const word = part.trim().split(/\s+/)[0] ?? "";
        add(names, word);
        need(word);
      }
      continue;
    }
    const base = absolute(from ?? "", name, isPackage);
    if (base === undefined) continue;
    add(names, base);
    for (const part of (list ?? "").replace(/[()]|#[^\n]*/g, " ").split(",")) {
      const word = part.trim().split(/\s+/)[0] ?? "";
      if (!/^\w+$/.test(word)) continue;
      add(names, `${base}.${word}`);
      if (isUtility(base)) need(`${base}.${word}`, base);
      else need(`${base}.${word}`);
    }
  }
  return { names: [...names], required };
}

/** Whether a name is one below module_utils. What six makes up is known to itself alone. */
function isUtility(name: string): boolean {
  return (
    /^(?:ansible|ansible_collections\.\w+\.\w+\.plugins)\.module_utils\.\w/.test(name) &&
    !isBelow(name, "ansible.module_utils.six")
  );
}

function notFound(module: string, candidates: readonly string[]): Error {
  const names = candidates.map((each) => `'${each}'`).join(", ");
  return new Error(
    `Could not find imported module support code for ${module}.  Looked for ([${names}])`,
  );
}

function add(names: Set<string>, name: string): void {
  if (name.startsWith("ansible.") || name.startsWith("ansible_collections.")) names.add(name);
}

function absolute(from: string, name: string, isPackage: boolean): string | undefined {
  const dots = /^\.*/.exec(from)![0].length;
  if (dots === 0) return from;
  const parts = name.split(".");
  const up = isPackage ? dots - 1 : dots;
  if (up > parts.length) return undefined;
  const base = parts.slice(0, parts.length - up);
  const rest = from.slice(dots);
  return rest === "" ? base.join(".") : [...base, rest].join(".");
}

function* withParents(name: string): Iterable<string> {
  const parts = name.split(".");
  for (let i = 2; i < parts.length; i++) yield parts.slice(0, i).join(".");
  yield name;
}

const UTILS = "ansible.module_utils.";

function locate(name: string, roots: SourceRoots): PythonSource | undefined {
  if (name.startsWith(UTILS)) {
    const below = name.slice(UTILS.length).split(".");
    for (const folder of [...roots.moduleUtils, join(roots.ansible, "module_utils")]) {
      const source = fromFile(name, join(folder, ...below));
      if (source !== undefined) return source;
    }
    const file = join(roots.ansible, "config", "ansible_builtin_runtime.yml");
    return redirected(name, file, name.slice(UTILS.length));
  }
  if (name.startsWith("ansible_collections.")) {
    const [, namespace = "", collection = "", plugins, kind, ...below] = name.split(".");
    for (const folder of roots.collections) {
      if (plugins === "plugins" && kind === "module_utils" && below.length > 0) {
        const home = join(folder, "ansible_collections", namespace, collection);
        const file = join(home, "meta", "runtime.yml");
        const source = isFile(file) ? redirected(name, file, below.join(".")) : undefined;
        if (source !== undefined) return source;
      }
      const source = fromFile(name, join(folder, ...name.split(".")));
      if (source !== undefined) return source;
    }
    return undefined;
  }
  // Of the rest of Ansible only what modules may import: the package itself and its release data.
  if (name === "ansible.module_utils" || name === "ansible.release") {
    return fromFile(name, join(roots.ansible, ...name.split(".").slice(1)));
  }
  return undefined;
}

/** A module that moved: a package that puts the one it moved to in its own place. */
function redirected(name: string, runtimeFile: string, below: string): PythonSource | undefined {
  const target = routeIn(runtimeFile, "module_utils", below)?.redirect;
  if (target === undefined) return undefined;
  const [namespace, collection, ...rest] = target.split(".");
  const moved = target.startsWith("ansible_collections.")
    ? target
    : `ansible_collections.${namespace}.${collection}.plugins.module_utils.${rest.join(".")}`;
  const text = `import sys\nimport ${moved}\nsys.modules[__name__] = sys.modules["${moved}"]\n`;
  return { name, isPackage: true, source: Buffer.from(text), path: runtimeFile };
}

function fromFile(name: string, base: string): PythonSource | undefined {
  const file = `${base}.py`;
  if (isFile(file)) return { name, isPackage: false, source: readSource(file), path: file };
  const init = join(base, "__init__.py");
  if (isFile(init)) return { name, isPackage: true, source: readSource(init), path: init };
  if (existsSync(base) && statSync(base).isDirectory()) {
    return {
      name,
      isPackage: true,
      source: new Uint8Array(0),
      path: join(dirname(base), "__init__.py"),
    };
  }
  return undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readSource(path: string): Uint8Array {
  return Buffer.from(blankSource(readFileSync(path, "utf8")), "utf8");
}
