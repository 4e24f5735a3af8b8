import type { Arguments, Expression } from "./ast.ts";
import { Undefined } from "./error.ts";
import { isKept } from "./kept-text.ts";
import { truth } from "./py-compare.ts";
import type { Run } from "./run.ts";
import { walkExpression } from "./scopes.ts";

/** Whether the text that an expression just gave stays text. */
export type KeepsText = (run: Run, text: string) => boolean;

/** C.STRING_TYPE_FILTERS of Ansible. */
const TEXT_FILTERS = new Set([
  "string",
  "to_json",
  "to_nice_json",
  "to_yaml",
  "to_nice_yaml",
  "ppretty",
  "json",
]);

type Evaluator = (expression: Expression) => (run: Run) => unknown;

/** Whether text that a filter gave stays text. */
export function isTextFilter(expression: Expression): boolean {
  return expression.kind === "filter" && TEXT_FILTERS.has(expression.name);
}

/**
 * Follows an expression to where its text came from: a filter such as to_json, or a variable or a
 * place in a container whose text stays text. Whatever makes new text on the way (`~`, trim, replace)
 * ends that, as it does in Ansible, where Python's str methods answer plain text.
 *
 * It is asked only about text that would be read as a literal, and only expressions that give the same
 * value when they are evaluated again are followed.
 */
export function keepsText(expression: Expression, evaluator: Evaluator): KeepsText {
  switch (expression.kind) {
    case "name":
      return (run) => run.scope.keeps?.(expression.name) === true;
    case "attribute":
      return either(
        inContainer(expression.target, () => expression.name, evaluator),
        madeIn(expression.target, evaluator),
      );
    case "item":
      if (expression.key.kind === "slice" || !isRepeatable(expression.key)) return never;
      return either(
        inContainer(expression.target, lazily(expression.key, evaluator), evaluator),
        madeIn(expression.target, evaluator),
      );
    case "conditional":
      return choice(
        expression.test,
        (test) => truth(test),
        keepsText(expression.consequent, evaluator),
        expression.otherwise === undefined ? never : keepsText(expression.otherwise, evaluator),
        evaluator,
      );
    case "binary":
      if (expression.operator !== "and" && expression.operator !== "or") return never;
      return choice(
        expression.left,
        (left, text) => left === text,
        keepsText(expression.left, evaluator),
        keepsText(expression.right, evaluator),
        evaluator,
      );
    case "call":
      return ofCall(expression.callee, expression.args, evaluator);
    case "filter":
      return ofFilter(expression, evaluator);
    default:
      return never;
  }
}

/** Filters that hand on the very texts they were given, alone or in lists and dicts. */
const MOVING = new Set([
  ...["batch", "combine", "dict2items", "dictsort", "difference", "expandvars", "expanduser"],
  ...["extract", "first", "flatten", "groupby", "intersect", "items", "items2dict", "last", "list"],
  ...["map", "max", "min", "path_join", "product", "reject", "rejectattr", "rekey_on_member"],
  ...["reverse", "select", "selectattr", "slice", "sort", "subelements", "symmetric_difference"],
  ...["truncate", "union", "unique", "zip", "zip_longest", "permutations", "combinations"],
]);
const MOVING_METHODS = new Set(["copy", "get", "items", "keys", "values", "pop", "setdefault"]);

/** Whether this text, among those that an expression gives, stays text. */
function carries(expression: Expression, evaluator: Evaluator): KeepsText {
  switch (expression.kind) {
    case "list":
    case "tuple":
      return either(...expression.items.map((item) => carries(item, evaluator)));
    case "dict":
      return either(...expression.pairs.map(([, value]) => carries(value, evaluator)));
    case "conditional":
      return either(
        carries(expression.consequent, evaluator),
        expression.otherwise === undefined ? never : carries(expression.otherwise, evaluator),
      );
    case "binary":
      return ["and", "or", "+"].includes(expression.operator)
        ? either(carries(expression.left, evaluator), carries(expression.right, evaluator))
        : never;
    case "filter":
      return carriedByFilter(expression, evaluator);
    case "call":
      return expression.callee.kind === "attribute" && MOVING_METHODS.has(expression.callee.name)
        ? either(
            carries(expression.callee.target, evaluator),
            ...expression.args.positional.map((argument) => carries(argument, evaluator)),
          )
        : never;
    case "name":
    case "attribute":
    case "item":
      return carriedByValue(expression, evaluator);
    default:
      return never;
  }
}

function carriedByFilter(
  expression: Expression & { readonly kind: "filter" },
  evaluator: Evaluator,
): KeepsText {
  const { name, target, args } = expression;
  const [first] = args.positional;
  if (name === "map" && first?.kind === "constant") {
    if (TEXT_FILTERS.has(String(first.value))) return always;
    if (!MOVING.has(String(first.value))) return never;
  }
  if (!MOVING.has(name)) return keepsText(expression, evaluator);
  return either(
    target === undefined ? never : carries(target, evaluator),
    ...args.positional.map((argument) => carries(argument, evaluator)),
    ...args.keywords.map(({ value }) => carries(value, evaluator)),
  );
}

/** A value that is looked at as a whole: the text itself, or one deep inside that is marked. */
function carriedByValue(expression: Expression, evaluator: Evaluator): KeepsText {
  if (!isRepeatable(expression)) return never;
  const value = lazily(expression, evaluator);
  const own = keepsText(expression, evaluator);
  return (run, text) => {
    const found = value(run);
    return typeof found === "string" ? found === text && own(run, text) : holds(found, text);
  };
}

