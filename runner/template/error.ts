/** Where a template stands in the user's files. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * What went wrong. `type`, `value`, `key`, `index`, `overflow`, `zero-division`, `attribute` and `recursion`
 * are Python's exception classes of that name, which Jinja lets through.
 */
export type TemplateErrorKind =
  | "syntax"
  | "plugin"
  | "undefined"
  | "filter"
  | "lookup"
  | "options"
  | "condition"
  | "limit"
  | "type"
  | "value"
  | "key"
  | "index"
  | "attribute"
  | "overflow"
  | "zero-division"
  | "recursion"
  | "runtime";

/** An exception that a plugin in Python threw. */
export interface PythonException {
  /** As Python shows the class: `<class 'ValueError'>`. */
  readonly className: string;
  readonly traceback: string;
  /** It is one of Ansible's own exceptions. */
  readonly isAnsible: boolean;
}

/** Ends a rendering that will begin again: no error of a template, and nothing in a template can catch it. */
export class Interruption extends Error {}

/**
 * The one error of this folder. `message` is the text that Ansible shows in `msg`; where it happened
 * is in `origin`, so that the caller can print an excerpt of the file.
 */
export class TemplateError extends Error {
  readonly kind: TemplateErrorKind;
  readonly origin: Origin | undefined;
  /** The exception, when it was one of Python's own. */
  readonly python: PythonException | undefined;

  constructor(
    kind: TemplateErrorKind,
    message: string,
    options: {
      readonly origin?: Origin | undefined;
      readonly cause?: unknown;
      readonly python?: PythonException | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TemplateError";
    this.kind = kind;
    this.origin = options.origin;
    this.python = options.python;
  }

  /** The same error, placed; an error that knows its place keeps it, for the innermost is the best. */
  at(origin: Origin | undefined, message: string = this.message): TemplateError {
    if (message === this.message && (origin === undefined || this.origin !== undefined))
      return this;
    const placed = new TemplateError(this.kind, message, {
      origin: this.origin ?? origin,
      cause: this.cause ?? this,
      python: this.python,
    });
    if (this.stack !== undefined) placed.stack = this.stack;
    return placed;
  }

  /** Any thrown thing as a TemplateError. @throws Interruption as it is. */
  static from(thrown: unknown): TemplateError {
    if (thrown instanceof Interruption) throw thrown;
    if (thrown instanceof TemplateError) return thrown;
    if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
      return new TemplateError("recursion", "maximum recursion depth exceeded", { cause: thrown });
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new TemplateError("runtime", message, { cause: thrown });
  }
}

/** A mistake in a template's text, in the words of Templar.do_template (ansible/template/__init__.py). */
export function syntaxError(
  error: TemplateError,
  source: string,
  origin: Origin | undefined,
): TemplateError {
  const message = `template error while templating string: ${error.message}. String: ${source}`;
  return new TemplateError(error.kind, twice(message, error), { origin, cause: error });
}

/**
 * An error of a running template as Templar.do_template hands it on: Ansible puts the text of the
 * original error behind its own (AnsibleError.message of ansible/errors/__init__.py), so it shows twice.
 */
export function renderError(thrown: unknown, source: string, origin?: Origin): TemplateError {
  const error = TemplateError.from(thrown);
  switch (error.kind) {
    case "undefined":
      return error.at(origin, twice(error.message, error));
    case "type": {
      if (error.message.includes("AnsibleUndefined")) return undefinedByType(error, source, origin);
      const message = `Unexpected templating type error occurred on (${source}): ${error.message}`;
      return new TemplateError("runtime", twice(message, error), {
        origin: error.origin ?? origin,
        cause: error,
      });
    }
    default:
      return error.at(origin);
  }
}

/** Python's functions refuse an undefined value by its class; Ansible knows it by that. */
function undefinedByType(error: TemplateError, source: string, origin?: Origin): TemplateError {
  const message = `Unable to look up a name or access an attribute in template string (${source}).\nMake sure your variable name does not contain invalid characters like '-': ${error.message}`;
  const named = twice(message, error);
  return new TemplateError("undefined", twice(named, new Error(named)), {
    origin: error.origin ?? origin,
    cause: error,
  });
}

function twice(message: string, original: Error): string {
  return `${message}. ${original.message}`;
}

/** A filter or test that is not there: Ansible says so with Jinja's TemplateSyntaxError (JinjaPluginIntercept of ansible/template/__init__.py). */
export function unknownPlugin(
  name: string,
  kind: "syntax" | "plugin",
  origin?: Origin,
): TemplateError {
  // A name of two parts is none, nor is one with anything but letters, digits and underscores (ansible/plugins/loader.py).
  const reason = /^[^.]+\.[^.]+$/.test(name)
    ? `invalid plugin name: ${name}`
    : /^\w+(\.\w+)*$/.test(name)
      ? name
      : `invalid plugin name: ansible.builtin.${name}`;
  return new TemplateError(kind, `Could not load "${name}": '${reason}'`, { origin });
}

/** Python's TypeError. */
export function typeError(message: string): TemplateError {
  return new TemplateError("type", message);
}

/** Python's ValueError. */
export function valueError(message: string): TemplateError {
  return new TemplateError("value", message);
}

/** Ansible's AnsibleFilterError. */
export function filterError(message: string): TemplateError {
  return new TemplateError("filter", message);
}

/**
 * A value that is not there, as AnsibleUndefined of ansible/template/native_helpers.py: it may be
 * passed around, tested with `is defined`, given to `default`, and asked for attributes and items
 * (which gives itself again); every other use throws.
 */
export class Undefined {
  /** The name that was asked for; undefined when there was none (an `undef()` hint). */
  readonly name: unknown;
  readonly #hint: string | undefined;
  readonly #describe: (() => string) | undefined;
  /** The value that had no such attribute or item. */
  readonly owner: unknown;

  /**
   * @param hint what to say, in full; else
   * @param describe says it when asked; else "'name' is undefined" is said
   */
  constructor(name: unknown, hint?: string, describe?: () => string, owner?: unknown) {
    this.name = name;
    this.#hint = hint;
    this.#describe = describe;
    this.owner = owner;
  }

  get hint(): string | undefined {
    return this.#hint;
  }

  get message(): string {
    return this.#hint ?? this.#describe?.() ?? `'${String(this.name)}' is undefined`;
  }

  /** Throws the error that using this value means. */
  fail(): never {
    throw new TemplateError("undefined", this.message);
  }

  /** What it is as text. */
  text(): string {
    return this.fail();
  }

  /** Whether it counts as true. */
  truth(): boolean {
    return this.fail();
  }

  /** Its items. */
  items(): unknown[] {
    return this.fail();
  }

  /** What its attributes and items are: itself (AnsibleUndefined.__getattr__). */
  reach(): Undefined {
    return this;
  }

  /** Whether it equals another value. */
  equals(_other: unknown): boolean {
    return this.fail();
  }
}

/** A name of the template itself, before it has a value. Templates that are included do not see it. */
export class UnsetName extends Undefined {}

/** What `a if b` without an else gives: Jinja's plain undefined, which prints as nothing. */
export class LenientUndefined extends Undefined {
  override text(): string {
    return "";
  }
  override truth(): boolean {
    return false;
  }
  override items(): unknown[] {
    return [];
  }
  override reach(): Undefined {
    return this.fail();
  }
  override equals(other: unknown): boolean {
    return other instanceof LenientUndefined;
  }
}
