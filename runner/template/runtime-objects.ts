import { typeError, Undefined } from "./error.ts";
import { equals } from "./py-compare.ts";
import { pyRepr } from "./py-repr.ts";
import { PyFunction, PyObject, tupleOf } from "./py-types.ts";

/** `loop` inside a `for`: LoopContext of jinja2/runtime.py. */
export class Loop extends PyObject {
  readonly pyType = "LoopContext";
  readonly #items: readonly unknown[];
  readonly #depth: number;
  readonly #recurse: ((items: unknown, depth: number) => unknown) | undefined;
  #index = -1;
  #changed: readonly unknown[] | undefined;

  constructor(
    items: readonly unknown[],
    depth: number,
    recurse: ((items: unknown, depth: number) => unknown) | undefined,
  ) {
    super();
    this.#items = items;
    this.#depth = depth;
    this.#recurse = recurse;
  }

  /** Steps to the next item; the generated loop calls it first in every round. */
  next(_item: unknown): void {
    this.#index++;
  }

  override get pyQualifiedType(): string {
    return "jinja2.runtime.LoopContext";
  }

  pyGet(name: string): unknown {
    const size = this.#items.length;
    switch (name) {
      case "index":
        return this.#index + 1;
      case "index0":
        return this.#index;
      case "revindex":
        return size - this.#index;
      case "revindex0":
        return size - this.#index - 1;
      case "first":
        return this.#index === 0;
      case "last":
        return this.#index === size - 1;
      case "length":
        return size;
      case "depth":
        return this.#depth + 1;
      case "depth0":
        return this.#depth;
      case "previtem":
        return this.#index === 0
          ? new Undefined(null, "there is no previous item")
          : this.#items[this.#index - 1];
      case "nextitem":
        return this.#index === size - 1
          ? new Undefined(null, "there is no next item")
          : this.#items[this.#index + 1];
      case "cycle":
        return new PyFunction("cycle", ["*args"], (_run, args) =>
          this.#cycle(args as readonly unknown[]),
        );
      case "changed":
        return new PyFunction("changed", ["*args"], (_run, args) =>
          this.#isChanged(args as readonly unknown[]),
        );
      default:
        return undefined;
    }
  }

  pyLength(): number {
    return this.#items.length;
  }

  /** `loop(items)` in a recursive loop. */
  pyCall(items: unknown): unknown {
    if (this.#recurse === undefined) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    }
    return this.#recurse(items, this.#depth + 1);
  }

  #cycle(values: readonly unknown[]): unknown {
    if (values.length === 0) throw typeError("no items for cycling given");
    return values[this.#index % values.length];
  }

  #isChanged(values: readonly unknown[]): boolean {
    if (this.#changed !== undefined && equals(tupleOf(this.#changed), tupleOf(values)))
      return false;
    this.#changed = values;
    return true;
  }

  override pyRepr(): string {
    return `<LoopContext ${this.#index + 1}/${this.#items.length}>`;
  }
}

/** `namespace()`: the one thing whose attributes a template may assign. */
export class Namespace extends PyObject {
  readonly pyType = "Namespace";
  readonly #attributes = new Map<unknown, unknown>();

  constructor(attributes: Iterable<readonly [unknown, unknown]>) {
    super();
    for (const [name, value] of attributes) this.#attributes.set(name, value);
  }

  override get pyQualifiedType(): string {
    return "jinja2.utils.Namespace";
  }

  pyGet(name: string): unknown {
    return this.#attributes.get(name);
  }

  pyItem(name: string): unknown {
    return this.#attributes.get(name);
  }

  set(name: string, value: unknown): void {
    this.#attributes.set(name, value);
  }

  override pyRepr(): string {
    return `<Namespace ${pyRepr(this.#attributes)}>`;
  }
}

/** `cycler(...)` of jinja2/utils.py. */
export class Cycler extends PyObject {
  readonly pyType = "Cycler";
  readonly #items: readonly unknown[];
  #position = 0;

  constructor(items: readonly unknown[]) {
    super();
    if (items.length === 0) throw typeError("at least one item has to be provided");
    this.#items = items;
  }

  pyGet(name: string): unknown {
    switch (name) {
      case "current":
        return this.#items[this.#position];
      case "next":
        return new PyFunction("next", [], () => {
          const value = this.#items[this.#position];
          this.#position = (this.#position + 1) % this.#items.length;
          return value;
        });
      case "reset":
        return new PyFunction("reset", [], () => {
          this.#position = 0;
          return null;
        });
      default:
        return undefined;
    }
  }
}

/** A template that was imported: its macros and top-level variables. */
export class PyModule extends PyObject {
  readonly pyType = "TemplateModule";
  readonly templateName: string;
  readonly #exports: ReadonlyMap<string, unknown>;
  readonly #text: () => string;

  constructor(templateName: string, exports: ReadonlyMap<string, unknown>, text: () => string) {
    super();
    this.templateName = templateName;
    this.#exports = exports;
    this.#text = text;
  }

  override get pyQualifiedType(): string {
    return "jinja2.environment.TemplateModule";
  }

  pyGet(name: string): unknown {
    return name.startsWith("_") ? undefined : this.#exports.get(name);
  }

  override pyStr(): string {
    return this.#text();
  }

  override pyRepr(): string {
    return `<TemplateModule ${pyRepr(this.templateName)}>`;
  }
}
