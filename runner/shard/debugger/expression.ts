import type { Value } from "../../model/value.ts";
import { parseLiteral } from "../../template/py-literal.ts";
import { reprString } from "../../template/py-repr.ts";

/** What the debugger understands of Python: names, attributes, items and literals. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "item"; readonly of: Expression; readonly key: Expression }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly isTuple: boolean }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] };

/** An expression, or its assignment to a target. */
export interface Statement {
  readonly target: Expression | undefined;
  readonly value: Expression;
}

/** What Python would throw: its class, and its argument as Python prints it. */
export class PythonError extends Error {
  readonly pyType: string;
  readonly argument: string;
  constructor(pyType: string, argument: string) {
    super(`${pyType}(${argument})`);
    this.pyType = pyType;
    this.argument = argument;
  }
}

/**
 * Reads an expression.
 *
 * @throws PythonError for text that is no Python, Error for Python that the debugger does not understand.
 */
export function parseExpression(text: string): Expression {
  const reader = createReader(text);
  const value = readTuple(reader);
  reader.end();
  return value;
}

/** Reads an expression or an assignment. @throws as parseExpression. */
export function parseStatement(text: string): Statement {
  const reader = createReader(text);
  const first = readTuple(reader);
  if (!reader.takes("=")) {
    reader.end();
    return { target: undefined, value: first };
  }
  const value = readTuple(reader);
  reader.end();
  return { target: first, value };
}

interface Token {
  readonly kind: "text" | "number" | "name" | "sign" | "other";
  readonly text: string;
  readonly column: number;
}

/** Tokens one by one. */
interface Reader {
  peek(): Token | undefined;
  next(): Token;
  /** Takes a sign if it comes next. */
  takes(sign: string): boolean;
  expect(sign: string): void;
  /** @throws unless everything was read. */
  end(): void;
  /** @throws for what is not understood. */
  refuse(token: Token | undefined): never;
  /** Reads what is inside of something. @throws for what is nested too deeply. */
  inside<T>(read: () => T): T;
}

const TOKEN =
  /\s*(?:([uUrRbB]{0,2}(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))|([-+]?(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?))|([A-Za-z_]\w*)|(==|[.,:=()[\]{}])|(\S))/y;
const KINDS = ["text", "number", "name", "sign", "other"] as const;
const DEEPEST = 50;

function createReader(text: string): Reader {
  const tokens = tokensOf(text);
  let at = 0;
  let depth = 0;
  const reader: Reader = {
    peek: () => tokens[at],
    next: () => tokens[at++] ?? reader.refuse(undefined),
    takes(sign) {
      const token = tokens[at];
      if (token?.kind !== "sign" || token.text !== sign) return false;
      at++;
      return true;
    },
    expect(sign) {
      if (!reader.takes(sign)) reader.refuse(tokens[at]);
    },
    end() {
      if (at < tokens.length) reader.refuse(tokens[at]);
    },
    refuse(token) {
      if (token === undefined)
        throw new PythonError("SyntaxError", reprString("unexpected EOF while parsing"));
      throw new Error(
        `names, attributes (task.args), items (task_vars['x']) and literals are understood here, not '${token.text}' at column ${token.column}`,
      );
    },
    inside(read) {
      if (++depth > DEEPEST) throw new PythonError("SyntaxError", "'too many nested parentheses'");
      const value = read();
      depth--;
      return value;
    },
  };
  return reader;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const body = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const found = TOKEN.exec(body);
    if (found === null) break;
    const index = found.slice(1).findIndex((part) => part !== undefined);
    const word = found[index + 1] ?? "";
    tokens.push({ kind: KINDS[index]!, text: word, column: TOKEN.lastIndex - word.length + 1 });
  }
  return tokens;
}

/** An expression, or several with commas between them. */
function readTuple(reader: Reader): Expression {
  const first = readExpression(reader);
  if (!reader.takes(",")) return first;
  const items = [first];
  while (startsExpression(reader.peek())) {
    items.push(readExpression(reader));
    if (!reader.takes(",")) break;
  }
  return { kind: "list", items, isTuple: true };
}

function startsExpression(token: Token | undefined): boolean {
  return token !== undefined && (token.kind !== "sign" || "([{".includes(token.text));
}

function readExpression(reader: Reader): Expression {
  let value = readAtom(reader);
  for (;;) {
    if (reader.takes(".")) {
      const token = reader.next();
      if (token.kind !== "name") reader.refuse(token);
      value = { kind: "attribute", of: value, name: token.text };
    } else if (reader.takes("[")) {
      const of = value;
      const key = reader.inside(() => readTuple(reader));
      reader.expect("]");
      value = { kind: "item", of, key };
    } else return value;
  }
}

function readAtom(reader: Reader): Expression {
  const token = reader.next();
  switch (token.kind) {
    case "text":
    case "number": {
      const value = parseLiteral(token.text.replace(/^\+/, ""), false);
      if (value === undefined) throw new PythonError("SyntaxError", "'invalid syntax'");
      return { kind: "literal", value: value as Value };
    }
    case "name":
      return readName(token, reader);
    case "sign":
      return reader.inside(() => readContainer(token, reader));
    default:
      return reader.refuse(token);
  }
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["True", true],
  ["False", false],
  ["None", null],
]);
/** Words that make other expressions and statements. */
const WORDS =
  /^(?:and|or|not|in|is|if|else|for|lambda|await|yield|del|import|from|def|class|while|with|try|raise|return|assert|global|pass)$/;

function readName(token: Token, reader: Reader): Expression {
  const constant = CONSTANTS.get(token.text);
  if (constant !== undefined) return { kind: "literal", value: constant };
  return WORDS.test(token.text) ? reader.refuse(token) : { kind: "name", name: token.text };
}

function readContainer(open: Token, reader: Reader): Expression {
  switch (open.text) {
    case "[": {
      const { items } = readItems("]", reader);
      return { kind: "list", items, isTuple: false };
    }
    case "(": {
      const { items, hadComma } = readItems(")", reader);
      const [only] = items;
      return only !== undefined && !hadComma ? only : { kind: "list", items, isTuple: true };
    }
    case "{":
      return readDict(reader);
    default:
      return reader.refuse(open);
  }
}

function readItems(
  close: string,
  reader: Reader,
): { readonly items: readonly Expression[]; readonly hadComma: boolean } {
  const items: Expression[] = [];
  let hadComma = false;
  while (!reader.takes(close)) {
    items.push(readExpression(reader));
    if (reader.takes(",")) hadComma = true;
    else {
      reader.expect(close);
      break;
    }
  }
  return { items, hadComma };
}

function readDict(reader: Reader): Expression {
  const entries: (readonly [Expression, Expression])[] = [];
  while (!reader.takes("}")) {
    const key = readExpression(reader);
    reader.expect(":");
    entries.push([key, readExpression(reader)]);
    if (!reader.takes(",")) {
      reader.expect("}");
      break;
    }
  }
  return { kind: "dict", entries };
}
