import { compileCondition } from "./compile.ts";
import { CopyingScope } from "./copying-scope.ts";
import type { TemplateEngine } from "./engine.ts";
import { type Origin, renderError, syntaxError, TemplateError } from "./error.ts";
import { truth } from "./py-compare.ts";
import type { ConcatMode, Scope } from "./run.ts";
import type { FileRun } from "./runtime-templates.ts";
import { trackUnsafe } from "./unsafe.ts";

/** A compiled `when`, `until`, `failed_when`, ... */
export interface Condition {
  readonly source: string;
  readonly reads: ReadonlySet<string>;
  readonly readsAnything: boolean;
  /** Throws TemplateError (condition) with the text that Ansible shows. */
  test(scope: Scope): boolean;
}

export interface ConditionTools {
  readonly engine: TemplateEngine;
  readonly mode: ConcatMode;
  isTemplate(text: string): boolean;
  render(text: string, scope: Scope): unknown;
  readsOf(text: string): { readonly reads: ReadonlySet<string>; readonly readsAnything: boolean };
}

/** A condition with Ansible's rules (ansible/playbook/conditional.py). */
export function createCondition(
  source: string | boolean,
  origin: Origin | undefined,
  tools: ConditionTools,
): Condition {
  if (typeof source === "boolean" || source === "") {
    const result = source !== false;
    return { source: String(source), reads: new Set(), readsAnything: false, test: () => result };
  }
  if (tools.isTemplate(source)) return doubleCondition(source, origin, tools);
  const compiled = compiledTest(source, tools);
  return {
    source,
    reads: compiled.reads,
    readsAnything: compiled.readsAnything,
    test(scope) {
      try {
        return compiled.test(scope);
      } catch (error) {
        throw failed(source, error, origin);
      }
    },
  };
}

/** `when: "{{ x }}"`: what the text renders to is the condition; it cannot be known what that reads. */
function doubleCondition(
  source: string,
  origin: Origin | undefined,
  tools: ConditionTools,
): Condition {
  let reads: ReadonlySet<string>;
  try {
    ({ reads } = tools.readsOf(source));
  } catch (thrown) {
    const failure = failed(source, thrown, origin);
    return { ...UNREADABLE, source, test: () => fail(failure) };
  }
  return {
    source,
    reads,
    readsAnything: true,
    test(scope) {
      try {
        const { value: rendered, unsafe } = trackUnsafe(() => tools.render(source, scope));
        if (typeof rendered !== "string" || rendered === "") return truth(rendered);
        if (unsafe) throw new TemplateError("condition", UNSAFE_CONDITION);
        return compiledTest(rendered, tools, source).test(scope);
      } catch (thrown) {
        const found = TemplateError.from(thrown);
        const error =
          found.kind === "undefined" && !isWrapped(found) ? wrapped(source, found) : found;
        throw failed(source, error, origin);
      }
    },
  };
}

/** What is known of a condition that cannot be compiled: it fails when it is asked, as in Ansible. */
const UNREADABLE = { reads: new Set<string>(), readsAnything: true };

function fail(error: Error): never {
  throw error;
}

/** What Ansible says of a condition that came from outside. */
export const UNSAFE_CONDITION = "Conditional is marked as unsafe, and cannot be evaluated.";

interface Tested {
  readonly reads: ReadonlySet<string>;
  readonly readsAnything: boolean;
  test(scope: Scope): boolean;
}

function compiledTest(source: string, tools: ConditionTools, original = source): Tested {
  const { engine, mode } = tools;
  let compiled: ReturnType<typeof compileCondition>;
  try {
    compiled = compileCondition(source, {
      syntax: engine.syntax,
      library: engine,
      exports: false,
      isPureLookup: engine.isPureLookup,
    });
  } catch (thrown) {
    // A condition that cannot be compiled fails when it is asked, as in Ansible.
    const error = TemplateError.from(thrown);
    const presented = `{% if ${source} %} True {% else %} False {% endif %}`;
    const failure = syntaxError(error, presented, undefined);
    return {
      reads: new Set(),
      readsAnything: true,
      test() {
        throw failure;
      },
    };
  }
  return {
    reads: compiled.reads,
    readsAnything: compiled.readsAnything,
    test(scope) {
      const own = compiled.mutates ? new CopyingScope(scope) : scope;
      const run = { scope: own, engine, mode, line: 1 } as never as FileRun;
      try {
        return compiled.test(run);
      } catch (thrown) {
        const error = TemplateError.from(thrown);
        if (error.kind === "undefined") return undefinedAnswer(source, original, error);
        throw renderError(error, `{% if ${source} %} True {% else %} False {% endif %}`);
      }
    },
  };
}

const TESTED = /(hostvars\[.+\]|[\w_]+)\s+(not\s+is|is|is\s+not)\s+(defined|undefined)/g;

/** An undefined variable answers the condition when the condition itself asks whether it is defined. */
function undefinedAnswer(source: string, original: string, error: TemplateError): boolean {
  const name = /'(hostvars\[.+\]|[\w_]+)' is undefined/.exec(error.message)?.[1];
  if (name !== undefined) {
    for (const [, tested = "", logic = "", state] of source.matchAll(TESTED)) {
      if (tested.replaceAll("'", '"') !== name.replaceAll("'", '"')) continue;
      const shouldExist = logic.includes("not") !== (state === "defined");
      return !shouldExist;
    }
  }
  throw wrapped(original, error);
}

const WRAP = "error while evaluating conditional ";

function wrapped(original: string, cause: TemplateError): TemplateError {
  const { message } = cause;
  const again = message === halfTwice(message) ? message : `${message}. ${message}`;
  return new TemplateError("undefined", `${WRAP}(${original}): ${again}`, { cause });
}

/** What a message looks like that has been said twice already. */
function halfTwice(message: string): string {
  const half = message.slice(0, (message.length - 2) / 2);
  return `${half}. ${half}`;
}

function isWrapped({ message }: TemplateError): boolean {
  return message.startsWith(WRAP);
}

function failed(source: string, thrown: unknown, origin: Origin | undefined): TemplateError {
  const error = TemplateError.from(thrown);
  return new TemplateError(
    "condition",
    `The conditional check '${source}' failed. The error was: ${error.message}`,
    { origin: error.origin ?? origin, cause: error },
  );
}
