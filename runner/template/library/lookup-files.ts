import { define } from "../define.ts";
import { ansibleError, lookupError, optionsError } from "../lookup-call.ts";
import { decodeText } from "../py-bytes.ts";
import { truth } from "../py-compare.ts";
import { pyStr } from "../py-repr.ts";
import { trimSpace } from "../py-space.ts";
import { type Callable, isSequence, typeName } from "../py-types.ts";
import { MISSING, type Run, type Scope } from "../run.ts";
import { evalText, nativeText } from "../runtime.ts";
import { readCsv } from "./csv.ts";
import { glob } from "./glob.ts";
import { readIni } from "./ini.ts";
import { parseKeyValues } from "./key-values.ts";
import { baseName, dirName, joinPath, normalPath } from "./paths.ts";
import { templateVars } from "./template-vars.ts";

/** Lookups that read files of the controller, or run commands on it. */
export const FILE_LOOKUPS: Readonly<Record<string, Callable>> = {
  file: define("terms rstrip? lstrip?", (run, terms, right = true, left = false) =>
    texts(terms).map((term) => fileText(run, term, truth(right), truth(left))),
  ),
  fileglob: define("terms", (run, terms) => texts(terms).flatMap((term) => fileGlob(run, term))),
  first_found: define(
    "terms files? paths? skip?",
    (run, terms, files = [], paths = [], skip = false) =>
      firstFound(run, terms as unknown[], { files, paths, skip }),
  ),
  template: define(
    "terms convert_data? template_vars? variable_start_string? variable_end_string? comment_start_string? comment_end_string? jinja2_native?",
    (
      run,
      terms,
      convert = true,
      vars = new Map(),
      start,
      end,
      commentStart,
      commentEnd,
      native = false,
    ) =>
      texts(terms).map((term) =>
        convertedText(
          run,
          templateText(run, term, vars as Map<string, unknown>, {
            start,
            end,
            commentStart,
            commentEnd,
          }),
          truth(convert),
          truth(native),
        ),
      ),
  ),
  csvfile: define(
    "terms file? delimiter? encoding? default? col?",
    (
      run,
      terms,
      file = "ansible.csv",
      delimiter = "TAB",
      encoding = "utf-8",
      otherwise = "",
      col = "1",
    ) =>
      texts(terms).flatMap((term) =>
        csvValue(run, term, { file, delimiter, encoding, default: otherwise, col }),
      ),
  ),
  ini: define(
    "terms type? file? section? re? encoding? default? case_sensitive? allow_no_value? allow_none?",
    (
      run,
      terms,
      type = "ini",
      file = "ansible.ini",
      section = "global",
      re = false,
      encoding = "utf-8",
      otherwise = "",
      cased = false,
      noValue = false,
      none = false,
    ) =>
      texts(terms).flatMap((term) =>
        iniValues(run, term, {
          type,
          file,
          section,
          re,
          encoding,
          default: otherwise,
          case_sensitive: cased,
          allow_no_value: truth(noValue) || truth(none),
        }),
      ),
  ),
  pipe: define("terms", (run, terms) =>
    texts(terms).map((term) => trimSpace(command(run, "pipe", term), false)),
  ),
  lines: define("terms", (run, terms) =>
    texts(terms).flatMap((term) =>
      command(run, "lines", term)
        .replace(/\r?\n$/, "")
        .split(/\r?\n/)
        .filter((line, _index, all) => all.length > 1 || line !== ""),
    ),
  ),
  unvault: define("terms", (run, terms) =>
    texts(terms).map((term) => {
      const path = findFile(run, "files", term);
      if (path === undefined) throw ansibleError(`Unable to find file matching "${term}" `);
      return decodeText(run.engine.outside.readFile(path), "utf-8");
    }),
  ),
  url: define("terms **kwargs", () => {
    throw lookupError(
      "the lookup 'url' is not supported; fetch with the uri or get_url module in a task of its own and use its result",
    );
  }),
};

function texts(terms: unknown): string[] {
  return (terms as unknown[]).map((term) => {
    if (typeof term === "string") return term;
    return pyStr(term);
  });
}

