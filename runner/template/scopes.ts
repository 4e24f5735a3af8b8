import type { Arguments, Expression, Statement, Target } from "./ast.ts";

/**
 * The names that a list of statements assigns in its own scope. Branches of `if` share the scope they
 * stand in; loops, `with`, macros and blocks have scopes of their own (jinja2/idtracking.py).
 */
export function storedNames(
  body: readonly Statement[],
  into: Set<string> = new Set(),
): Set<string> {
  for (const statement of body) {
    switch (statement.kind) {
      case "set":
      case "set-block":
        targetNames(statement.target, into);
        break;
      case "macro":
        into.add(statement.macro.name);
        break;
      case "import":
        into.add(statement.target);
        break;
      case "from-import":
        for (const [, alias] of statement.names) into.add(alias);
        break;
      case "if":
        for (const branch of statement.branches) storedNames(branch.body, into);
        storedNames(statement.otherwise, into);
        break;
      default:
        break;
    }
  }
  return into;
}

/**
 * Whether a name has no value at the beginning of its scope, although a variable of that name exists: Jinja
 * decides so when the first thing that the scope itself does with it, on every way, is to set it. Loops, macros
 * and blocks inside are not looked into; they alone can see the name before.
 */
export function startsUnset(body: readonly Statement[], name: string): boolean {
  if (!body.some((statement) => isNested(statement) && mentions([statement], name))) return false;
  return firstUse(body, name) === "set";
}

function isNested({ kind }: Statement): boolean {
  return /^(for|macro|call-block|filter-block|set-block|with|scope|if)$/.test(kind);
}

function firstUse(body: readonly Statement[], name: string): "read" | "set" | undefined {
  const reads = (...parts: readonly (Expression | undefined)[]): boolean => {
    let isRead = false;
    for (const part of parts)
      if (part !== undefined)
        walkExpression(part, (node) => {
          if (node.kind === "name" && node.name === name) isRead = true;
        });
    return isRead;
  };
  for (const statement of body) {
    if (storedNames([statement]).has(name) && statement.kind !== "if") {
      return statement.kind === "set" && reads(statement.value) ? "read" : "set";
    }
    switch (statement.kind) {
      case "output":
      case "do":
      case "set":
        if (reads(statement.value)) return "read";
        break;
      case "for":
        if (reads(statement.iter)) return "read";
        break;
      case "with":
        if (reads(...statement.values)) return "read";
        break;
      case "call-block":
        if (reads(statement.call)) return "read";
        break;
      case "filter-block":
        if (reads(statement.filter)) return "read";
        break;
      case "include":
      case "import":
      case "from-import":
      case "extends":
        if (reads(statement.template)) return "read";
        break;
      case "if": {
        if (reads(...statement.branches.map(({ test }) => test))) return "read";
        const branches = [...statement.branches.map((branch) => branch.body), statement.otherwise];
        const uses = branches.map((branch) => firstUse(branch, name));
        // Jinja counts an `elif` even where there is none, so that only all three kinds are every way.
        if (branches.length > 2 && uses.every((use) => use === "set")) return "set";
        if (uses.some((use) => use !== undefined)) return "read";
        break;
      }
      default:
        break;
    }
  }
  return undefined;
}

/** The names that a scope reads itself, outside of the loops, macros and the like in it (FrameSymbolVisitor of jinja2/idtracking.py). */
export function readNames(body: readonly Statement[], into: Set<string> = new Set()): Set<string> {
  const read = (expression: Expression | undefined): void => {
    if (expression === undefined) return;
    walkExpression(expression, (node) => {
      if (node.kind === "name") into.add(node.name);
    });
  };
  for (const statement of body) {
    switch (statement.kind) {
      case "output":
      case "do":
      case "set":
        read(statement.value);
        break;
      case "if":
        for (const branch of statement.branches) {
          read(branch.test);
          readNames(branch.body, into);
        }
        readNames(statement.otherwise, into);
        break;
      case "for":
        read(statement.iter);
        break;
      case "with":
        statement.values.forEach(read);
        break;
      case "call-block":
        read(statement.call);
        break;
      case "filter-block":
        read(statement.filter);
        break;
      default:
        break;
    }
  }
  return into;
}

/** The plain names of a target. */
export function targetNames(target: Target, into: Set<string>): Set<string> {
  if (target.kind === "name") into.add(target.name);
  else if (target.kind === "tuple") for (const item of target.items) targetNames(item, into);
  return into;
}

/** How often each name is read anywhere below, whatever scope it belongs to. */
export function countNames(body: readonly Statement[]): Map<string, number> {
  const counts = new Map<string, number>();
  walkStatements(body, (expression) => {
    if (expression.kind === "name")
      counts.set(expression.name, (counts.get(expression.name) ?? 0) + 1);
  });
  return counts;
}

/** Whether a name is read anywhere below. */
export function mentions(body: readonly Statement[], name: string): boolean {
  return countNames(body).has(name);
}