function holds(container: unknown, text: string): boolean {
  if (!Array.isArray(container) && !(container instanceof Map && container.constructor === Map))
    return false;
  for (const [key, item] of container.entries() as Iterable<[unknown, unknown]>) {
    if (item === text ? isKept(container, key) : typeof item === "object" && holds(item, text))
      return true;
  }
  return false;
}

/** The text comes out of a container that the expression makes: of what is put into it. */
function madeIn(container: Expression, evaluator: Evaluator): KeepsText {
  return ["name", "attribute", "item"].includes(container.kind)
    ? never
    : carries(container, evaluator);
}

function either(...ways: readonly KeepsText[]): KeepsText {
  const possible = ways.filter((way) => way !== never);
  const [only] = possible;
  if (only === undefined || possible.length === 1) return only ?? never;
  return (run, text) => possible.some((way) => way(run, text));
}

/** It never does; the one function of its kind, so that it can be recognised. */
export const never: KeepsText = () => false;
const always: KeepsText = () => true;

function ofFilter(
  { target, name, args }: Expression & { readonly kind: "filter" },
  evaluator: Evaluator,
): KeepsText {
  if (TEXT_FILTERS.has(name)) return always;
  if (target === undefined) return never;
  const [first, second] = args.positional;
  const keeps = (argument: Expression | undefined): KeepsText =>
    argument === undefined ? never : keepsText(argument, evaluator);
  switch (name) {
    case "mandatory":
      return keeps(target);
    case "default":
    case "d":
      return choice(
        target,
        (value, text) => value === text,
        keeps(target),
        keeps(first),
        evaluator,
      );
    case "ternary":
      return choice(target, (value) => truth(value), keeps(first), keeps(second), evaluator);
    default:
      return MOVING.has(name)
        ? either(...[target, ...args.positional].map((part) => carries(part, evaluator)))
        : never;
  }
}

/** Whether an expression is `lookup(...)`. */
export function isLookup(expression: Expression & { readonly kind: "call" }): boolean {
  return expression.callee.kind === "name" && expression.callee.name === "lookup";
}

/** What `lookup('template')` gives stays text when it is not to be converted, or not to be native where all else is. */
function ofTemplate(args: Arguments, evaluator: Evaluator): KeepsText {
  const option = (name: string, otherwise: boolean): ((run: Run) => boolean) => {
    const given = args.keywords.find((keyword) => keyword.name === name)?.value;
    if (given === undefined) return () => otherwise;
    const value = lazily(given, evaluator);
    return (run) => truth(value(run));
  };
  const converts = option("convert_data", true);
  const isNative = option("jinja2_native", false);
  return (run) => !converts(run) || (run.mode === "native" && !isNative(run));
}

/** `container.get(key)`, `lookup('vars', name)` and `lookup('template', file)`. */
function ofCall(callee: Expression, args: Arguments, evaluator: Evaluator): KeepsText {
  const [first, second] = args.positional;
  if (first === undefined) return never;
  if (callee.kind === "attribute" && callee.name === "get" && isRepeatable(first))
    return either(
      inContainer(callee.target, lazily(first, evaluator), evaluator),
      madeIn(callee.target, evaluator),
      ...args.positional.slice(1).map((argument) => carries(argument, evaluator)),
    );
  if (callee.kind !== "name" || callee.name !== "lookup" || first.kind !== "constant") return never;
  const plugin = String(first.value).replace(/^ansible\.builtin\./, "");
  if (plugin === "template") return ofTemplate(args, evaluator);
  if (plugin !== "vars" || second === undefined || !isRepeatable(second)) return never;
  const name = lazily(second, evaluator);
  return (run) => run.scope.keeps?.(String(name(run))) === true;
}

/** The text stands in the container that another expression gives. */
function inContainer(
  container: Expression,
  key: (run: Run, container: unknown) => unknown,
  evaluator: Evaluator,
): KeepsText {
  if (!isRepeatable(container)) return never;
  const target = lazily(container, evaluator);
  return (run) => {
    const value = target(run);
    if (!Array.isArray(value)) return isKept(value, key(run, value));
    const index = key(run, value);
    return isKept(value, typeof index === "number" && index < 0 ? value.length + index : index);
  };
}

/** The text is that of one of two expressions. */
function choice(
  test: Expression,
  decide: (value: unknown, text: string) => boolean,
  yes: KeepsText,
  no: KeepsText,
  evaluator: Evaluator,
): KeepsText {
  if (yes === no) return yes;
  if (!isRepeatable(test)) return either(yes, no);
  const value = lazily(test, evaluator);
  return (run, text) => {
    const found = value(run);
    const isYes = !(found instanceof Undefined) && decide(found, text);
    return isYes ? yes(run, text) : no(run, text);
  };
}

/** Compiles a part of the expression when it is first asked for. */
export function lazily(expression: Expression, evaluator: Evaluator): (run: Run) => unknown {
  let value: ((run: Run) => unknown) | undefined;
  return (run) => {
    value ??= evaluator(expression);
    return value(run);
  };
}

const CHANCE = new Set(["random", "shuffle", "password_hash", "random_mac"]);

/** Whether an expression may be evaluated again: it calls no function and uses no chance. */
export function isRepeatable(expression: Expression): boolean {
  let isSo = true;
  walkExpression(expression, (node) => {
    if (node.kind === "call" && !(node.callee.kind === "attribute" && node.callee.name === "get"))
      isSo = false;
    if (node.kind === "filter" && CHANCE.has(node.name)) isSo = false;
  });
  return isSo;
}
