import { ClassText, type Dict, PyFloat, PyTuple, UnsafeText, type Value } from "../model/value.ts";
import { opened, VaultText } from "../model/vault-text.ts";
import { type Compiled, compileTemplate } from "./compile.ts";
import { type Condition, createCondition } from "./condition.ts";
import { CopyingScope } from "./copying-scope.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import { type Origin, renderError, syntaxError, TemplateError } from "./error.ts";
import {
  createFileTemplate,
  type FileTemplateOptions,
  type TextTemplate,
} from "./file-template.ts";
import { carryMarks, copyMarks, isKept, markKept, unboxed } from "./kept-text.ts";
import { escapeBackslashes } from "./lexer.ts";
import { templateVars } from "./library/template-vars.ts";
import { PyType } from "./py-call.ts";
import type { Scope } from "./run.ts";
import { concat, evalSingle, evalText, finalize, looksLiteral, nativeText } from "./runtime.ts";
import { ExportScope, type FileRun, startRun } from "./runtime-templates.ts";
import { toValue } from "./to-value.ts";
import { touchUnsafe } from "./unsafe.ts";

export type { Condition } from "./condition.ts";
export { type Origin, TemplateError } from "./error.ts";
export type { FileTemplateOptions, TextTemplate } from "./file-template.ts";
export { MISSING, type RenderContext, type Scope } from "./run.ts";
export { holdsText, touchUnsafe, trackUnsafe } from "./unsafe.ts";

/** The value of the variable `omit`: arguments that have it are left out. */
export const omitToken = "__omit_place_holder__5f1a0c6f3d8e4b7aa2c9e0d17b64f38c";

/** A compiled template of a playbook string. */
export interface Template {
  readonly source: string;
  /** Free variable names that it reads. */
  readonly reads: ReadonlySet<string>;
  /** It may read variables that its text does not name: treat it as reading everything. */
  readonly readsAnything: boolean;
  /**
   * The value, as Ansible 2.14 makes it. Throws TemplateError.
   */
  render(scope: Scope): Value;
}

export interface RenderValueOptions {
  /**
   * Template dict keys as well (default). Ansible itself does so only for the names in `set_fact`;
   * give false for variables. Given as true, the value is what `set_fact` sets: see `boxed`, which
   * then holds for each of the dict's values.
   */
  readonly keys?: boolean;
  /**
   * Text that reads as a list or dict but must stay text (to_json made it) comes as UnsafeText, so that
   * a scope can be told about it. Inside containers it is always plain; see isKept().
   */
  readonly boxed?: boolean;
}

/** What compiles and renders. One per run and worker: it caches everything that it compiled. */
export interface Environment {
  /** Cheap: whether text contains a delimiter at all. */
  isTemplate(text: string): boolean;
  /** Throws TemplateError (syntax) for text that is no template. */
  compile(source: string, origin?: Origin): Template;
  condition(source: string | boolean, origin?: Origin): Condition;
  /** A whole-file template, as the `template` action renders it. */
  file(source: string, origin: Origin, options?: FileTemplateOptions): TextTemplate;
  /**
   * Templates all strings inside a value; `!unsafe` text becomes plain. The same reference is given
   * back when nothing changed.
   */
  renderValue(value: Value, scope: Scope, origin?: Origin, options?: RenderValueOptions): Value;
  /** What a template file sees besides the variables: ansible_managed and template_*. */
  templateVars(name: string, path: string, dest: string | null): ReadonlyMap<string, unknown>;
  /** Whether rendering a value gives the same each time, as long as the variables that it names have theirs. @throws TemplateError (syntax) */
  isSteady(value: Value): boolean;
  /** Names read by all templates inside a value. */
  readsOf(value: Value): { reads: ReadonlySet<string>; anything: boolean };
  /**
   * The list that a lookup gives, for `with_<name>` loops: the terms are rendered already, and are never rendered again.
   * Throws TemplateError.
   */
  runLookup(
    name: string,
    terms: readonly Value[] | Dict,
    kwargs: ReadonlyMap<string, Value>,
    scope: Scope,
  ): Value[];
}

