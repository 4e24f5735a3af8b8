import { UnsafeText } from "../model/value.ts";
import { deepCopy } from "./deep-copy.ts";
import { TemplateError, typeError, Undefined, UnsetName } from "./error.ts";
import { pyRepr } from "./py-repr.ts";
import { isSequence, PyFunction, PyObject, typeName } from "./py-types.ts";
import { MISSING, type Run, type Scope } from "./run.ts";
import { joinText } from "./runtime.ts";
import { PyModule } from "./runtime-objects.ts";

/** A `{% block %}`: prints into `out`; `depth` counts towards the ancestors. */
export type BlockFunction = (run: FileRun, out: unknown[], depth: number) => void;

/** A compiled template with its blocks. */
export interface CompiledTemplate {
  readonly name: string;
  /** It must be given copies of its variables. */
  readonly copies: boolean;
  readonly root: (run: FileRun, out: unknown[]) => void;
  readonly blocks: Readonly<Record<string, BlockFunction>>;
}

/** One rendering of a template that can load others. */
export interface FileRun extends Run {
  readonly scope: ExportScope;
  readonly template: CompiledTemplate;
  readonly blocks: Map<string, BlockFunction[]>;
  /** Finds and compiles a template by name, or undefined when there is none. */
  readonly load: (name: string) => CompiledTemplate | undefined;
  readonly depth: number;
  line: number;
}

/** The variables of one template: what it set at its top level first, then those around it. */
export class ExportScope implements Scope {
  readonly exports = new Map<string, unknown>();
  /** Variables that no template has set are handed out as copies. */
  copies: boolean;
  readonly #around: Scope;
  readonly #locals: ReadonlyMap<string, unknown> | undefined;
  readonly #copied = new Map<string, unknown>();

  constructor(around: Scope, locals: ReadonlyMap<string, unknown> | undefined, copies = false) {
    this.#around = around;
    this.#locals = locals;
    this.copies = copies;
  }

  get context(): Scope["context"] {
    return this.#around.context;
  }

