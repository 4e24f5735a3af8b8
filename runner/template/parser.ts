import type { Expression, Macro, Statement, Target } from "./ast.ts";
import { ANSIBLE_SYNTAX, type Syntax, type Token } from "./lexer.ts";
import { ExpressionParser, isConstantName, place } from "./parse-expression.ts";
import { describeWanted, matches, quoted, TokenStream, type Wanted } from "./token-stream.ts";

/**
 * Template text to its tree. The grammar is Jinja 3.1's (jinja2/parser.py); `do`, `break` and
 * `continue` are there when the syntax says so. Throws TemplateError (syntax) with Jinja's words and the place.
 */
export function parse(source: string, syntax: Syntax = ANSIBLE_SYNTAX): Statement[] {
  return new StatementParser(source, syntax).parse();
}

interface TargetOptions {
  readonly namespace?: boolean;
  readonly end?: Wanted;
}

class StatementParser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #open: string[] = [];
  readonly #ends: (readonly Wanted[])[] = [];
  readonly #blocks = new Set<string>();
  readonly #tags: ReadonlySet<string>;
  #loops = 0;

  constructor(source: string, syntax: Syntax) {
    this.#stream = new TokenStream(source, syntax);
    this.#expressions = new ExpressionParser(this.#stream);
    this.#tags = syntax.tags;
  }

  parse(): Statement[] {
    return this.#subparse([]);
  }

  #subparse(ends: readonly Wanted[]): Statement[] {
    const stream = this.#stream;
    const body: Statement[] = [];
    if (ends.length > 0) this.#ends.push(ends);
    while (!stream.is("eof")) {
      const token = stream.current;
      if (stream.skipIf("data")) body.push({ kind: "text", text: token.value, ...place(token) });
      else if (stream.skipIf("variable_begin")) {
        body.push({ kind: "output", value: this.#expressions.tuple(), ...place(token) });
        stream.expect("variable_end");
      } else {
        stream.expect("block_begin");
        if (ends.some((end) => stream.is(end))) break;
        body.push(...this.#statement());
        stream.expect("block_end");
      }
    }
    if (ends.length > 0) this.#ends.pop();
    return body;
  }

  /** The statements up to one of the end tags; the end tag's name is the current token then. */
  #until(...ends: readonly Wanted[]): Statement[] {
    const stream = this.#stream;
    stream.skipIf(":");
    stream.expect("block_end");
    const body = this.#subparse(ends);
    if (stream.is("eof")) this.#failEnd(undefined, [...this.#ends, ends]);
    return body;
  }

  #through(end: Wanted): Statement[] {
    const body = this.#until(end);
    this.#stream.take();
    return body;
  }

  #statement(): Statement[] {
    const token = this.#stream.current;
    if (token.kind !== "name") this.#stream.fail("tag name expected");
    const isThere = !EXTENDED.has(token.value) || this.#tags.has(token.value);
    const parser = isThere ? STATEMENTS[token.value] : undefined;
    if (parser === undefined) this.#failEnd(token, this.#ends);
    if (this.#open.length > 100) this.#stream.fail("statements are nested too deeply");
    this.#open.push(token.value);
    this.#stream.take();
    const parsed = parser.call(this, token);
    this.#open.pop();
    return Array.isArray(parsed) ? parsed : [parsed];
  }

  #failEnd(tag: Token | undefined, ends: readonly (readonly Wanted[])[]): never {
    const last = ends.at(-1);
    const looking = last?.map((end) => quoted(describeWanted(end))).join(" or ");
    const message = [
      tag === undefined
        ? "Unexpected end of template."
        : `Encountered unknown tag ${quoted(tag.value)}.`,
    ];
    if (looking !== undefined) {
      const expected =
        tag !== undefined &&
        ends.some((group) => group.some((end) => describeWanted(end) === tag.value));
      message.push(
        expected
          ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${looking}.`
          : `Jinja was looking for the following tags: ${looking}.`,
      );
    }
    const innermost = this.#open.at(-1);
    if (innermost !== undefined) {
      message.push(`The innermost block that needs to be closed is ${quoted(innermost)}.`);
    }
    return this.#stream.fail(message.join(" "));
  }

  set(token: Token): Statement {
    const target = this.#target({ namespace: true });
    if (this.#stream.skipIf("=")) {
      return { kind: "set", target, value: this.#expressions.tuple(), ...place(token) };
    }
    const filter = this.#expressions.filters(undefined);
    return {
      kind: "set-block",
      target,
      filter,
      body: this.#through("name:endset"),
      ...place(token),
    };
  }

  for(token: Token): Statement {
    const stream = this.#stream;
    const target = this.#target({ end: "name:in" });
    stream.expect("name:in");
    const iter = this.#expressions.tuple({ withCondition: false, end: "name:recursive" });
    const test = stream.skipIf("name:if") ? this.#expressions.expression() : undefined;
    const recursive = stream.skipIf("name:recursive");
    this.#loops++;
    const body = this.#until("name:endfor", "name:else");
    this.#loops--;
    const otherwise = stream.take().value === "endfor" ? [] : this.#through("name:endfor");
    return { kind: "for", target, iter, test, recursive, body, otherwise, ...place(token) };
  }

  if(token: Token): Statement {
    const branches: { test: Expression; body: readonly Statement[] }[] = [];
    let otherwise: readonly Statement[] = [];
    for (;;) {
      const test = this.#expressions.tuple({ withCondition: false });
      branches.push({ test, body: this.#until("name:elif", "name:else", "name:endif") });
      const tag = this.#stream.take().value;
      if (tag === "elif") continue;
      if (tag === "else") otherwise = this.#through("name:endif");
      return { kind: "if", branches, otherwise, ...place(token) };
    }
  }

  with(token: Token): Statement {
    const stream = this.#stream;
    const targets: Target[] = [];
    const values: Expression[] = [];
    while (!stream.is("block_end")) {
      if (targets.length > 0) stream.expect(",");
      targets.push(this.#target({}));
      stream.expect("=");
      values.push(this.#expressions.expression());
    }
    return { kind: "with", targets, values, body: this.#through("name:endwith"), ...place(token) };
  }

  autoescape(token: Token): Statement {
    // Ansible never escapes HTML, so only the scope remains of this tag.
    this.#expressions.expression();
    return { kind: "scope", body: this.#through("name:endautoescape"), ...place(token) };
  }

  block(token: Token): Statement {
    const stream = this.#stream;
    const name = stream.expect("name").value;
    const scoped = stream.skipIf("name:scoped");
    const required = stream.skipIf("name:required");
    if (stream.is("-")) {
      stream.fail(
        "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.",
      );
    }
    const body = this.#through("name:endblock");
    if (required && !body.every((child) => child.kind === "text" && child.text.trim() === "")) {
      stream.fail("Required blocks can only contain comments or whitespace");
    }
    stream.skipIf(`name:${name}`);
    if (this.#blocks.has(name)) stream.fail(`block ${quoted(name)} defined twice`, token);
    this.#blocks.add(name);
    return { kind: "block", name, scoped, required, body, ...place(token) };
  }

  extends(token: Token): Statement {
    return { kind: "extends", template: this.#expressions.expression(), ...place(token) };
  }

  include(token: Token): Statement {
    const stream = this.#stream;
    const template = this.#expressions.expression();
    const ignoreMissing = stream.is("name:ignore") && matches(stream.look(), "name:missing");
    if (ignoreMissing) {
      stream.take();
      stream.take();
    }
    return {
      kind: "include",
      template,
      ignoreMissing,
      withContext: this.#context(true),
      ...place(token),
    };
  }

  import(token: Token): Statement {
    const template = this.#expressions.expression();
    this.#stream.expect("name:as");
    const target = this.#nameTarget();
    return { kind: "import", template, target, withContext: this.#context(false), ...place(token) };
  }

  from(token: Token): Statement {
    const stream = this.#stream;
    const template = this.#expressions.expression();
    stream.expect("name:import");
    const names: [string, string][] = [];
    let withContext: boolean | undefined;
    for (;;) {
      if (names.length > 0) stream.expect(",");
      if (stream.current.kind !== "name") {
        stream.expect("name");
        break;
      }
      withContext = this.#contextWords();
      if (withContext !== undefined) break;
      const at = stream.current;
      const name = this.#nameTarget();
      if (name.startsWith("_"))
        stream.fail("names starting with an underline can not be imported", at);
      names.push([name, stream.skipIf("name:as") ? this.#nameTarget() : name]);
      withContext = this.#contextWords();
      if (withContext !== undefined || !stream.is(",")) break;
    }
    return {
      kind: "from-import",
      template,
      names,
      withContext: withContext ?? false,
      ...place(token),
    };
  }

  #context(otherwise: boolean): boolean {
    return this.#contextWords() ?? otherwise;
  }

  #contextWords(): boolean | undefined {
    const stream = this.#stream;
    if (
      !(stream.is("name:with") || stream.is("name:without")) ||
      !matches(stream.look(), "name:context")
    ) {
      return undefined;
    }
    const withContext = stream.take().value === "with";
    stream.take();
    return withContext;
  }

  macro(token: Token): Statement {
    const name = this.#nameTarget();
    const { params, defaults } = this.#signature();
    const body = this.#functionBody("name:endmacro");
    return { kind: "macro", macro: { name, params, defaults, body }, ...place(token) };
  }

  call(token: Token): Statement {
    const { params, defaults } = this.#stream.is("(")
      ? this.#signature()
      : { params: [], defaults: [] };
    const call = this.#expressions.expression();
    if (call.kind !== "call") this.#stream.fail("expected call", token);
    const macro: Macro = {
      name: "caller",
      params,
      defaults,
      body: this.#functionBody("name:endcall"),
    };
    return { kind: "call-block", call, macro, ...place(token) };
  }

  // A loop around a macro is not a loop of the macro's body: `break` there would leave nothing.
  #functionBody(end: Wanted): Statement[] {
    const loops = this.#loops;
    this.#loops = 0;
    const body = this.#through(end);
    this.#loops = loops;
    return body;
  }

  #signature(): { params: string[]; defaults: Expression[] } {
    const stream = this.#stream;
    const params: string[] = [];
    const defaults: Expression[] = [];
    stream.expect("(");
    while (!stream.is(")")) {
      if (params.length > 0) stream.expect(",");
      params.push(this.#nameTarget());
      if (stream.skipIf("=")) defaults.push(this.#expressions.expression());
      else if (defaults.length > 0) stream.fail("non-default argument follows default argument");
    }
    stream.expect(")");
    return { params, defaults };
  }

  filter(token: Token): Statement {
    const filter = this.#expressions.filters(undefined, true) as Expression;
    return { kind: "filter-block", filter, body: this.#through("name:endfilter"), ...place(token) };
  }

  print(token: Token): Statement[] {
    const stream = this.#stream;
    const printed: Statement[] = [];
    while (!stream.is("block_end")) {
      if (printed.length > 0) stream.expect(",");
      printed.push({ kind: "output", value: this.#expressions.expression(), ...place(token) });
    }
    return printed;
  }

  do(token: Token): Statement {
    return { kind: "do", value: this.#expressions.tuple(), ...place(token) };
  }

  loopControl(token: Token): Statement {
    const kind = token.value === "break" ? "break" : "continue";
    if (this.#loops === 0) this.#stream.fail(`'${kind}' outside loop`, token);
    return { kind, ...place(token) };
  }

  #nameTarget(): string {
    const token = this.#stream.expect("name");
    if (isConstantName(token.value)) this.#stream.fail(`can't assign to ${quoted("const")}`, token);
    return token.value;
  }

  #target(options: TargetOptions): Target {
    const stream = this.#stream;
    if (
      options.namespace === true &&
      stream.current.kind === "name" &&
      matches(stream.look(), ".")
    ) {
      const token = stream.take();
      stream.take();
      return {
        kind: "namespace",
        name: token.value,
        attribute: stream.expect("name").value,
        ...place(token),
      };
    }
    const expression = this.#expressions.tuple({
      simple: true,
      ...(options.end === undefined ? {} : { end: options.end }),
    });
    return this.#asTarget(expression);
  }

  #asTarget(expression: Expression): Target {
    if (expression.kind === "name") return expression;
    if (expression.kind === "tuple") {
      return {
        kind: "tuple",
        items: expression.items.map((item) => this.#asTarget(item)),
        line: expression.line,
        offset: expression.offset,
      };
    }
    return this.#stream.fail(
      `can't assign to ${quoted(NODE_NAMES[expression.kind] ?? expression.kind)}`,
    );
  }
}

// Jinja's names of nodes, where they differ from ours, for "can't assign to".
const NODE_NAMES: Readonly<Record<string, string>> = {
  constant: "const",
  number: "const",
  attribute: "getattr",
  item: "getitem",
  conditional: "condexpr",
  unary: "neg",
};

/** Statements of Jinja's extensions `do` and `loopcontrols`. */
const EXTENDED = new Set(["do", "break", "continue"]);

type StatementMethod = (this: StatementParser, token: Token) => Statement | Statement[];

const methods = StatementParser.prototype;
const STATEMENTS: Readonly<Record<string, StatementMethod | undefined>> = {
  __proto__: null as never,
  set: methods.set,
  for: methods.for,
  if: methods.if,
  with: methods.with,
  autoescape: methods.autoescape,
  block: methods.block,
  extends: methods.extends,
  include: methods.include,
  import: methods.import,
  from: methods.from,
  macro: methods.macro,
  call: methods.call,
  filter: methods.filter,
  print: methods.print,
  do: methods.do,
  break: methods.loopControl,
  continue: methods.loopControl,
};