export interface EnvironmentOptions extends EngineOptions {
  /** Ansible's jinja2_native. */
  readonly native?: boolean;
}

/** Templates kept at most; the oldest goes first. */
const CACHE_SIZE = 10_000;

export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const mode = options.native === true ? "native" : "eval";
  const templates = new Map<string, CachedTemplate>();
  const conditions = new Map<string | boolean, Condition>();
  const engine = createEngine(options, {
    renderText: (source, scope) => (isTemplate(source) ? compile(source).render(scope) : source),
    renderValue: (value, scope) => renderValue(value, scope, undefined, { keys: false }),
    renderFile: (source, file, scope, fileOptions) =>
      environment.file(source, { file, line: 1, column: 1 }, fileOptions).renderText(scope),
  });

  function compile(source: string, origin?: Origin): CachedTemplate {
    const known = templates.get(source);
    if (known !== undefined) return known;
    const compiled = isTemplate(source)
      ? new CachedTemplate(source, origin)
      : new CachedTemplate(source, origin, true);
    remember(templates, source, compiled);
    return compiled;
  }

  class CachedTemplate implements Template {
    readonly source: string;
    readonly #origin: Origin | undefined;
    readonly #compiled: Compiled | undefined;
    readonly #data: string;
    readonly #newlines: number;

    constructor(source: string, origin: Origin | undefined, isPlain = false) {
      this.source = source;
      this.#origin = origin;
      this.#newlines = newlinesAtEnd(source);
      this.#data = source;
      if (isPlain) return;
      this.#data = escaped(source, origin);
      try {
        this.#compiled = compileTemplate(this.#data, {
          syntax: engine.syntax,
          library: engine,
          exports: false,
          isPureLookup: engine.isPureLookup,
        });
      } catch (error) {
        const mistake = TemplateError.from(error);
        throw syntaxError(mistake, this.#data, within(origin, mistake.origin));
      }
    }

    get reads(): ReadonlySet<string> {
      return this.#compiled?.reads ?? EMPTY;
    }

    get readsAnything(): boolean {
      return this.#compiled?.readsAnything ?? false;
    }

    get isSteady(): boolean {
      return this.#compiled?.isSteady ?? true;
    }

    render(scope: Scope): Value {
      return unboxed(this.renderBoxed(scope));
    }

    /** The same with text that stays text, although it reads as a literal, as UnsafeText. */
    renderBoxed(scope: Scope): Value {
      const compiled = this.#compiled;
      if (compiled === undefined) return this.source;
      try {
        if (compiled.variable !== undefined) {
          const bare = bareVariable(compiled.variable, scope);
          if (bare !== undefined) return bare;
        }
        const made = toValue(this.#withNewlines(this.#evaluate(compiled, scope)));
        if (mode === "native") compiled.followItems?.({ scope, engine, mode }, made);
        return made;
      } catch (error) {
        throw renderError(error, this.#data, this.#origin);
      }
    }

    #evaluate(compiled: Compiled, outer: Scope): unknown {
      const scope = compiled.copies ? new CopyingScope(outer) : outer;
      const { askedAgain } = compiled;
      const bare = { scope, engine, mode, line: 1, askedAgain } as never as FileRun;
      if (compiled.value === undefined) {
        const run = compiled.isAlone ? bare : this.#fullRun(compiled, scope);
        const out: unknown[] = [];
        compiled.root(run, out);
        const [only] = out;
        return out.length === 1 && only instanceof UnsafeText ? only : concat(run, out);
      }
      const value = finalize(bare, compiled.value(bare));
      if (typeof value === "string") {
        if (!looksLiteral(bare, value)) return value;
        if (compiled.keepsText(bare, value)) return new UnsafeText(value);
        return mode === "native" ? nativeText(value) : evalText(value);
      }
      if (mode !== "native") return evalSingle(value);
      // A class is not text, though it leaves as its name.
      return value instanceof PyType ? new ClassText(value.pyRepr()) : value;
    }

    #fullRun(compiled: Compiled, scope: Scope): FileRun {
      const template = { ...compiled, name: "<template>" };
      const exports = new ExportScope(scope, undefined);
      const base = { scope, engine, mode, askedAgain: compiled.askedAgain } as const;
      return startRun(base, template, exports, engine.loader(scope));
    }

    // The lexer drops the last newline; Ansible puts back as many as the source had.
    #withNewlines(result: unknown): unknown {
      if (this.#newlines === 0) return result;
      const text = result instanceof UnsafeText ? result.text : result;
      if (typeof text !== "string") return result;
      const missing = this.#newlines - newlinesAtEnd(text);
      return missing > 0 ? text + "\n".repeat(missing) : result;
    }
  }

  function renderValue(
    value: Value,
    scope: Scope,
    origin?: Origin,
    how: RenderValueOptions = {},
  ): Value {
    const rendered = renderBoxed(value, scope, origin, how);
    if (how.keys === true && rendered instanceof Map) return boxFacts(rendered);
    return how.boxed === true ? rendered : unboxed(rendered);
  }

  function renderBoxed(
    value: Value,
    scope: Scope,
    origin: Origin | undefined,
    how: RenderValueOptions,
  ): Value {
    if (typeof value === "string")
      return isTemplate(value) ? compile(value, origin).renderBoxed(scope) : value;
    if (value === null || typeof value !== "object") return value;
    if (value instanceof VaultText) return opened(value);
    if (value instanceof UnsafeText) {
      touchUnsafe();
      return value.text;
    }
    if (Array.isArray(value)) return renderItems(value, scope, origin, how);
    return value instanceof Map ? renderDict(value, scope, origin, how) : value;
  }

  function renderItems(
    items: Value[],
    scope: Scope,
    origin: Origin | undefined,
    how: RenderValueOptions,
  ): Value[] {
    // Templating makes lists of tuples, as Templar.template does of every sequence.
    let changed: Value[] | undefined = items instanceof PyTuple ? [...items] : undefined;
    const kept: number[] = [];
    items.forEach((item, index) => {
      const rendered = renderBoxed(item, scope, origin, how);
      if (rendered === item) return;
      changed ??= [...items];
      changed[index] = rendered instanceof VaultText ? rendered : unboxed(rendered);
      if (rendered instanceof UnsafeText) kept.push(index);
    });
    if (changed === undefined) return items;
    copyMarks(items, changed);
    for (const index of kept) markKept(changed, index);
    return changed;
  }

  function renderDict(
    dict: Map<Value, Value>,
    scope: Scope,
    origin: Origin | undefined,
    how: RenderValueOptions,
  ): Value {
    let isChanged = false;
    const kept: Value[] = [];
    const pairs: [Value, Value][] = [];
    for (const [key, value] of dict) {
      const name =
        how.keys !== false && typeof key === "string" && isTemplate(key)
          ? compile(key, origin).render(scope)
          : key;
      const rendered = renderBoxed(value, scope, origin, how);
      if (rendered !== value || name !== key) isChanged = true;
      if (rendered instanceof UnsafeText) kept.push(name);
      const isWhole =
        rendered instanceof VaultText || (how.keys === true && rendered instanceof ClassText);
      pairs.push([name, isWhole ? rendered : unboxed(rendered)]);
    }
    if (!isChanged) return dict;
    const changed = new Map(pairs);
    copyMarks(dict, changed);
    for (const name of kept) markKept(changed, name);
    return changed;
  }

  function collectReads(value: Value, reads: Set<string>): boolean {
    if (typeof value === "string") {
      if (!isTemplate(value)) return false;
      const template = compile(value);
      for (const name of template.reads) reads.add(name);
      return template.readsAnything;
    }
    let anything = false;
    if (Array.isArray(value))
      for (const item of value) anything = collectReads(item, reads) || anything;
    else if (value instanceof Map) {
      for (const [key, item] of value) {
        anything = collectReads(key, reads) || anything;
        anything = collectReads(item, reads) || anything;
      }
    }
    return anything;
  }

  function isSteady(value: Value): boolean {
    if (typeof value === "string") return !isTemplate(value) || compile(value).isSteady;
    if (Array.isArray(value)) return value.every(isSteady);
    if (!(value instanceof Map)) return true;
    for (const item of value.values()) if (!isSteady(item)) return false;
    return true;
  }

  const environment: Environment = {
    isTemplate,
    compile,
    condition(source, origin) {
      const known = conditions.get(source);
      if (known !== undefined) return known;
      const made = createCondition(source, origin, {
        engine,
        mode,
        isTemplate,
        render: (text, scope) => compile(text, origin).render(scope),
        readsOf: (text) => compile(text, origin),
      });
      remember(conditions, source, made);
      return made;
    },
    file: (source, origin, fileOptions = {}) =>
      createFileTemplate(source, origin, fileOptions, engine),
    isSteady,
    renderValue,
    templateVars: (name, path, dest) =>
      templateVars(engine.outside, { name, path, dest, managed: engine.managed }),
    readsOf(value) {
      const reads = new Set<string>();
      const anything = collectReads(value, reads);
      return { reads, anything };
    },
    runLookup(name, terms, kwargs, scope) {
      const found = engine.runLookup(name, terms, kwargs, { scope, engine, mode }).map(toValue);
      carryMarks(Array.isArray(terms) ? terms : [], found);
      return found;
    },
  };
  return environment;
}