/** Visits every expression below, outer ones first. */
export function walkStatements(
  body: readonly Statement[],
  visit: (expression: Expression) => void,
): void {
  const expression = (value: Expression | undefined): void => {
    if (value !== undefined) walkExpression(value, visit);
  };
  for (const statement of body) {
    switch (statement.kind) {
      case "output":
      case "do":
        expression(statement.value);
        break;
      case "for":
        expression(statement.iter);
        expression(statement.test);
        walkStatements(statement.body, visit);
        walkStatements(statement.otherwise, visit);
        break;
      case "if":
        for (const branch of statement.branches) {
          expression(branch.test);
          walkStatements(branch.body, visit);
        }
        walkStatements(statement.otherwise, visit);
        break;
      case "set":
        walkTarget(statement.target, visit);
        expression(statement.value);
        break;
      case "set-block":
        walkTarget(statement.target, visit);
        expression(statement.filter);
        walkStatements(statement.body, visit);
        break;
      case "with":
        statement.values.forEach(expression);
        walkStatements(statement.body, visit);
        break;
      case "macro":
        statement.macro.defaults.forEach(expression);
        walkStatements(statement.macro.body, visit);
        break;
      case "call-block":
        expression(statement.call);
        statement.macro.defaults.forEach(expression);
        walkStatements(statement.macro.body, visit);
        break;
      case "filter-block":
        expression(statement.filter);
        walkStatements(statement.body, visit);
        break;
      case "block":
      case "scope":
        walkStatements(statement.body, visit);
        break;
      case "extends":
      case "include":
      case "import":
      case "from-import":
        expression(statement.template);
        break;
      case "text":
      case "break":
      case "continue":
        break;
      default:
        statement satisfies never;
    }
  }
}

function walkTarget(target: Target, visit: (expression: Expression) => void): void {
  if (target.kind === "namespace") {
    visit({ kind: "name", name: target.name, line: target.line, offset: target.offset });
  }
}

/** Visits an expression and all below it, outer ones first. */
export function walkExpression(node: Expression, visit: (expression: Expression) => void): void {
  visit(node);
  for (const child of childrenOf(node)) walkExpression(child, visit);
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "list":
    case "tuple":
      return node.items;
    case "dict":
      return node.pairs.flat();
    case "attribute":
      return [node.target];
    case "item":
      return [node.target, node.key];
    case "slice":
      return [node.start, node.stop, node.step].filter((part) => part !== undefined);
    case "call":
      return [node.callee, ...argumentsOf(node.args)];
    case "filter":
      return node.target === undefined
        ? argumentsOf(node.args)
        : [node.target, ...argumentsOf(node.args)];
    case "test":
      return [node.target, ...argumentsOf(node.args)];
    case "binary":
      return [node.left, node.right];
    case "unary":
      return [node.operand];
    case "compare":
      return [node.first, ...node.rest.map(({ value }) => value)];
    case "concat":
      return node.parts;
    case "conditional":
      return node.otherwise === undefined
        ? [node.test, node.consequent]
        : [node.test, node.consequent, node.otherwise];
    case "constant":
    case "number":
    case "name":
      return [];
    default:
      return node satisfies never;
  }
}

function argumentsOf(args: Arguments): Expression[] {
  const found = [...args.positional, ...args.keywords.map(({ value }) => value)];
  if (args.star !== undefined) found.push(args.star);
  if (args.starStar !== undefined) found.push(args.starStar);
  return found;
}

/** Names that JavaScript-side code answers from everything there is. */
const READS_ALL_NAMES = new Set(["vars", "hostvars"]);
/** Lookups that read the variables they are told to, or template text that names others. */
const READS_ALL_LOOKUPS = new Set(["vars", "varnames", "template", "first_found", "config"]);

/** Whether a template may read variables that its text does not name. */
export function readsAnything(
  body: readonly Statement[],
  isPureLookup: (name: string) => boolean,
): boolean {
  if (includesOthers(body)) return true;
  let anything = false;
  walkStatements(body, (node) => {
    if (node.kind === "name" && READS_ALL_NAMES.has(node.name)) anything = true;
    if (node.kind === "call" && isLookupCall(node.callee)) {
      const [first, ...terms] = node.args.positional;
      const name =
        first?.kind === "constant"
          ? String(first.value).replace(/^ansible\.(builtin|legacy)\./, "")
          : undefined;
      const isTemplated = terms.some(holdsTemplate);
      if (name === undefined || READS_ALL_LOOKUPS.has(name) || !isPureLookup(name) || isTemplated)
        anything = true;
    }
  });
  return anything;
}

/** Whether a call's name is `lookup` or one of its short forms. */
export function isLookupCall(callee: Expression): boolean {
  return callee.kind === "name" && /^(lookup|query|q)$/.test(callee.name);
}

/** Whether the text of a template stands in an expression: `'{{ name }}.txt'`. */
export function holdsTemplate(expression: Expression): boolean {
  let found = false;
  walkExpression(expression, (node) => {
    if (node.kind === "constant" && typeof node.value === "string" && node.value.includes("{"))
      found = true;
  });
  return found;
}

function includesOthers(body: readonly Statement[]): boolean {
  return body.some((statement) => {
    switch (statement.kind) {
      case "include":
      case "import":
      case "from-import":
      case "extends":
        return true;
      case "if":
        return (
          statement.branches.some((branch) => includesOthers(branch.body)) ||
          includesOthers(statement.otherwise)
        );
      case "for":
        return includesOthers(statement.body) || includesOthers(statement.otherwise);
      case "with":
      case "set-block":
      case "filter-block":
      case "block":
      case "scope":
        return includesOthers(statement.body);
      case "macro":
      case "call-block":
        return includesOthers(statement.macro.body);
      default:
        return false;
    }
  });
}
