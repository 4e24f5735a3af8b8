import { toFloat } from "../model/value.ts";
import type { Arguments, CompareOperator, Expression } from "./ast.ts";
import { bindStatically } from "./bind.ts";
import type { Frame, FunctionFrame } from "./codegen-frame.ts";
import { type TemplateError, unknownPlugin } from "./error.ts";
import { toInt } from "./py-operators.ts";
import type { Callable } from "./py-types.ts";
import { holdsTemplate, isLookupCall, walkExpression } from "./scopes.ts";
import type { TextClass } from "./text-class.ts";

/** What the generator needs from the environment while it writes. */
export interface Library {
  filter(name: string): Callable | undefined;
  test(name: string): Callable | undefined;
}

/** Writes expressions as JavaScript. Values that have no literal go to the table of constants. */
export class ExpressionWriter {
  readonly constants: unknown[] = [];
  readonly reads = new Set<string>();
  /** The template calls something that changes lists or dicts in place. */
  mutates = false;
  readonly #library: Library;
  readonly #textClass: ((expression: Expression) => TextClass) | undefined;
  readonly #itemClass: ((expression: Expression) => TextClass) | undefined;
  readonly #counts: ReadonlyMap<string, number>;

  constructor(
    options: {
      readonly library: Library;
      readonly textClass?: (expression: Expression) => TextClass;
      readonly itemClass?: (expression: Expression) => TextClass;
    },
    counts: ReadonlyMap<string, number>,
  ) {
    this.#library = options.library;
    this.#textClass = options.textClass;
    this.#itemClass = options.itemClass;
    this.#counts = counts;
  }

  /** A reference into the table of constants. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `K[${known === -1 ? this.constants.push(value) - 1 : known}]`;
  }

  write(node: Expression, frame: Frame): string {
    switch (node.kind) {
      case "constant":
        return typeof node.value === "string" ? literal(node.value) : String(node.value);
      case "number":
        return this.#number(node.text, node.isFloat);
      case "name":
        return this.name(node.name, frame);
      case "list":
        return `[${this.#list(node.items, frame)}]`;
      case "tuple":
        return `R.tuple([${this.#list(node.items, frame)}])`;
      case "dict":
        return this.#dict(node.pairs, frame);
      case "attribute":
        return `R.attribute(${this.write(node.target, frame)},${literal(node.name)})`;
      case "item":
        return this.#item(node.target, node.key, frame);
      case "slice":
        return `R.makeSlice(${this.#optional(node.start, frame)},${this.#optional(node.stop, frame)},${this.#optional(node.step, frame)})`;
      case "call":
        return this.#call(node.callee, node.args, frame);
      case "filter":
        return this.filter(node, undefined, frame);
      case "test":
        return this.#test(node.target, node.name, node.args, frame, node.line, node.offset);
      case "binary":
        return this.#binary(node, frame);
      case "unary":
        return this.#unary(node.operator, node.operand, frame);
      case "compare":
        return this.#compare(node.first, node.rest, frame);
      case "concat":
        return `R.joinText([${this.#list(node.parts, frame)}])`;
      case "conditional":
        return this.#conditional(node, frame);
      default:
        return node satisfies never;
    }
  }

  /** A condition as a JavaScript boolean. */
  truth(node: Expression, frame: Frame): string {
    if (node.kind === "unary" && node.operator === "not")
      return `!${this.truth(node.operand, frame)}`;
    if (node.kind === "binary" && (node.operator === "and" || node.operator === "or")) {
      const operator = node.operator === "and" ? "&&" : "||";
      return `(${this.truth(node.left, frame)}${operator}${this.truth(node.right, frame)})`;
    }
    const written = this.write(node, frame);
    return node.kind === "compare" ? `(${written})` : `T(${written})`;
  }

  name(name: string, frame: Frame): string {
    const local = frame.find(name);
    if (local !== undefined) {
      return local.definite
        ? local.js
        : `(${local.js}!==undefined?${local.js}:${this.#free(name, frame.owner)})`;
    }
    return this.#free(name, frame.owner);
  }

  #free(name: string, owner: FunctionFrame): string {
    this.reads.add(name);
    const get = `N(X,${literal(name)})`;
    if ((this.#counts.get(name) ?? 0) < 2 && !owner.loops) return get;
    const cache = owner.cacheOf(name);
    return `(${cache}!==undefined?${cache}:(${cache}=${get}))`;
  }

  #number(text: string, isFloat: boolean): string {
    if (isFloat) {
      const value = toFloat(Number(text));
      return typeof value === "number" ? String(value) : this.constant(value);
    }
    const value = toInt(BigInt(text));
    return typeof value === "number" ? String(value) : `${value}n`;
  }