const EMPTY: ReadonlySet<string> = new Set();

/** Whether text contains a delimiter of Jinja. */
export function isTemplate(text: string): boolean {
  const brace = text.indexOf("{");
  if (brace === -1) return false;
  return text.includes("{{", brace) || text.includes("{%", brace) || text.includes("{#", brace);
}

/**
 * `{{ x }}` of a variable that is itself a number, a bool or None is that very value; anything else
 * goes over text (Templar.template of ansible/template/__init__.py).
 */
function bareVariable(name: string, scope: Scope): Value | undefined {
  const raw = scope.raw === undefined ? scope.get(name) : scope.raw(name);
  if (raw === null) return null;
  switch (typeof raw) {
    case "number":
    case "bigint":
    case "boolean":
      return raw;
    default:
      return raw instanceof PyFloat ? raw : undefined;
  }
}

/** The facts of set_fact, with text that stays text boxed: it must stay so when the dict is taken apart. */
function boxFacts(facts: Map<Value, Value>): Value {
  const kept = [...facts].filter(
    // Booleans in words are set_fact's own business.
    ([name, value]) =>
      typeof value === "string" && !/^(true|false)$/i.test(value) && isKept(facts, name),
  );
  if (kept.length === 0) return facts;
  return new Map([
    ...facts,
    ...kept.map(([name, text]) => [name, new UnsafeText(text as string)] as const),
  ]);
}

function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  cache.set(key, value);
  if (cache.size > CACHE_SIZE) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
}

function newlinesAtEnd(text: string): number {
  let count = 0;
  while (text.charCodeAt(text.length - 1 - count) === 10) count++;
  return count;
}

/** A mistake met here is not yet one of the template: Ansible lets Jinja's bare words through. */
function escaped(source: string, origin: Origin | undefined): string {
  try {
    return escapeBackslashes(source);
  } catch (thrown) {
    const mistake = TemplateError.from(thrown);
    throw new TemplateError(mistake.kind, mistake.message, {
      origin: within(origin, mistake.origin),
      cause: mistake,
    });
  }
}

/** The place of an error inside a template that itself stands somewhere in a file. */
function within(outer: Origin | undefined, inner: Origin | undefined): Origin | undefined {
  if (outer === undefined || inner === undefined) return outer;
  return {
    file: outer.file,
    line: outer.line + inner.line - 1,
    column: inner.line === 1 ? outer.column + inner.column - 1 : inner.column,
  };
}
