import type { Arguments, Expression } from "./ast.ts";
import { typeError } from "./error.ts";
import { pyStr } from "./py-repr.ts";
import type { Params } from "./py-types.ts";

/**
 * The arguments of a filter or test in the order of its parameters after the value, or undefined when
 * that is not known before it runs (stars, or a mistake, which then fails where Python would).
 */
export function bindStatically(
  params: Params,
  args: Arguments,
): (Expression | undefined)[] | undefined {
  if (args.star !== undefined || args.starStar !== undefined) return undefined;
  if (params[0] === undefined || params[0].startsWith("*")) return undefined;
  const names = params.slice(1);
  if (names.some((name) => name.startsWith("*")) || args.positional.length > names.length) {
    return undefined;
  }
  const bound: (Expression | undefined)[] = [...args.positional];
  for (const { name, value } of args.keywords) {
    const index = names.findIndex((candidate) => bare(candidate) === name);
    if (index === -1 || bound[index] !== undefined) return undefined;
    while (bound.length < index) bound.push(undefined);
    bound[index] = value;
  }
  const isComplete = names.every((name, index) => name.endsWith("?") || bound[index] !== undefined);
  return isComplete ? bound : undefined;
}

/** Arguments in the order of the parameters. Throws Python's TypeErrors for what does not fit. */
export function bind(
  name: string,
  params: Params,
  args: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown> | undefined,
): readonly unknown[] {
  const starAt = params.findIndex((param) => param.startsWith("*") && !param.startsWith("**"));
  const takesKeywords = params.at(-1)?.startsWith("**") === true;
  const ordinary = params.filter((param) => !param.startsWith("*"));
  const positional = starAt === -1 ? ordinary : params.slice(0, starAt);
  if (args.length > positional.length && starAt === -1) {
    throw typeError(tooMany(name, positional.length, args.length));
  }
  const bound: unknown[] = positional.map((_, index) => args[index]);
  if (starAt !== -1) bound.push(args.slice(positional.length));
  // Parameters behind the star can only be given by name.
  const keywordOnly =
    starAt === -1 ? [] : params.slice(starAt + 1).filter((param) => !param.startsWith("*"));
  const offset = bound.length;
  for (const _ of keywordOnly) bound.push(undefined);
  const rest = new Map<unknown, unknown>();
  for (const [key, value] of kwargs ?? []) {
    const word = pyStr(key);
    const index = positional.findIndex((param) => bare(param) === word);
    const only = keywordOnly.findIndex((param) => bare(param) === word);
    if (index !== -1) {
      if (index < args.length)
        throw typeError(`${name}() got multiple values for argument '${word}'`);
      bound[index] = value;
    } else if (only !== -1) bound[offset + only] = value;
    else if (takesKeywords) rest.set(word, value);
    else throw typeError(`${name}() got an unexpected keyword argument '${word}'`);
  }
  if (takesKeywords) bound.push(rest);
  const missing = positional.filter(
    (param, index) => !param.endsWith("?") && bound[index] === undefined,
  );
  if (missing.length > 0) throw typeError(missingText(name, missing));
  return bound;
}

function bare(param: string): string {
  return param.endsWith("?") ? param.slice(0, -1) : param;
}

function tooMany(name: string, most: number, given: number): string {
  if (most === 0) return `${name}() takes no arguments (${given} given)`;
  const plural = most === 1 ? "argument" : "arguments";
  return `${name}() takes ${most} positional ${plural} but ${given} were given`;
}

function missingText(name: string, missing: readonly string[]): string {
  const names = missing.map((param) => `'${param}'`);
  const list =
    names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${name}() missing ${missing.length} required positional argument${missing.length === 1 ? "" : "s"}: ${list}`;
}