  #list(items: readonly Expression[], frame: Frame): string {
    return items.map((item) => this.write(item, frame)).join(",");
  }

  #dict(pairs: readonly (readonly [Expression, Expression])[], frame: Frame): string {
    const written = pairs.map(
      ([key, value]) => `[${this.write(key, frame)},${this.write(value, frame)}]`,
    );
    const isPlain = pairs.every(
      ([key]) => key.kind === "constant" && typeof key.value === "string",
    );
    return isPlain ? `new Map([${written.join(",")}])` : `R.makeDict([${written.join(",")}])`;
  }

  #optional(node: Expression | undefined, frame: Frame): string {
    return node === undefined ? "null" : this.write(node, frame);
  }

  #item(target: Expression, key: Expression, frame: Frame): string {
    const object = this.write(target, frame);
    if (key.kind === "slice") {
      return `R.slice(${object},${this.#optional(key.start, frame)},${this.#optional(key.stop, frame)},${this.#optional(key.step, frame)})`;
    }
    return `R.item(${object},${this.write(key, frame)})`;
  }

  /** A call whose result is printed: text of a macro may come boxed. */
  printedCall(node: Expression & { readonly kind: "call" }, frame: Frame): string {
    return this.#call(node.callee, node.args, frame, "printedCall");
  }

  #call(
    callee: Expression,
    args: Arguments,
    frame: Frame,
    how: "call" | "printedCall" = "call",
  ): string {
    const { positional, keywords } = this.#arguments(args, frame, isLookupCall(callee));
    if (callee.kind === "attribute") {
      if (MUTATING.has(callee.name)) this.mutates = true;
      const object = this.write(callee.target, frame);
      return `R.callMethod(X,${object},${literal(callee.name)},${positional},${keywords})`;
    }
    return `R.${how}(X,${this.write(callee, frame)},${positional},${keywords})`;
  }

  #arguments(
    args: Arguments,
    frame: Frame,
    ofLookup = false,
  ): { positional: string; keywords: string } {
    const items = args.positional.map((item, index) =>
      ofLookup && index > 0 && holdsTemplate(item)
        ? `R.lookupTerm(X,${this.write(item, frame)})`
        : this.write(item, frame),
    );
    if (args.star !== undefined) items.push(`...R.iterate(${this.write(args.star, frame)})`);
    const rendersKeywords = ofLookup && isFirstFound(args.positional[0]);
    const pairs = args.keywords.map(({ name, value }) => {
      const written = this.write(value, frame);
      const isTerm = rendersKeywords && holdsTemplate(value);
      return `[${literal(name)},${isTerm ? `R.lookupTerm(X,${written})` : written}]`;
    });
    if (args.starStar !== undefined)
      pairs.push(`...R.keywords(${this.write(args.starStar, frame)})`);
    return {
      positional: `[${items.join(",")}]`,
      keywords: pairs.length === 0 ? "undefined" : `new Map([${pairs.join(",")}])`,
    };
  }

  /** A filter; `inner` is the text of a filter block, which has no target of its own. */
  filter(
    node: Expression & { readonly kind: "filter" },
    inner: string | undefined,
    frame: Frame,
  ): string {
    const { target } = node;
    const value =
      target === undefined
        ? (inner ?? "null")
        : target.kind === "filter"
          ? this.filter(target, inner, frame)
          : this.write(target, frame);
    const found = this.#library.filter(node.name);
    if (found === undefined) throw unknown(node.name, node.line);
    const isClass = /^(?:ansible\.(?:builtin|legacy)\.)?type_debug$/.test(node.name);
    const find = isClass && target !== undefined ? this.#classOf(target, frame) : undefined;
    if (find !== undefined) return `R.classOf(X,${this.constant(find)},${value})`;
    return this.#libraryCall(node.name, found, value, node.args, frame);
  }

  /** What finds the class of an expression's text, where that can be followed. */
  #classOf(target: Expression, frame: Frame): TextClass | undefined {
    if (isFree(target, frame)) return this.#textClass?.(target);
    const items = target.kind === "name" ? frame.find(target.name)?.items : undefined;
    return items !== undefined && isFree(items, frame) ? this.#itemClass?.(items) : undefined;
  }

  #test(
    target: Expression,
    name: string,
    args: Arguments,
    frame: Frame,
    line: number,
    _offset: number,
  ): string {
    const value = this.write(target, frame);
    if (name === "defined" && args.positional.length === 0) return `R.isDefined(${value})`;
    // Values are plain text by the time a test sees them; the variable itself knows what it was.
    if (target.kind === "name" && /^(?:ansible\.(?:builtin|legacy)\.)?vault_encrypted$/.test(name))
      return `R.isVaulted(X,${literal(target.name)})`;
    const found = this.#library.test(name);
    if (found === undefined) throw unknown(name, line);
    return this.#libraryCall(name, found, value, args, frame);
  }

  #libraryCall(
    name: string,
    callable: Callable,
    value: string,
    args: Arguments,
    frame: Frame,
  ): string {
    const bound = bindStatically(callable.params, args);
    if (bound !== undefined) {
      const written = bound.map((arg) =>
        arg === undefined ? "undefined" : this.write(arg, frame),
      );
      return `${this.constant(callable.invoke)}(${["X", value, ...written].join(",")})`;
    }
    const { positional, keywords } = this.#arguments(args, frame);
    return `R.callBound(X,${literal(name)},${this.constant(callable)},[${value},...${positional}],${keywords})`;
  }

  #binary(node: Expression & { readonly kind: "binary" }, frame: Frame): string {
    if (node.operator === "and" || node.operator === "or") {
      const temp = frame.owner.temp();
      const left = `T(${temp}=${this.write(node.left, frame)})`;
      const right = this.write(node.right, frame);
      return node.operator === "and" ? `(${left}?${right}:${temp})` : `(${left}?${temp}:${right})`;
    }
    // Jinja writes a negative constant without parentheses into Python, where the power then binds first.
    if (node.operator === "**" && isConstant(node.left) && !isConstant(node.right))
      return `R.powerOfConstant(${this.write(node.left, frame)},${this.write(node.right, frame)})`;
    return `R.${BINARY[node.operator]}(${this.write(node.left, frame)},${this.write(node.right, frame)})`;
  }

  #unary(operator: "-" | "+" | "not", operand: Expression, frame: Frame): string {
    if (operator === "not") return `!${this.truth(operand, frame)}`;
    return `R.${operator === "-" ? "negate" : "positive"}(${this.write(operand, frame)})`;
  }

  #compare(
    first: Expression,
    rest: readonly { readonly operator: CompareOperator; readonly value: Expression }[],
    frame: Frame,
  ): string {
    let left = this.write(first, frame);
    const parts: string[] = [];
    rest.forEach(({ operator, value }, index) => {
      let right = this.write(value, frame);
      let again = "";
      if (index < rest.length - 1) {
        again = frame.owner.temp();
        right = `(${again}=${right})`;
      }
      parts.push(compareCall(operator, left, right));
      left = again;
    });
    return parts.length === 1 ? (parts[0] as string) : `(${parts.join("&&")})`;
  }

  #conditional(node: Expression & { readonly kind: "conditional" }, frame: Frame): string {
    const otherwise =
      node.otherwise === undefined ? `R.noElse(${node.line})` : this.write(node.otherwise, frame);
    return `(${this.truth(node.test, frame)}?${this.write(node.consequent, frame)}:${otherwise})`;
  }
}

