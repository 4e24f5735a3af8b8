import type { Value } from "../model/value.ts";
import type { Origin } from "./error.ts";
import type { Outside } from "./outside.ts";

/** What {@link Scope.get} answers for a name that does not exist. */
export const MISSING: unique symbol = Symbol("missing");

/** The variables that a template reads. */
export interface Scope {
  /** The value of a variable, already templated (the owner does this lazily), or MISSING. */
  get(name: string): unknown;
  /**
   * The same variable before templating. With it, `{{ x }}` keeps ints, None and JSON text exactly
   * as Ansible does, which looks at the untemplated variable; without it, the value of `get` is taken.
   */
  raw?(name: string): unknown;
  /** Whether the variable is text that stays text although it reads as a literal: what to_json made. */
  keeps?(name: string): boolean;
  /** The variable as it is around the template, whatever the template has set; as `get` where that is missing. */
  around?(name: string): unknown;
  /** Whether what `raw` gives is a final value, which must never be templated. */
  isFinal?(name: string): boolean;
  readonly context: RenderContext;
}

/** What templates may know about the world around them. */
export interface RenderContext {
  /** Folders searched by lookups of files, first wins. */
  readonly searchPaths: readonly string[];
  /** All variable names, for lookup('varnames') and `vars`. */
  readonly scopeVars?: () => Iterable<string>;
  /** Where lookup('pipe') runs. */
  readonly cwd: string;
  readonly inventoryHostnames?: (pattern: string) => readonly string[];
}

/** How the pieces that a template prints become its result. */
export type ConcatMode = "eval" | "native" | "text";

/** One rendering: what filters, tests, lookups and generated code get as their first argument. */
export interface Run {
  readonly scope: Scope;
  readonly engine: Engine;
  readonly mode: ConcatMode;
  /** See sharing.ts; for templates that write YAML. */
  readonly askedAgain?: ReadonlySet<string> | undefined;
}

/** The environment as the library sees it. */
export interface Engine {
  readonly outside: Outside;
  readonly native: boolean;
  /** The setting ansible_managed, not yet formatted. */
  readonly managed: string;
  filter(name: string): Callable | undefined;
  test(name: string): Callable | undefined;
  lookup(name: string): Callable | undefined;
  global(name: string): unknown;
  /** Templates text as a variable would be: its value. */
  renderText(source: string, scope: Scope): unknown;
  renderValue(value: Value, scope: Scope): Value;
  /** Templates a whole file to text. */
  renderFile(source: string, file: string, scope: Scope, options: RenderFileOptions): string;
}

/** What lookup('template') may ask for. */
export interface RenderFileOptions {
  readonly variableStart?: string;
  readonly variableEnd?: string;
  readonly commentStart?: string;
  readonly commentEnd?: string;
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly origin?: Origin;
}

/**
 * The parameters of a function that templates can call, as words: `value`, `default?` (may be left
 * out), `*args` (the rest, as one array), `**kwargs` (the other keywords, as one Map).
 */
export type Params = readonly string[];

/** A function that templates can call: arguments arrive bound to `params`, left-out ones undefined. */
export type Invoke = (run: Run, ...args: readonly unknown[]) => unknown;

/** A filter, a test, a lookup or a global function with its parameters. */
export interface Callable {
  readonly params: Params;
  readonly invoke: Invoke;
}
