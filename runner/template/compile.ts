import type { Expression, Statement } from "./ast.ts";
import { contains, type Generated, generate, generateTest, generateValue } from "./codegen.ts";
import type { Library } from "./codegen-expression.ts";
import { type KeepsText, keepsText } from "./keeps-text.ts";
import type { Syntax } from "./lexer.ts";
import { parse } from "./parser.ts";
import type { Run } from "./run.ts";
import * as runtime from "./runtime.ts";
import type { BlockFunction, FileRun } from "./runtime-templates.ts";
import * as templates from "./runtime-templates.ts";
import { readsAnything } from "./scopes.ts";
import { namesAskedAgain } from "./sharing.ts";
import { isSteady } from "./steady.ts";
import { followItems, itemClass, textClass } from "./text-class.ts";

const RUNTIME = { ...runtime, ...templates };

/** A template's functions and what it reads. */
export interface Compiled {
  readonly reads: ReadonlySet<string>;
  readonly readsAnything: boolean;
  /** It gives the same value as long as what it reads has its own: see isSteady(). */
  readonly isSteady: boolean;
  /** For a template that is exactly one `{{ expression }}`. */
  readonly value: ((run: FileRun) => unknown) | undefined;
  /** The variable's name, for a template that is exactly `{{ name }}`. */
  readonly variable: string | undefined;
  /** Whether the value, when it is text that reads as a literal, stays text. */
  readonly keepsText: KeepsText;
  /** With native values, remembers which items of a list that it makes are texts of YAML. */
  readonly followItems: ((run: Run, made: unknown) => void) | undefined;
  /** It loads no other template and has no blocks, so that a bare run is enough for it. */
  readonly isAlone: boolean;
  /** See sharing.ts; for templates that write YAML. */
  readonly askedAgain: ReadonlySet<string> | undefined;
  /** It must be given copies of its variables: it changes them in place, or must know what is one object. */
  readonly copies: boolean;
  readonly root: (run: FileRun, out: unknown[]) => void;
  readonly blocks: Readonly<Record<string, BlockFunction>>;
}

const COMPANY = ["block", "extends", "include", "import", "from-import"] as const;

export interface CompileOptions {
  readonly syntax: Syntax;
  readonly library: Library;
  readonly exports: boolean;
  readonly isPureLookup: (name: string) => boolean;
}

/** Compiles template text. Throws TemplateError (syntax) with Jinja's bare words. */
export function compileTemplate(source: string, options: CompileOptions): Compiled {
  const body = parse(source, options.syntax);
  const only = body.length === 1 ? body[0] : undefined;
  const expression = only?.kind === "output" && !options.exports ? only.value : undefined;
  const keeps = (printed: Expression): KeepsText =>
    keepsText(printed, (part) => evaluator(part, options));
  const anything = readsAnything(body, options.isPureLookup);
  const writesYaml = source.includes("_yaml") && !anything;
  const factsOf = ({ reads, mutates }: Generated) => ({
    reads,
    readsAnything: anything,
    isSteady: !anything && isSteady(body),
    askedAgain: writesYaml ? namesAskedAgain(body, mutates) : undefined,
    copies: mutates || writesYaml,
  });
  if (expression !== undefined) {
    const generated = generateValue(expression, withClasses(options));
    const { value } = load<{ value: (run: FileRun) => unknown }>(generated);
    return {
      ...factsOf(generated),
      value,
      variable:
        expression.kind === "name" && /^[^{}]*\{\{\s*\w+\s*\}\}\n?$/.test(source)
          ? expression.name
          : undefined,
      keepsText: keeps(expression),
      followItems: followItems(expression, (part) => evaluator(part, options)),
      root: (run, out) => {
        out.push(runtime.finalize(run, value(run)));
      },
      blocks: {},
      isAlone: true,
    };
  }
  const told = withClasses(options);
  const generated = generate(body, options.exports ? told : { ...told, keeps });
  const loaded = load<{ root: Compiled["root"]; blocks: Compiled["blocks"] }>(generated);
  return {
    ...factsOf(generated),
    value: undefined,
    variable: undefined,
    keepsText: () => false,
    followItems: undefined,
    isAlone: !COMPANY.some((kind) => contains(body, kind)),
    ...loaded,
  };
}

/** What the generator is told, with the way back to the compiler for parts that are evaluated again. */
function withClasses(options: CompileOptions) {
  const evaluate = (part: Expression) => evaluator(part, options);
  return {
    ...options,
    textClass: (part: Expression) => textClass(part, evaluate),
    itemClass: (part: Expression) => itemClass(part, evaluate),
  };
}

function evaluator(expression: Expression, options: CompileOptions): (run: Run) => unknown {
  return load<{ value: (run: Run) => unknown }>(generateValue(expression, options)).value;
}

/** A condition as a function to a boolean. Throws TemplateError (syntax) with Jinja's bare words. */
export function compileCondition(
  source: string,
  options: CompileOptions,
): {
  readonly test: (run: FileRun) => boolean;
  readonly reads: ReadonlySet<string>;
  readonly readsAnything: boolean;
  readonly mutates: boolean;
} {
  const body = parse(`{% if ${source} %} True {% else %} False {% endif %}`, options.syntax);
  const test = soleTest(body);
  const anything = readsAnything(body, options.isPureLookup);
  if (test !== undefined) {
    const generated = generateTest(test, withClasses(options));
    return {
      ...load<{ test: (run: FileRun) => boolean }>(generated),
      ...readsOf(generated),
      readsAnything: anything,
    };
  }
  // Text like `a %}...{% if b` makes more than one statement: print it and look, as Ansible does.
  const generated = generate(body, withClasses(options));
  const { root } = load<{ root: Compiled["root"] }>(generated);
  const printed = (run: FileRun): boolean => {
    const out: unknown[] = [];
    root(run, out);
    return runtime.joinText(out).trim() === "True";
  };
  return { test: printed, ...readsOf(generated), readsAnything: anything };
}

function soleTest(body: readonly Statement[]): Expression | undefined {
  const only = body.length === 1 ? body[0] : undefined;
  if (only?.kind !== "if" || only.branches.length !== 1) return undefined;
  return only.branches[0]?.test;
}

function readsOf(generated: Generated): { reads: ReadonlySet<string>; mutates: boolean } {
  return { reads: generated.reads, mutates: generated.mutates };
}

function load<T>(generated: Generated): T {
  // The code is ours: it is made from the parsed tree, where all text of the user is a quoted literal.
  const factory = new Function("R", "K", generated.code) as (
    r: typeof RUNTIME,
    k: readonly unknown[],
  ) => T;
  return factory(RUNTIME, generated.constants);
}