  get(name: string): unknown {
    const own = this.#own(name);
    if (own !== undefined) return own;
    if (isSetIn(this.#around, name)) return this.#around.get(name);
    if (!this.copies) return this.original(name);
    const known = this.#copied.get(name);
    if (known !== undefined) return known;
    const copy = deepCopy(this.original(name));
    this.#copied.set(name, copy);
    return copy;
  }

  /** A variable as it was before any template changed its copy. */
  original(name: string): unknown {
    return this.#around instanceof ExportScope
      ? this.#around.original(name)
      : this.#around.get(name);
  }

  around(name: string): unknown {
    return this.copies ? deepCopy(this.original(name)) : this.original(name);
  }

  /** Whether this template, or one around it, has set the name. */
  sets(name: string): boolean {
    return this.#own(name) !== undefined || isSetIn(this.#around, name);
  }

  raw(name: string): unknown {
    const own = this.#own(name);
    return own === undefined ? (this.#around.raw?.(name) ?? MISSING) : own;
  }

  keeps(name: string): boolean {
    return this.#own(name) === undefined && this.#around.keeps?.(name) === true;
  }

  #own(name: string): unknown {
    const own = this.exports.get(name) ?? this.#locals?.get(name);
    if (own instanceof UnsafeText) return own.text;
    return own instanceof UnsetName ? undefined : own;
  }

  isFinal(name: string): boolean {
    const own = this.exports.get(name) ?? this.#locals?.get(name);
    return own !== undefined || this.#around.isFinal?.(name) !== false;
  }
}

function isSetIn(scope: Scope, name: string): boolean {
  return scope instanceof ExportScope && scope.sets(name);
}

/** A scope that knows no variable: what `{% include ... without context %}` sees. */
class EmptyScope implements Scope {
  readonly context: Scope["context"];
  constructor(context: Scope["context"]) {
    this.context = context;
  }
  get(): unknown {
    return MISSING;
  }
}

const DEEPEST = 50;

/** A run of another template from this one. */
function enter(
  run: FileRun,
  template: CompiledTemplate,
  locals: ReadonlyMap<string, unknown> | undefined,
): FileRun {
  if (run.depth >= DEEPEST)
    throw new TemplateError("recursion", "maximum recursion depth exceeded");
  const around = locals === undefined ? new EmptyScope(run.scope.context) : run.scope;
  const scope = new ExportScope(around, locals, template.copies);
  return startRun(run, template, scope, run.load, run.depth + 1);
}

/** A fresh run of a template. */
export function startRun(
  base: Run,
  template: CompiledTemplate,
  scope: ExportScope,
  load: FileRun["load"],
  depth = 0,
): FileRun {
  const run: FileRun = { ...base, scope, template, blocks: new Map(), load, depth, line: 1 };
  addBlocks(run, template);
  return run;
}

function addBlocks(run: FileRun, template: CompiledTemplate): void {
  for (const [name, block] of Object.entries(template.blocks)) {
    const known = run.blocks.get(name);
    if (known === undefined) run.blocks.set(name, [block]);
    else known.push(block);
  }
}

function load(run: FileRun, name: unknown): CompiledTemplate {
  if (name instanceof Undefined) name.fail();
  if (name instanceof PyObject && typeName(name) === "Template")
    return (name as PyObject & { template: CompiledTemplate }).template;
  if (typeof name !== "string") throw typeError(`template names are text, not ${typeName(name)}`);
  const found = run.load(name);
  if (found === undefined) throw new TemplateError("runtime", name);
  return found;
}

export function include(
  run: FileRun,
  names: unknown,
  ignoreMissing: boolean,
  locals: ReadonlyMap<string, unknown> | undefined,
  out: unknown[],
): void {
  const candidates = isSequence(names) ? names : [names];
  for (const name of candidates) {
    if (name instanceof Undefined) name.fail();
    const template = typeof name === "string" ? run.load(name) : undefined;
    if (template === undefined) continue;
    template.root(enter(run, template, locals), out);
    return;
  }
  if (ignoreMissing) return;
  throw new TemplateError(
    "runtime",
    isSequence(names)
      ? `none of the templates given were found: ${names.map(String).join(", ")}`
      : String(names),
  );
}

export function importModule(
  run: FileRun,
  name: unknown,
  locals: ReadonlyMap<string, unknown> | undefined,
): PyModule {
  const template = load(run, name);
  const inner = enter(run, template, locals);
  const out: unknown[] = [];
  template.root(inner, out);
  return new PyModule(template.name, inner.scope.exports, () => joinText(out));
}

export function importedName(module: PyModule, name: string, line: number): unknown {
  return (
    module.pyGet(name) ??
    new Undefined(
      name,
      `the template ${pyRepr(module.templateName)} (imported on line ${line}) does not export the requested name ${pyRepr(name)}`,
    )
  );
}

export function exportName(run: FileRun, name: string, value: unknown): void {
  run.scope.exports.set(name, value);
}

/** `{% extends %}`: finds the parent, whose blocks come behind those of the child. */
export function extend(run: FileRun, name: unknown): CompiledTemplate {
  const parent = load(run, name);
  addBlocks(run, parent);
  return parent;
}

export function renderParent(run: FileRun, parent: CompiledTemplate, out: unknown[]): void {
  if (parent.copies) run.scope.copies = true;
  parent.root(run, out);
}

export function renderBlock(
  run: FileRun,
  name: string,
  locals: ReadonlyMap<string, unknown> | undefined,
  out: unknown[],
  required = false,
): void {
  const blocks = run.blocks.get(name) ?? [];
  if (required && blocks.length <= 1)
    throw new TemplateError("runtime", `Required block ${pyRepr(name)} not found`);
  const inner =
    locals === undefined
      ? run
      : { ...run, scope: new ExportScope(run.scope, locals, run.scope.copies) };
  blocks[0]?.(inner, out, 0);
}

/** `super` in a block. */
export function superBlock(run: FileRun, name: string, depth: number): unknown {
  const block = run.blocks.get(name)?.[depth + 1];
  if (block === undefined)
    return new Undefined("super", `there is no parent block called ${pyRepr(name)}.`);
  return new PyFunction("super", [], () => {
    const out: unknown[] = [];
    block(run, out, depth + 1);
    return joinText(out);
  });
}

/** `self`: the blocks of this template as functions. */
export function self(run: FileRun): PyObject {
  return new SelfReference(run);
}

class SelfReference extends PyObject {
  readonly pyType = "TemplateReference";
  readonly #run: FileRun;
  constructor(run: FileRun) {
    super();
    this.#run = run;
  }
  pyGet(name: string): unknown {
    if (!this.#run.blocks.has(name)) return undefined;
    return new PyFunction(name, [], () => {
      const out: unknown[] = [];
      renderBlock(this.#run, name, undefined, out);
      return joinText(out);
    });
  }
}
