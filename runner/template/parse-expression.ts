import type {
  Arguments,
  BinaryOperator,
  CompareOperator,
  Expression,
  Keyword,
  Place,
} from "./ast.ts";
import type { Token } from "./lexer.ts";
import { describeToken, matches, quoted, type TokenStream, type Wanted } from "./token-stream.ts";

/** Deeper nesting than this is no expression that a person wrote. */
const DEEPEST = 150;
const NO_ARGUMENTS: Arguments = {
  positional: [],
  keywords: [],
  star: undefined,
  starStar: undefined,
};

interface TupleOptions {
  readonly withCondition?: boolean;
  readonly end?: Wanted;
  readonly parenthesised?: boolean;
  /** Names and literals only, as the targets of `for` and `set` are. */
  readonly simple?: boolean;
}

/** Expressions, by precedence climbing in the order of jinja2/parser.py. */
export class ExpressionParser {
  readonly #stream: TokenStream;
  #depth = 0;

  constructor(stream: TokenStream) {
    this.#stream = stream;
  }

  /** One expression, with `if`/`else` unless turned off. */
  expression(withCondition = true): Expression {
    if (++this.#depth > DEEPEST) this.#stream.fail("expression is nested too deeply");
    const parsed = withCondition ? this.#conditional() : this.#or();
    this.#depth--;
    return parsed;
  }

  /** An expression, or a tuple where commas follow. */
  tuple(options: TupleOptions = {}): Expression {
    const stream = this.#stream;
    const start = place(stream.current);
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) stream.expect(",");
      if (this.#isTupleEnd(options.end)) break;
      items.push(
        options.simple === true ? this.#primary() : this.expression(options.withCondition ?? true),
      );
      if (!stream.is(",")) break;
      isTuple = true;
    }
    if (!isTuple) {
      const only = items[0];
      if (only !== undefined) return only;
      if (options.parenthesised !== true) {
        stream.fail(`Expected an expression, got ${quoted(describeToken(stream.current))}`);
      }
    }
    return { kind: "tuple", items, ...start };
  }

