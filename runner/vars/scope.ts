import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import {
  type Environment,
  holdsText,
  MISSING,
  type RenderContext,
  type Scope,
  touchUnsafe,
  trackUnsafe,
} from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { merged } from "./combine.ts";
import type { Layer } from "./precedence.ts";

/** Answers magic variables (`inventory_hostname`, `groups`, `hostvars` ...), or MISSING. */
export type MagicVars = (name: string, scope: VarScope) => unknown;

export interface ScopeParts {
  readonly environment: Environment;
  /** Highest precedence first. */
  readonly layers: readonly Layer[];
  readonly magic: MagicVars;
  /** Answers what nothing else does; no listing has its names. */
  readonly fallback?: MagicVars;
  /** The names `magic` answers, for listings. */
  readonly magicNames: readonly string[];
  /** Whether dicts of the same name in several layers are one dict (hash_behaviour = merge). */
  readonly merge?: boolean;
  readonly context: Omit<RenderContext, "scopeVars">;
  /** Tells, when asked for, that a name was read. */
  readonly watch?: { readonly name: string; hit: boolean };
  /** Whether many tasks read it, each of which calls `renew` first. */
  readonly isShared?: boolean;
}

/** The variables one task sees on one host. */
export interface VarScope extends Scope {
  /** What `get` gives, of variables that somebody has set; MISSING for magic ones. */
  own(name: string): unknown;
  /** A variable as written, not rendered, or MISSING. */
  raw(name: string): unknown;
  /** Whether what `raw` gives is never to be templated. */
  isFinal(name: string): boolean;
  /** Whether a variable is text that stays text although it reads as a literal. */
  keeps(name: string): boolean;
  /** All names that have a value. */
  names(): Iterable<string>;
  /** The same scope with some final values on top (loop variables); UnsafeText among them stays text. */
  with(locals: ReadonlyMap<string, unknown>, from?: "outside"): VarScope;
}

/** A scope that many tasks read while its layers stay as they are. */
export interface SharedScope extends VarScope {
  /** Forgets what may be different when it is rendered again: a new reader begins. */
  renew(): void;
}

/**
 * A lazy view over layers: a name costs one look-up per layer when it is first read, and is rendered
 * once per scope. A variable that reads itself is an error that names the variable.
 */
export function createScope(parts: ScopeParts, locals?: ReadonlyMap<string, unknown>): SharedScope {
  return new LayeredScope(parts, locals ?? NO_LOCALS, NO_NAMES);
}

const NO_LOCALS: ReadonlyMap<string, unknown> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

/** Whether the value that is being made may be another one the next time. Rendering is synchronous, so that one flag is enough. */
let isUnsteady = false;

class LayeredScope implements SharedScope {
  readonly context: RenderContext;
  readonly #parts: ScopeParts;
  readonly #locals: ReadonlyMap<string, unknown>;
  readonly #memo = new Map<string, unknown>();
  /** Names whose text stays text, among those in the memo. */
  readonly #kept = new Set<string>();
  readonly #rendering = new Set<string>();
  /** Locals that came from outside, and names in the memo that do or are made of such. */
  readonly #unsafeLocals: ReadonlySet<string>;
  readonly #unsafe = new Set<string>();
  /** Of a shared scope: names in the memo that the next reader renders again. */
  readonly #unsteady: Set<string> | undefined;
  /** Of a shared scope: all names, once they were asked for. */
  #names: ReadonlySet<string> | undefined;

  constructor(
    parts: ScopeParts,
    locals: ReadonlyMap<string, unknown>,
    unsafeLocals: ReadonlySet<string>,
  ) {
    this.#parts = parts;
    this.#locals = locals;
    this.#unsafeLocals = unsafeLocals;
    this.#unsteady = parts.isShared === true ? new Set() : undefined;
    this.context = { ...parts.context, scopeVars: () => this.names() };
  }