const BINARY: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "//": "floorDivide",
  "%": "modulo",
  "**": "power",
};

function compareCall(operator: CompareOperator, left: string, right: string): string {
  switch (operator) {
    case "==":
      return `R.equals(${left},${right})`;
    case "!=":
      return `!R.equals(${left},${right})`;
    case "<":
      return `R.less(${left},${right})`;
    case "<=":
      return `R.lessOrEqual(${left},${right})`;
    case ">":
      return `R.greater(${left},${right})`;
    case ">=":
      return `R.greaterOrEqual(${left},${right})`;
    case "in":
      return `R.isIn(${left},${right})`;
    case "not in":
      return `!R.isIn(${left},${right})`;
    default:
      return operator satisfies never;
  }
}

/** Methods that change their list or dict, so that variables must be copied before. */
const MUTATING = new Set([
  "append",
  "extend",
  "insert",
  "pop",
  "popitem",
  "remove",
  "clear",
  "update",
  "setdefault",
  "sort",
  "reverse",
  "add",
  "discard",
]);

/** Filters that need the context, so that Jinja cannot run them while it compiles. */
const OF_CONTEXT = new Set(["map", "select", "reject", "selectattr", "rejectattr"]);

/** Whether Jinja knows the value while it compiles, and writes it down (jinja2/optimizer.py). */
function isConstant(expression: Expression): boolean {
  let isSo = true;
  walkExpression(expression, (node) => {
    if (node.kind === "name" || node.kind === "call") isSo = false;
    if (node.kind === "filter" && OF_CONTEXT.has(node.name)) isSo = false;
  });
  return isSo;
}

function unknown(name: string, line: number): TemplateError {
  return unknownPlugin(name, "syntax", { file: "", line, column: 1 });
}

/** A JavaScript string literal. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16)}`,
  );
}

/** The one lookup that has templates in its keywords, too. */
function isFirstFound(name: Expression | undefined): boolean {
  return name?.kind === "constant" && /^(ansible\.builtin\.)?first_found$/.test(String(name.value));
}

/** Whether an expression reads no name that the template itself has set. */
function isFree(expression: Expression, frame: Frame): boolean {
  let isSo = true;
  walkExpression(expression, (node) => {
    if (node.kind === "name" && frame.find(node.name) !== undefined) isSo = false;
  });
  return isSo;
}