  #isTupleEnd(end: Wanted | undefined): boolean {
    const stream = this.#stream;
    return (
      stream.is("variable_end") ||
      stream.is("block_end") ||
      stream.is(")") ||
      (end !== undefined && stream.is(end))
    );
  }

  #conditional(): Expression {
    let result = this.#or();
    while (this.#stream.is("name:if")) {
      const start = place(this.#stream.take());
      const test = this.#or();
      const otherwise = this.#stream.skipIf("name:else") ? this.expression() : undefined;
      result = { kind: "conditional", test, consequent: result, otherwise, ...start };
    }
    return result;
  }

  #or(): Expression {
    return this.#logical("or", () => this.#logical("and", () => this.#not()));
  }

  #logical(operator: "and" | "or", operand: () => Expression): Expression {
    let left = operand();
    while (this.#stream.is(`name:${operator}`)) {
      const start = place(this.#stream.take());
      left = { kind: "binary", operator, left, right: operand(), ...start };
    }
    return left;
  }

  #not(): Expression {
    if (!this.#stream.is("name:not")) return this.#compare();
    const start = place(this.#stream.take());
    if (++this.#depth > DEEPEST) this.#stream.fail("expression is nested too deeply");
    const operand = this.#not();
    this.#depth--;
    return { kind: "unary", operator: "not", operand, ...start };
  }

  #compare(): Expression {
    const stream = this.#stream;
    const start = place(stream.current);
    const first = this.#sum();
    const rest: { operator: CompareOperator; value: Expression }[] = [];
    for (;;) {
      const operator = this.#compareOperator();
      if (operator === undefined) break;
      rest.push({ operator, value: this.#sum() });
    }
    return rest.length === 0 ? first : { kind: "compare", first, rest, ...start };
  }

  #compareOperator(): CompareOperator | undefined {
    const stream = this.#stream;
    if (stream.skipIf("name:in")) return "in";
    if (stream.is("name:not") && matches(stream.look(), "name:in")) {
      stream.take();
      stream.take();
      return "not in";
    }
    for (const operator of ["==", "!=", "<", "<=", ">", ">="] as const) {
      if (stream.skipIf(operator)) return operator;
    }
    return undefined;
  }

  #sum(): Expression {
    return this.#operators(["+", "-"], () => this.#concat());
  }

  #concat(): Expression {
    const start = place(this.#stream.current);
    const parts = [this.#product()];
    while (this.#stream.skipIf("~")) parts.push(this.#product());
    return parts.length === 1 ? (parts[0] as Expression) : { kind: "concat", parts, ...start };
  }

  #product(): Expression {
    return this.#operators(["*", "/", "//", "%"], () => this.#power());
  }

  #power(): Expression {
    return this.#operators(["**"], () => this.#unary(true));
  }

  #operators(operators: readonly BinaryOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => this.#stream.is(candidate));
      if (operator === undefined) return left;
      const start = place(this.#stream.take());
      left = { kind: "binary", operator, left, right: operand(), ...start };
    }
  }

  #unary(withFilter: boolean): Expression {
    const stream = this.#stream;
    let node: Expression;
    if (stream.is("-") || stream.is("+")) {
      const token = stream.take();
      if (++this.#depth > DEEPEST) stream.fail("expression is nested too deeply");
      const operand = this.#unary(false);
      this.#depth--;
      node = { kind: "unary", operator: token.value as "-" | "+", operand, ...place(token) };
    } else node = this.#primary();
    node = this.#postfix(node);
    return withFilter ? this.#filterExpression(node) : node;
  }

  #primary(): Expression {
    const stream = this.#stream;
    const token = stream.current;
    const start = place(token);
    switch (token.kind) {
      case "name":
        stream.take();
        return nameOrConstant(token);
      case "string": {
        let value = "";
        while (stream.is("string")) value += stream.take().value;
        return { kind: "constant", value, ...start };
      }
      case "integer":
      case "float":
        stream.take();
        return { kind: "number", text: token.value, isFloat: token.kind === "float", ...start };
      default:
        break;
    }
    if (stream.skipIf("(")) {
      const inner = this.tuple({ parenthesised: true });
      stream.expect(")");
      return inner;
    }
    if (stream.skipIf("[")) return { kind: "list", items: this.#items("]"), ...start };
    if (stream.skipIf("{")) return { kind: "dict", pairs: this.#pairs(), ...start };
    return stream.fail(`unexpected ${quoted(describeToken(token))}`);
  }

  #items(end: string): Expression[] {
    const stream = this.#stream;
    const items: Expression[] = [];
    while (!stream.is(end)) {
      if (items.length > 0) stream.expect(",");
      if (stream.is(end)) break;
      items.push(this.expression());
    }
    stream.expect(end);
    return items;
  }

  #pairs(): [Expression, Expression][] {
    const stream = this.#stream;
    const pairs: [Expression, Expression][] = [];
    while (!stream.is("}")) {
      if (pairs.length > 0) stream.expect(",");
      if (stream.is("}")) break;
      const key = this.expression();
      stream.expect(":");
      pairs.push([key, this.expression()]);
    }
    stream.expect("}");
    return pairs;
  }

  #postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#stream.is(".") || this.#stream.is("[")) node = this.#subscript(node);
      else if (this.#stream.is("(")) node = this.#call(node);
      else return node;
    }
  }

  #filterExpression(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.#stream.is("|")) node = this.filters(node) as Expression;
      else if (this.#stream.is("name:is")) node = this.#test(node);
      else if (this.#stream.is("(")) node = this.#call(node);
      else return node;
    }
  }

  #subscript(target: Expression): Expression {
    const stream = this.#stream;
    const token = stream.take();
    const start = place(token);
    if (token.value === ".") {
      const name = stream.take();
      if (name.kind === "name") return { kind: "attribute", target, name: name.value, ...start };
      if (name.kind !== "integer") stream.fail("expected name or number", name);
      const key: Expression = { kind: "number", text: name.value, isFloat: false, ...place(name) };
      return { kind: "item", target, key, ...start };
    }
    const keys: Expression[] = [];
    while (!stream.is("]")) {
      if (keys.length > 0) stream.expect(",");
      keys.push(this.#subscribed());
    }
    stream.expect("]");
    const only = keys.length === 1 ? keys[0] : undefined;
    return {
      kind: "item",
      target,
      key: only ?? { kind: "tuple", items: keys, ...start },
      ...start,
    };
  }

  #subscribed(): Expression {
    const stream = this.#stream;
    const at = place(stream.current);
    let start: Expression | undefined;
    if (!stream.is(":")) {
      start = this.expression();
      if (!stream.is(":")) return start;
    }
    stream.expect(":");
    const atEnd = (): boolean => stream.is("]") || stream.is(",");
    const stop = stream.is(":") || atEnd() ? undefined : this.expression();
    const step = stream.skipIf(":") && !atEnd() ? this.expression() : undefined;
    return { kind: "slice", start, stop, step, ...at };
  }

  #call(callee: Expression): Expression {
    const start = place(this.#stream.current);
    return { kind: "call", callee, args: this.arguments(), ...start };
  }

  /** `(a, b=c, *d, **e)`. */
  arguments(): Arguments {
    const stream = this.#stream;
    const open = stream.expect("(");
    const positional: Expression[] = [];
    const keywords: Keyword[] = [];
    let star: Expression | undefined;
    let starStar: Expression | undefined;
    const ensure = (condition: boolean): void => {
      if (!condition) stream.fail("invalid syntax for function call expression", open);
    };
    let first = true;
    while (!stream.is(")")) {
      if (!first) {
        stream.expect(",");
        if (stream.is(")")) break;
      }
      first = false;
      if (stream.skipIf("*")) {
        ensure(star === undefined && starStar === undefined);
        star = this.expression();
      } else if (stream.skipIf("**")) {
        ensure(starStar === undefined);
        starStar = this.expression();
      } else if (stream.current.kind === "name" && matches(stream.look(), "=")) {
        ensure(starStar === undefined);
        const name = stream.take().value;
        stream.take();
        keywords.push({ name, value: this.expression() });
      } else {
        ensure(star === undefined && starStar === undefined && keywords.length === 0);
        positional.push(this.expression());
      }
    }
    stream.expect(")");
    return { positional, keywords, star, starStar };
  }

  /** `| name(args) | ...`; with `inline` the first name stands without its bar. */
  filters(start: Expression | undefined, inline = false): Expression | undefined {
    const stream = this.#stream;
    let node = start;
    let bare = inline;
    while (bare || stream.is("|")) {
      if (!bare) stream.take();
      bare = false;
      const token = stream.expect("name");
      const name = this.#dottedName(token);
      const args = stream.is("(") ? this.arguments() : NO_ARGUMENTS;
      node = { kind: "filter", target: node, name, args, ...place(token) };
    }
    return node;
  }

  #dottedName(first: Token): string {
    let name = first.value;
    while (this.#stream.skipIf(".")) name += `.${this.#stream.expect("name").value}`;
    return name;
  }

  #test(target: Expression): Expression {
    const stream = this.#stream;
    const start = place(stream.take());
    const negated = stream.skipIf("name:not");
    const name = this.#dottedName(stream.expect("name"));
    const test: Expression = { kind: "test", target, name, args: this.#testArguments(), ...start };
    return negated ? { kind: "unary", operator: "not", operand: test, ...start } : test;
  }

  #testArguments(): Arguments {
    const stream = this.#stream;
    if (stream.is("(")) return this.arguments();
    const kind = stream.current.kind;
    const startsValue =
      kind === "name" ||
      kind === "string" ||
      kind === "integer" ||
      kind === "float" ||
      stream.is("[") ||
      stream.is("{");
    if (!startsValue || stream.is("name:else") || stream.is("name:or") || stream.is("name:and")) {
      return NO_ARGUMENTS;
    }
    if (stream.is("name:is")) stream.fail("You cannot chain multiple tests with is");
    return { ...NO_ARGUMENTS, positional: [this.#postfix(this.#primary())] };
  }
}

/** Where a token stands, as nodes keep it. */
export function place(token: Token): Place {
  return { line: token.line, offset: token.offset };
}

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** Names that stand for constants and cannot be assigned to. */
export function isConstantName(name: string): boolean {
  return CONSTANTS.has(name);
}

function nameOrConstant(token: Token): Expression {
  const value = CONSTANTS.get(token.value);
  return value === undefined
    ? { kind: "name", name: token.value, ...place(token) }
    : { kind: "constant", value, ...place(token) };
}