  get(name: string): unknown {
    const known = this.#memo.get(name);
    if (known !== undefined) {
      if (this.#unsafe.has(name)) touchUnsafe();
      if (this.#unsteady?.has(name) === true) isUnsteady = true;
      return known;
    }
    const { value: found, unsafe } = this.#tracked(name);
    if (unsafe) {
      this.#unsafe.add(name);
      touchUnsafe();
    }
    // One that nobody can decrypt fails where it is used, not where it is named.
    const isBoxed = found instanceof UnsafeText && !(found instanceof VaultText);
    if (isBoxed) this.#kept.add(name);
    const value = isBoxed ? found.text : found;
    this.#memo.set(name, value);
    return value;
  }

  own(name: string): unknown {
    return this.raw(name) === MISSING ? MISSING : this.get(name);
  }

  keeps(name: string): boolean {
    this.get(name);
    return this.#kept.has(name);
  }

  raw(name: string): unknown {
    const local = this.#locals.get(name);
    if (local !== undefined) return finalText(local);
    if (this.#parts.merge === true) return mergedLayers(this.#parts.layers, name);
    for (const layer of this.#parts.layers) {
      const value = layer.vars.get(name);
      if (value !== undefined) return isFinalIn(layer, name) ? finalText(value) : value;
    }
    return MISSING;
  }

  isFinal(name: string): boolean {
    if (this.#locals.has(name)) return true;
    const layer = this.#parts.layers.find(({ vars }) => vars.get(name) !== undefined);
    return layer !== undefined && isFinalIn(layer, name);
  }

  names(): Iterable<string> {
    if (this.#unsteady === undefined) return this.#listed();
    this.#names ??= new Set(this.#listed());
    return this.#names;
  }

  renew(): void {
    if (this.#unsteady === undefined) return;
    for (const name of this.#unsteady) {
      this.#memo.delete(name);
      this.#kept.delete(name);
      this.#unsafe.delete(name);
    }
    this.#unsteady.clear();
  }

  *#listed(): Iterable<string> {
    const seen = new Set<string>();
    const { magic, magicNames } = this.#parts;
    const answered = magicNames.filter((name) => magic(name, this) !== MISSING);
    const sources: Iterable<unknown>[] = [this.#locals.keys(), answered];
    for (const layer of this.#parts.layers) sources.push(layer.vars.keys());
    for (const source of sources) {
      for (const name of source) {
        if (typeof name !== "string" || seen.has(name)) continue;
        seen.add(name);
        yield name;
      }
    }
  }

  with(locals: ReadonlyMap<string, unknown>, from?: "outside"): VarScope {
    const unsafe = new Set(this.#unsafeLocals);
    for (const name of locals.keys()) {
      if (from === "outside") unsafe.add(name);
      else unsafe.delete(name);
    }
    return new LayeredScope(this.#parts, new Map([...this.#locals, ...locals]), unsafe);
  }

  /** Resolves a name; tells what came from outside, and remembers of a shared scope what is not steady. */
  #tracked(name: string): { readonly value: unknown; readonly unsafe: boolean } {
    if (this.#unsteady === undefined) return trackUnsafe(() => this.#resolve(name));
    const before = isUnsteady;
    isUnsteady = false;
    try {
      const found = trackUnsafe(() => this.#resolve(name));
      if (isUnsteady) this.#unsteady.add(name);
      return found;
    } finally {
      isUnsteady ||= before;
    }
  }

  #resolve(name: string): unknown {
    if (name === this.#parts.watch?.name) this.#parts.watch.hit = true;
    const local = this.#locals.get(name);
    if (local !== undefined) {
      if (this.#unsafeLocals.has(name) && holdsText(local)) touchUnsafe();
      return local;
    }
    const magic = this.#parts.magic(name, this);
    if (magic !== MISSING) return magic;
    if (this.#parts.merge === true) {
      const value = mergedLayers(this.#parts.layers, name);
      if (value !== MISSING) return this.#render(name, value as Value);
      return this.#parts.fallback?.(name, this) ?? MISSING;
    }
    for (const layer of this.#parts.layers) {
      const value = layer.vars.get(name);
      if (value === undefined) continue;
      if (!isFinalIn(layer, name)) return this.#render(name, value as Value);
      if (layer.trusted?.has(name) !== true && holdsText(value)) touchUnsafe();
      return value;
    }
    return this.#parts.fallback?.(name, this) ?? MISSING;
  }

  #render(name: string, value: Value): unknown {
    if (value === null || typeof value === "boolean" || typeof value === "number") return value;
    if (this.#rendering.has(name)) {
      throw new TemplateError(
        "recursion",
        `recursive loop detected in template string: ${typeof value === "string" ? value : name}. The variable '${name}' reads itself.`,
      );
    }
    const { environment } = this.#parts;
    if (this.#unsteady !== undefined && !environment.isSteady(value)) isUnsteady = true;
    this.#rendering.add(name);
    try {
      return environment.renderValue(value, this, undefined, {
        keys: false,
        boxed: true,
      });
    } finally {
      this.#rendering.delete(name);
    }
  }
}

function isFinalIn({ final, templates }: Layer, name: string): boolean {
  return final && templates?.has(name) !== true;
}

/** Text that came from a target must not be taken for a template by whoever looks at it raw. */
function finalText(value: unknown): unknown {
  return typeof value === "string" && value.includes("{") ? new UnsafeText(value) : value;
}

/** A variable's dicts as one, down to the first layer in which it is no dict; what came from targets stays no template. */
function mergedLayers(layers: readonly Layer[], name: string): unknown {
  let result: Dict | undefined;
  for (const layer of layers) {
    const found = layer.vars.get(name);
    if (found === undefined) continue;
    const value = isFinalIn(layer, name) ? finalValue(found as Value) : (found as Value);
    if (!isDict(value)) return result ?? value;
    result = result === undefined ? value : merged(value, result);
  }
  return result ?? MISSING;
}

/** A value that came from a target, with none of its texts to be taken for a template, at any level. */
export function finalValue(value: Value): Value {
  if (typeof value === "string") return finalText(value) as Value;
  if (Array.isArray(value)) return value.map(finalValue);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, finalValue(item)]));
  return value;
}
