import { deepCopy } from "./deep-copy.ts";
import { MISSING, type RenderContext, type Scope } from "./run.ts";

/** Variables as copies, which the template may change, and of which no two share anything. */
export class CopyingScope implements Scope {
  readonly #scope: Scope;
  readonly #copies = new Map<string, unknown>();
  constructor(scope: Scope) {
    this.#scope = scope;
  }
  get context(): RenderContext {
    return this.#scope.context;
  }
  get(name: string): unknown {
    const known = this.#copies.get(name);
    if (known !== undefined) return known;
    const copy = deepCopy(this.#scope.get(name));
    this.#copies.set(name, copy);
    return copy;
  }
  raw(name: string): unknown {
    const raw = this.#scope.raw?.(name);
    return raw === undefined ? MISSING : raw;
  }
  keeps(name: string): boolean {
    return this.#scope.keeps?.(name) === true;
  }
  isFinal(name: string): boolean {
    return this.#scope.isFinal?.(name) !== false;
  }
}