/** A file in the folders of the play and role (path_dwim_relative_stack of ansible/parsing/dataloader.py). */
export function findFile(run: Run, folder: string, name: string): string | undefined {
  const { outside } = run.engine;
  if (name.startsWith("/") || name.startsWith("~")) {
    const path = normalPath(
      name.replace(/^~(?=\/|$)/, outside.env("HOME") ?? outside.home("") ?? "~"),
    );
    return outside.stat(path, true) === undefined ? undefined : path;
  }
  const { searchPaths, cwd } = run.scope.context;
  const isInFolder = name.split("/")[0] === folder;
  for (const base of [...searchPaths, cwd]) {
    const candidates = isInFolder
      ? [joinPath([base, name])]
      : [joinPath([base, folder, name]), joinPath([base, name])];
    const found = candidates.find((path) => outside.stat(path, true) !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fileText(run: Run, term: string, right: boolean, left: boolean): string {
  const path = findFile(run, "files", term);
  if (path === undefined || run.engine.outside.stat(path, true)?.kind === "directory")
    throw ansibleError(`could not locate file in lookup: ${term}`);
  return trimSpace(decodeText(run.engine.outside.readFile(path), "utf-8"), left, right);
}

function fileGlob(run: Run, term: string): string[] {
  const { outside } = run.engine;
  const { searchPaths, cwd } = run.scope.context;
  const name = baseName(term);
  const folders =
    name === term
      ? [...searchPaths, cwd].flatMap((base) => [joinPath([base, "files"]), base])
      : [findFile(run, "files", dirName(term))];
  for (const folder of folders) {
    if (folder === undefined) continue;
    const found = glob(outside, joinPath([folder, name])).filter(
      (path) => outside.stat(path, true)?.kind === "file",
    );
    if (found.length > 0) return found;
  }
  return [];
}

interface FirstFoundOptions {
  readonly files: unknown;
  readonly paths: unknown;
  readonly skip: unknown;
}

function firstFound(run: Run, terms: readonly unknown[], options: FirstFoundOptions): string[] {
  const search: string[] = [];
  const state = { skip: truth(options.skip) && terms.length === 0 };
  // Files may come by keyword alone.
  collectFirstFound(terms.length === 0 ? [""] : terms, options, search, state);
  for (const name of search) {
    if (name === "") continue;
    const found = findFile(run, "files", name);
    if (found !== undefined) return [found];
  }
  if (state.skip) return [];
  throw lookupError("No file was found when using first_found.");
}

function collectFirstFound(
  terms: readonly unknown[],
  options: FirstFoundOptions,
  search: string[],
  state: { skip: boolean },
): void {
  for (const term of terms) {
    if (isSequence(term)) {
      collectFirstFound(term, options, search, state);
      continue;
    }
    let own = options;
    if (term instanceof Map)
      own = {
        files: term.get("files") ?? [],
        paths: term.get("paths") ?? [],
        skip: term.get("skip") ?? false,
      };
    else if (typeof term !== "string")
      throw lookupError(
        `Invalid term supplied, can handle string, mapping or list of strings but got: <class '${typeName(term)}'> for ${pyStr(term)}`,
      );
    const files = splitNames(own.files, /[,;]/);
    const paths = splitNames(own.paths, /[,:;]/);
    state.skip = isYes(own.skip);
    if (paths.length > 0)
      for (const path of paths) search.push(...files.map((file) => joinPath([path, file])));
    else if (files.length > 0) search.splice(0, search.length, ...files);
    else search.push(pyStr(term));
  }
}

function isYes(value: unknown): boolean {
  return typeof value === "string" ? /^(?:y|yes|on|1|true|t)$/i.test(value) : truth(value);
}

function splitNames(value: unknown, by: RegExp): string[] {
  return isSequence(value) ? value.flatMap((item) => splitNames(item, by)) : pyStr(value).split(by);
}

interface Delimiters {
  readonly start: unknown;
  readonly end: unknown;
  readonly commentStart: unknown;
  readonly commentEnd: unknown;
}

/** What a template file became: data where it reads as such, unless only text is wanted or the other way of reading it is in force. */
function convertedText(run: Run, text: string, converts: boolean, native: boolean): unknown {
  if (!converts) return text;
  if (run.engine.native) return native ? nativeText(text) : text;
  // The line end of the file itself comes back only where text is left.
  const bare = text.replace(/\n$/, "");
  const value = evalText(bare);
  return value === bare ? text : value;
}

function templateText(
  run: Run,
  term: string,
  vars: ReadonlyMap<string, unknown>,
  delimiters: Delimiters,
): string {
  const path = findFile(run, "templates", term);
  if (path === undefined)
    throw ansibleError(`the template file ${term} could not be found for the lookup`);
  const source = decodeText(run.engine.outside.readFile(path), "utf-8");
  const text = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : pyStr(value);
  const file = { name: term, path, dest: null, managed: run.engine.managed };
  const known = new Map([...templateVars(run.engine.outside, file), ...vars]);
  const options = Object.fromEntries(
    Object.entries({
      variableStartString: text(delimiters.start),
      variableEndString: text(delimiters.end),
      commentStartString: text(delimiters.commentStart),
      commentEndString: text(delimiters.commentEnd),
    }).filter(([, value]) => value !== undefined),
  );
  const scope = new AddedScope(run.scope, known);
  return run.engine.renderFile(source, path, scope, options);
}

/** More variables in front of a scope. */
class AddedScope implements Scope {
  readonly #scope: Scope;
  readonly #added: ReadonlyMap<string, unknown>;
  constructor(scope: Scope, added: ReadonlyMap<string, unknown>) {
    this.#scope = scope;
    this.#added = added;
  }
  get context(): Scope["context"] {
    return this.#scope.context;
  }
  get(name: string): unknown {
    const added = this.#added.get(name);
    return added === undefined ? this.#scope.get(name) : added;
  }
  raw(name: string): unknown {
    const added = this.#added.get(name);
    return added === undefined ? (this.#scope.raw?.(name) ?? MISSING) : added;
  }
  keeps(name: string): boolean {
    return !this.#added.has(name) && this.#scope.keeps?.(name) === true;
  }
  isFinal(name: string): boolean {
    return this.#added.has(name) || this.#scope.isFinal?.(name) === true;
  }
}

function csvValue(run: Run, term: string, given: Readonly<Record<string, unknown>>): unknown[] {
  const { key, options } = inlineOptions(term, given);
  if (key === "") throw ansibleError("Search key is required but was not found");
  const path = findFile(run, "files", pyStr(options["file"]));
  if (path === undefined)
    throw ansibleError(`csvfile: [Errno 2] No such file or directory: '${pyStr(options["file"])}'`);
  const delimiter = pyStr(options["delimiter"]) === "TAB" ? "\t" : pyStr(options["delimiter"]);
  const rows = readCsv(
    decodeText(run.engine.outside.readFile(path), pyStr(options["encoding"])),
    delimiter,
  );
  const row = rows.find(([first]) => first === key);
  if (row === undefined)
    return options["default"] === null
      ? []
      : Array.isArray(options["default"])
        ? options["default"]
        : [options["default"]];
  const cell = row[Number(pyStr(options["col"]))];
  if (cell === undefined) throw ansibleError("csvfile: list index out of range");
  return [cell];
}

function inlineOptions(
  term: string,
  given: Readonly<Record<string, unknown>>,
): { key: string; options: Record<string, unknown> } {
  const { options, rest } = parseKeyValues(term);
  for (const name of options.keys()) {
    if (!(name in given)) throw lookupError(`${name} is not a valid option.`);
  }
  return { key: rest, options: { ...given, ...Object.fromEntries(options) } };
}

function iniValues(run: Run, term: string, given: Readonly<Record<string, unknown>>): unknown[] {
  const isInline = term.includes("=") || term.trim().includes(" ");
  const { key, options } = isInline
    ? inlineOptions(term, given)
    : { key: term, options: { ...given } };
  if (isInline && key === "")
    throw optionsError(
      `No key to lookup was provided as first term with in string inline options: ${term}`,
    );
  const path = findFile(run, "files", pyStr(options["file"]));
  if (path === undefined)
    throw ansibleError(
      `the file '${pyStr(options["file"])}' of the lookup 'ini' was not found in the search path`,
    );
  const isProperties = options["type"] === "properties";
  const section = isProperties ? "java_properties" : pyStr(options["section"]);
  const source = decodeText(run.engine.outside.readFile(path), pyStr(options["encoding"]));
  const text = isProperties ? `[java_properties]\n${source}` : source;
  const cased = truth(options["case_sensitive"]);
  const values = readIni(text, {
    file: pyStr(options["file"]),
    section,
    cased,
    allowNoValue: truth(options["allow_no_value"]),
  });
  if (isYes(options["re"])) {
    const regex = new RegExp(`^(?:${key})`);
    return [...values].filter(([name]) => regex.test(name)).map(([, value]) => value);
  }
  const value = values.get(cased ? key : key.toLowerCase());
  if (value !== undefined) return value === null ? [] : [value];
  return options["default"] === null
    ? []
    : Array.isArray(options["default"])
      ? options["default"]
      : [options["default"]];
}

function command(run: Run, name: string, line: string): string {
  const done = run.engine.outside.shell(line, run.scope.context.cwd);
  if (done.status !== 0)
    throw ansibleError(`lookup_plugin.${name}(${line}) returned ${done.status}`);
  return done.stdout;
}
