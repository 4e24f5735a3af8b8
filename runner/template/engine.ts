import type { Value } from "../model/value.ts";
import { TemplateError } from "./error.ts";
import { extendedSyntax } from "./extensions.ts";
import type { Syntax } from "./lexer.ts";
import { ANSIBLE_FILTERS } from "./library/ansible-filters.ts";
import { FILTERS } from "./library/filters.ts";
import { GLOBALS } from "./library/globals.ts";
import { createOutside, LOOKUPS, PURE_LOOKUPS, type WorldOptions } from "./library/lookups.ts";
import { TESTS } from "./library/tests.ts";
import { plainLookup } from "./lookup-call.ts";
import type { Callable } from "./py-types.ts";
import type { Engine, Run, Scope } from "./run.ts";
import type { CompiledTemplate } from "./runtime-templates.ts";

type Library = Readonly<Record<string, Callable>>;

/** What the makers of an environment may add or replace. */
export interface EngineOptions extends WorldOptions {
  readonly native?: boolean;
  /** The setting ansible_managed. */
  readonly managed?: string;
  /** The setting jinja2_extensions. */
  readonly extensions?: readonly string[];
  /** Added to the built-in filters, or replacing them. */
  readonly filters?: Library;
  readonly tests?: Library;
  readonly lookups?: Library;
  /** Asked for names: plugins found later, or in the place of built-in ones. */
  readonly resolve?: Resolver;
}

/** Finds plugins that are no part of the library, or replace a part (`isBuiltIn`). */
export type Resolver = Readonly<Partial<Record<"filter" | "test" | "lookup", Find>>>;

type Find = (name: string, isBuiltIn: boolean) => Callable | undefined;

/** The parts of the environment that need the engine themselves. */
export interface EngineHooks {
  renderText(source: string, scope: Scope): unknown;
  renderValue(value: Value, scope: Scope): Value;
  renderFile: Engine["renderFile"];
}

/** The engine with what only this folder's own files ask for. */
export interface TemplateEngine extends Engine {
  readonly syntax: Syntax;
  /** A lookup whose result depends on its arguments only, not on other variables. */
  readonly isPureLookup: (name: string) => boolean;
  runLookup(
    name: string,
    terms: readonly unknown[] | ReadonlyMap<unknown, unknown>,
    kwargs: ReadonlyMap<string, unknown>,
    run: Run,
  ): unknown[];
  /** Finds the text of a template beside the play. */
  findTemplate(
    name: string,
    scope: Scope,
  ): { readonly file: string; readonly source: string } | undefined;
  /** How templates of playbook strings load others. */
  loader(scope: Scope): (name: string) => CompiledTemplate | undefined;
}

export function createEngine(options: EngineOptions, hooks: EngineHooks): TemplateEngine {
  const outside = createOutside(options);
  const filter = finder(
    { ...FILTERS, ...ANSIBLE_FILTERS },
    options.filters,
    options.resolve?.filter,
  );
  const test = finder(TESTS, options.tests, options.resolve?.test);
  const lookup = finder(LOOKUPS, options.lookups, options.resolve?.lookup);

  const engine: TemplateEngine = {
    ...hooks,
    outside,
    native: options.native === true,
    managed: options.managed ?? "Ansible managed",
    syntax: extendedSyntax(options.extensions ?? []),
    filter,
    test,
    lookup,
    global: (name) => GLOBALS.get(name),
    isPureLookup: (name) => PURE_LOOKUPS.has(name) && lookup(name) === LOOKUPS[name],
    runLookup: plainLookup,
    findTemplate(name, scope) {
      const { searchPaths, cwd } = scope.context;
      const folders = name.startsWith("/")
        ? [""]
        : [...searchPaths.flatMap((path) => [`${path}/templates`, path]), cwd];
      for (const folder of folders) {
        const file = folder === "" ? name : `${folder}/${name}`;
        if (outside.stat(file, true)?.kind !== "file") continue;
        return { file, source: new TextDecoder().decode(outside.readFile(file)) };
      }
      return undefined;
    },
    loader: () => (name) => {
      throw new TemplateError(
        "runtime",
        `cannot load the template '${name}' from a playbook string; move the text to a template file or use lookup('template')`,
      );
    },
  };
  return engine;
}

/** Finds by short name or by ansible.builtin.NAME. */
function finder(
  builtin: Library,
  added: Library | undefined,
  resolve: Find | undefined,
): (name: string) => Callable | undefined {
  const table = new Map<string, Callable>([
    ...Object.entries(builtin),
    ...Object.entries(added ?? {}),
  ]);
  const resolved = new Map<string, Callable>();
  return (name) => {
    const short = /^ansible\.(?:builtin|legacy)\.(\w+)$/.exec(name)?.[1];
    const known = table.get(short ?? name);
    if (resolve === undefined) return known;
    const own = resolved.get(name) ?? resolve(name, known !== undefined);
    if (own !== undefined) resolved.set(name, own);
    return own ?? known;
  };
}
