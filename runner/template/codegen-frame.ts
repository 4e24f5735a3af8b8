import type { Expression, Statement } from "./ast.ts";
import { readNames } from "./scopes.ts";

/** A template variable held in a JavaScript variable. */
export interface Local {
  readonly js: string;
  /** It surely has a value wherever it can be read; else it falls through to the variables outside. */
  definite: boolean;
  /** The JavaScript variable that tells whether its text stays text, where that is followed. */
  readonly kept?: string;
  /** The expression whose items a loop gives to it. */
  items?: Expression;
}

let counter = 0;

/** A name for a JavaScript variable that nothing else uses. */
export function freshName(prefix: string): string {
  return `${prefix}${++counter}`;
}

/** One scope of template variables, inside a JavaScript function. */
export class Frame {
  readonly owner: FunctionFrame;
  readonly #parent: Frame | undefined;
  readonly #locals = new Map<string, Local>();
  /** The statements of the scope, once they are being written. */
  body: readonly Statement[] = [];
  #reads: ReadonlySet<string> | undefined;
  /** How many `if`s stand around the statement that is being written, inside this scope. */
  branches = 0;

  constructor(owner: FunctionFrame, parent: Frame | undefined) {
    this.owner = owner;
    this.#parent = parent;
  }

  find(name: string): Local | undefined {
    return this.#locals.get(name) ?? this.#parent?.find(name);
  }

  /** Whether a scope around this one reads a name, so that Jinja knows it here from the beginning. */
  isReadAround(name: string): boolean {
    const around = this.#parent;
    if (around === undefined) return false;
    around.#reads ??= readNames(around.body);
    return around.#reads.has(name) || around.isReadAround(name);
  }

  declare(name: string, definite: boolean, followed = false): Local {
    const local: Local = {
      js: freshName("v"),
      definite,
      ...(followed ? { kept: freshName("k") } : {}),
    };
    this.#locals.set(name, local);
    return local;
  }

  /** The variable has a value from here on, unless this is only one branch of several. */
  assign(name: string): void {
    const local = this.#locals.get(name);
    if (local !== undefined && this.branches === 0) local.definite = true;
  }

  /** All variables that can be seen from here, innermost first. */
  visible(): Map<string, Local> {
    const found = this.#parent?.visible() ?? new Map<string, Local>();
    for (const [name, local] of this.#locals) found.set(name, local);
    return found;
  }
}

/** One JavaScript function: its temporaries and its cache of outer variables. */
export class FunctionFrame {
  readonly #temps: string[] = [];
  readonly #caches = new Map<string, string>();
  /** Reads may happen many times, so that outer variables are worth remembering. */
  loops: boolean;

  constructor(loops: boolean) {
    this.loops = loops;
  }

  temp(): string {
    const name = freshName("t");
    this.#temps.push(name);
    return name;
  }

  cacheOf(name: string): string {
    const known = this.#caches.get(name);
    if (known !== undefined) return known;
    const cache = freshName("g");
    this.#caches.set(name, cache);
    return cache;
  }

  /** The declarations that stand at the head of the function. */
  declarations(): string {
    const names = [...this.#temps, ...this.#caches.values()];
    return names.length === 0 ? "" : `let ${names.join(",")};`;
  }
}
