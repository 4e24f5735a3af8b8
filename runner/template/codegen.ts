import type { Expression, Macro, Statement, Target } from "./ast.ts";
import { ExpressionWriter, type Library, literal } from "./codegen-expression.ts";
import { Frame, FunctionFrame, freshName } from "./codegen-frame.ts";
import { isTextFilter, type KeepsText, never } from "./keeps-text.ts";
import {
  countNames,
  mentions,
  startsUnset,
  storedNames,
  targetNames,
  walkExpression,
} from "./scopes.ts";
import type { TextClass } from "./text-class.ts";

/** Generated code: a factory to be called with the runtime and the constants. */
export interface Generated {
  /**
   * The body of `function (R, K)`. It returns `value` (a template that is one expression), `test`
   * (a condition), or `root` and `blocks`.
   */
  readonly code: string;
  readonly constants: readonly unknown[];
  readonly reads: ReadonlySet<string>;
  readonly mutates: boolean;
}

export interface CodegenOptions {
  readonly library: Library;
  /** The template may be imported or included, so that its top-level variables are seen from outside. */
  readonly exports: boolean;
  /** Follows what is printed to text that stays text; not wanted where all becomes text anyway. */
  readonly keeps?: (expression: Expression) => KeepsText;
  /** Finds the class of text that `type_debug` names. */
  readonly textClass?: (expression: Expression) => TextClass;
  /** The same for an item of what an expression gives. */
  readonly itemClass?: (expression: Expression) => TextClass;
}

/** A whole template as JavaScript. */
export function generate(body: readonly Statement[], options: CodegenOptions): Generated {
  return new StatementWriter(body, options).template(body);
}

/** A template that is one `{{ expression }}`. */
export function generateValue(value: Expression, options: CodegenOptions): Generated {
  return new StatementWriter([{ kind: "output", value, line: 1, offset: 0 }], options).single(
    value,
    "value",
  );
}

/** A condition: the code answers a boolean. */
export function generateTest(test: Expression, options: CodegenOptions): Generated {
  return new StatementWriter([{ kind: "output", value: test, line: 1, offset: 0 }], options).single(
    test,
    "test",
  );
}

const PRELUDE = "const N=R.name,T=R.truth,";

class StatementWriter {
  readonly #expressions: ExpressionWriter;
  readonly #options: CodegenOptions;
  readonly #blocks: string[] = [];
  readonly #hasExtends: boolean;
  readonly #hasBlocks: boolean;
  readonly #loops: boolean;
  #line = 0;

  constructor(body: readonly Statement[], options: CodegenOptions) {
    this.#options = options;
    this.#expressions = new ExpressionWriter(options, countNames(body));
    this.#hasExtends = contains(body, "extends");
    this.#hasBlocks = contains(body, "block");
    this.#loops = contains(body, "for") || contains(body, "macro");
  }

  template(body: readonly Statement[]): Generated {
    const owner = new FunctionFrame(this.#loops);
    const frame = new Frame(owner, undefined);
    let self = "";
    if (mentions(body, "self") && this.#hasBlocks)
      self = `const ${frame.declare("self", true).js}=R.self(X);`;
    const lines = self + this.#scope(body, frame, "o", true);
    const parent = this.#hasExtends ? "let P;" : "";
    const chain = this.#hasExtends ? "if(P!==undefined)R.renderParent(X,P,o);" : "";
    const root = `function root(X,o){${parent}${owner.declarations()}${lines}${chain}}`;
    const blocks = `{${this.#blocks.join(",")}}`;
    return this.#generated(`${root};return{root,blocks:${blocks}};`);
  }

  single(expression: Expression, kind: "value" | "test"): Generated {
    const owner = new FunctionFrame(false);
    const frame = new Frame(owner, undefined);
    const written =
      kind === "test"
        ? this.#expressions.truth(expression, frame)
        : this.#expressions.write(expression, frame);
    return this.#generated(`return{${kind}(X){${owner.declarations()}return ${written};}};`);
  }

  #generated(code: string): Generated {
    const { constants, reads, mutates } = this.#expressions;
    const finalize = mutates ? "R.finalizeCopy" : "R.finalize";
    return { code: `"use strict";${PRELUDE}O=${finalize};${code}`, constants, reads, mutates };
  }

  /** Statements with a scope of their own: declares first what they assign. */
  #scope(body: readonly Statement[], frame: Frame, out: string, topLevel = false): string {
    let code = "";
    frame.body = body;
    for (const name of storedNames(body)) {
      const outer = frame.find(name);
      const local = frame.declare(name, false, this.#options.keeps !== undefined);
      const start =
        outer !== undefined
          ? `=${outer.js}`
          : startsUnset(body, name) && !frame.isReadAround(name)
            ? `=R.unset(${literal(name)})`
            : "";
      code += `let ${local.js}${start};`;
      if (local.kept !== undefined) code += `let ${local.kept}=${outer?.kept ?? false};`;
    }
    return code + this.#statements(body, frame, out, topLevel);
  }

  #statements(body: readonly Statement[], frame: Frame, out: string, topLevel: boolean): string {
    return body.map((statement) => this.#statement(statement, frame, out, topLevel)).join("");
  }

  #statement(node: Statement, frame: Frame, out: string, topLevel: boolean): string {
    const position = this.#position(node.line);
    const code = this.#statementCode(node, frame, out, topLevel);
    const prints =
      node.kind === "text" ||
      node.kind === "output" ||
      node.kind === "block" ||
      node.kind === "include";
    // After `extends` nothing of the child is printed but its blocks, by the parent.
    const guarded = this.#hasExtends && topLevel && prints ? `if(P===undefined){${code}}` : code;
    return position + guarded;
  }

  #position(line: number): string {
    if (line === this.#line) return "";
    this.#line = line;
    return `X.line=${line};`;
  }

  #statementCode(node: Statement, frame: Frame, out: string, topLevel: boolean): string {
    const expressions = this.#expressions;
    switch (node.kind) {
      case "text":
        return `${out}.push(${literal(node.text)});`;
      case "output":
        return `${out}.push(${this.#printed(node.value, frame)});`;
      case "do":
        return `${expressions.write(node.value, frame)};`;
      case "set":
        return (
          this.#set(node.target, expressions.write(node.value, frame), frame, topLevel) +
          this.#follow(node.target, node.value, frame)
        );
      case "set-block":
        return this.#setBlock(node, frame, topLevel);
      case "if":
        return this.#if(node, frame, out, topLevel);
      case "for":
        return this.#for(node, frame, out);
      case "with":
        return this.#with(node, frame, out);
      case "scope":
        return `{${this.#scope(node.body, new Frame(frame.owner, frame), out)}}`;
      case "macro": {
        const local = frame.find(node.macro.name);
        const value = `R.macro(X,${this.#macro(node.macro, node.macro.name, frame)})`;
        return `${local?.js}=${value};${this.#export(node.macro.name, frame, topLevel)}`;
      }
      case "call-block":
        return this.#callBlock(node, frame, out);
      case "filter-block": {
        const inner = freshName("o");
        const body = this.#scope(node.body, new Frame(frame.owner, frame), inner);
        this.#line = 0;
        const filtered = expressions.filter(asFilter(node.filter), `R.concat(X,${inner})`, frame);
        const printed = this.#kept(asFilter(node.filter), `O(X,${filtered})`, frame);
        return `{const ${inner}=[];${body}${out}.push(${printed});}`;
      }
      case "block":
        return this.#block(node, frame, out);
      case "extends":
        return `P=R.extend(X,${expressions.write(node.template, frame)});`;
      case "include":
        return `R.include(X,${expressions.write(node.template, frame)},${node.ignoreMissing},${node.withContext ? this.#locals(frame) : "undefined"},${out});`;
      case "import": {
        const module = `R.importModule(X,${expressions.write(node.template, frame)},${node.withContext ? this.#locals(frame) : "undefined"})`;
        return `${frame.find(node.target)?.js}=${module};${this.#export(node.target, frame, topLevel)}`;
      }
      case "from-import":
        return this.#fromImport(node, frame, topLevel);
      case "break":
        return "break;";
      case "continue":
        return "continue;";
      default:
        return node satisfies never;
    }
  }

  /** What `{{ expression }}` prints; text that stays text comes boxed. */
  #printed(value: Expression, frame: Frame): string {
    const local = value.kind === "name" ? frame.find(value.name) : undefined;
    if (local?.kept !== undefined)
      return `R.keepIf(${local.kept},O(X,${this.#expressions.write(value, frame)}))`;
    const written =
      value.kind === "call" && this.#options.keeps !== undefined
        ? this.#expressions.printedCall(value, frame)
        : this.#expressions.write(value, frame);
    return this.#kept(value, `O(X,${written})`, frame);
  }

  #kept(value: Expression, printed: string, frame: Frame): string {
    const { keeps } = this.#options;
    if (keeps === undefined || !this.#isFree(value, frame) || keeps(value) === never)
      return printed;
    return `R.keepText(X,${this.#expressions.constant(keeps(value))},${printed})`;
  }

  /** Whether an expression reads no name that the template itself sets; what to_json makes of one is as good. */
  #isFree(value: Expression, frame: Frame): boolean {
    if (isTextFilter(value)) return true;
    let isFree = true;
    walkExpression(value, (node) => {
      if (node.kind === "name" && frame.find(node.name) !== undefined) isFree = false;
    });
    return isFree;
  }

  #set(target: Target, value: string, frame: Frame, topLevel: boolean): string {
    if (target.kind === "name") {
      frame.assign(target.name);
      return `${frame.find(target.name)?.js}=${value};${this.#export(target.name, frame, topLevel)}`;
    }
    if (target.kind === "namespace") {
      return `R.setAttribute(${this.#expressions.name(target.name, frame)},${literal(target.attribute)},${value});`;
    }
    return this.#unpack(target, value, frame, topLevel);
  }

  /** Remembers, beside what a name has been set to, whether that stays text. */
  #follow(target: Target, value: Expression, frame: Frame): string {
    const local = target.kind === "name" ? frame.find(target.name) : undefined;
    const { keeps } = this.#options;
    if (local?.kept === undefined || keeps === undefined) return "";
    if (value.kind === "name") {
      const source = frame.find(value.name);
      if (source !== undefined) return `${local.kept}=${source.kept ?? false};`;
    }
    if (!this.#isFree(value, frame)) return `${local.kept}=false;`;
    const follows = keeps(value);
    if (follows === never) return `${local.kept}=false;`;
    return `${local.kept}=R.keepsText(X,${this.#expressions.constant(follows)},${local.js});`;
  }

  #unpack(
    target: Target & { readonly kind: "tuple" },
    value: string,
    frame: Frame,
    topLevel: boolean,
  ): string {
    const items = freshName("u");
    const parts = target.items.map((item, index) =>
      this.#set(item, `${items}[${index}]`, frame, topLevel),
    );
    return `const ${items}=R.unpack(${value},${target.items.length});${parts.join("")}`;
  }

  #export(name: string, frame: Frame, topLevel: boolean): string {
    frame.assign(name);
    if (!topLevel || !(this.#options.exports || this.#hasBlocks || this.#hasExtends)) return "";
    return `R.exportName(X,${literal(name)},${frame.find(name)?.js});`;
  }

  #setBlock(
    node: Statement & { readonly kind: "set-block" },
    frame: Frame,
    topLevel: boolean,
  ): string {
    const inner = freshName("o");
    const body = this.#scope(node.body, new Frame(frame.owner, frame), inner);
    this.#line = 0;
    const text = `R.concat(X,${inner})`;
    const value =
      node.filter === undefined
        ? text
        : this.#expressions.filter(asFilter(node.filter), text, frame);
    const local = node.target.kind === "name" ? frame.find(node.target.name) : undefined;
    const followed =
      local?.kept === undefined
        ? ""
        : node.filter === undefined
          ? `${local.kept}=R.isKeptPiece(${inner});`
          : `${local.kept}=${isTextFilter(node.filter)};`;
    return `{const ${inner}=[];${body}${this.#set(node.target, value, frame, topLevel)}${followed}}`;
  }

  #if(
    node: Statement & { readonly kind: "if" },
    frame: Frame,
    out: string,
    topLevel: boolean,
  ): string {
    let code = "";
    frame.branches++;
    node.branches.forEach((branch, index) => {
      const test = this.#expressions.truth(branch.test, frame);
      this.#line = index === 0 ? this.#line : 0;
      code += `${index === 0 ? "if" : "else if"}(${test}){${this.#statements(branch.body, frame, out, topLevel)}}`;
    });
    this.#line = 0;
    if (node.otherwise.length > 0) {
      code += `else{${this.#statements(node.otherwise, frame, out, topLevel)}}`;
      this.#line = 0;
    }
    frame.branches--;
    return code;
  }

  #for(node: Statement & { readonly kind: "for" }, frame: Frame, out: string): string {
    if (node.recursive) return this.#recursiveFor(node, frame, out);
    const items = freshName("i");
    const iter = this.#expressions.write(node.iter, frame);
    const filtered = this.#filtered(node, `R.iterate(${iter})`, frame);
    const body = this.#loop(node, items, frame, out, undefined);
    const otherwise = this.#otherwise(node, items, frame, out);
    return `{const ${items}=${filtered};${otherwise}${body}}`;
  }

  #recursiveFor(node: Statement & { readonly kind: "for" }, frame: Frame, out: string): string {
    const [render, iter, depth, buffer, items] = ["f", "i", "d", "o", "i"].map(freshName) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const filtered = this.#filtered(node, `R.iterate(${iter})`, frame);
    const loop = this.#loop(node, items, frame, buffer, { render, depth });
    const otherwise = this.#otherwise(node, items, frame, buffer);
    const start = this.#expressions.write(node.iter, frame);
    return `{const ${render}=(${iter},${depth})=>{const ${buffer}=[];const ${items}=${filtered};${otherwise}${loop}return ${buffer};};${out}.push(...${render}(${start},0));}`;
  }

  #otherwise(
    node: Statement & { readonly kind: "for" },
    items: string,
    frame: Frame,
    out: string,
  ): string {
    if (node.otherwise.length === 0) return "";
    this.#line = 0;
    const code = this.#scope(node.otherwise, new Frame(frame.owner, frame), out);
    this.#line = 0;
    return `if(${items}.length===0){${code}}`;
  }

  /** The items that pass the loop's `if`. */
  #filtered(node: Statement & { readonly kind: "for" }, items: string, frame: Frame): string {
    if (node.test === undefined) return items;
    const inner = new Frame(frame.owner, frame);
    const item = freshName("e");
    const code = this.#bindTarget(node.target, item, inner);
    return `${items}.filter((${item})=>{${code}return ${this.#expressions.truth(node.test, inner)};})`;
  }

  #loop(
    node: Statement & { readonly kind: "for" },
    items: string,
    frame: Frame,
    out: string,
    recursion: { readonly render: string; readonly depth: string } | undefined,
  ): string {
    const inner = new Frame(frame.owner, frame);
    const [item, loop] = [freshName("e"), freshName("l")];
    const usesLoop =
      recursion !== undefined ||
      mentions(node.body, "loop") ||
      contains(node.body, "block") ||
      contains(node.body, "include");
    let head = "";
    let each = "";
    if (usesLoop) {
      const local = inner.declare("loop", true);
      const recurse =
        recursion === undefined
          ? ""
          : `,${recursion.depth},(i,d)=>R.concat(X,${recursion.render}(i,d))`;
      head = `const ${loop}=R.loop(${items}${recurse});`;
      each = `${loop}.next(${item});const ${local.js}=${loop};`;
    }
    each += this.#bindTarget(node.target, item, inner);
    const bound = node.target.kind === "name" ? inner.find(node.target.name) : undefined;
    if (bound !== undefined) bound.items = node.iter;
    this.#line = 0;
    const body = this.#scope(node.body, new Frame(frame.owner, inner), out);
    this.#line = 0;
    return `${head}for(const ${item} of ${items}){${each}${body}}`;
  }

  /** Declares the names of a loop or `with` target and gives them their values. */
  #bindTarget(target: Target, value: string, frame: Frame): string {
    let code = "";
    for (const name of targetNames(target, new Set()))
      code += `let ${frame.declare(name, true).js};`;
    return code + this.#set(target, value, frame, false);
  }

  #with(node: Statement & { readonly kind: "with" }, frame: Frame, out: string): string {
    const inner = new Frame(frame.owner, frame);
    const values = node.values.map((value) => {
      const js = freshName("w");
      return { js, code: `const ${js}=${this.#expressions.write(value, frame)};` };
    });
    const binds = node.targets.map((target, index) =>
      this.#bindTarget(target, values[index]?.js ?? "null", inner),
    );
    const body = this.#scope(node.body, new Frame(frame.owner, inner), out);
    return `{${values.map(({ code }) => code).join("")}${binds.join("")}{${body}}}`;
  }

  /** The arguments of R.macro: name, parameter names, what it takes besides, and the function. */
  #macro(macro: Macro, name: string | null, frame: Frame): string {
    const owner = new FunctionFrame(true);
    const inner = new Frame(owner, frame);
    const params = macro.params.map((param) => ({ param, local: inner.declare(param, true) }));
    const extras = (["caller", "kwargs", "varargs"] as const).filter(
      (extra) => !macro.params.includes(extra) && mentions(macro.body, extra),
    );
    const locals = extras.map((extra) => inner.declare(extra, true));
    const firstDefault = macro.params.length - macro.defaults.length;
    const defaults = params.map(({ param, local }, index) => {
      const value = macro.defaults[index - firstDefault];
      const written =
        value === undefined
          ? `R.missingParameter(${literal(param)})`
          : this.#expressions.write(value, inner);
      const reset =
        value !== undefined && readsName(value, param)
          ? `${local.js}=R.unset(${literal(param)});`
          : "";
      return `if(${local.js}===undefined){${reset}${local.js}=${written};}`;
    });
    this.#line = 0;
    const out = freshName("o");
    const body = this.#scope(macro.body, new Frame(owner, inner), out);
    this.#line = 0;
    const names = [...params.map(({ local }) => local.js), ...locals.map(({ js }) => js)];
    const takes = `{caller:${extras.includes("caller")},kwargs:${extras.includes("kwargs")},varargs:${extras.includes("varargs")}}`;
    return `${literal(name ?? "")},${JSON.stringify(macro.params)},${takes},(${names.join(",")})=>{${owner.declarations()}const ${out}=[];${defaults.join("")}${body}return R.${this.#options.keeps === undefined ? "concat" : "concatKept"}(X,${out});}`;
  }

  #callBlock(node: Statement & { readonly kind: "call-block" }, frame: Frame, out: string): string {
    if (node.call.kind !== "call") return "";
    const caller = `R.macro(X,${this.#macro(node.macro, null, frame)})`;
    const marker = freshName("c");
    const name: Expression = { kind: "name", name: marker, line: node.line, offset: node.offset };
    const inner = new Frame(frame.owner, frame);
    const local = inner.declare(marker, true);
    const call: Expression = {
      ...node.call,
      args: {
        ...node.call.args,
        keywords: [...node.call.args.keywords, { name: "caller", value: name }],
      },
    };
    return `{const ${local.js}=${caller};${out}.push(O(X,${this.#expressions.write(call, inner)}));}`;
  }

  #block(node: Statement & { readonly kind: "block" }, frame: Frame, out: string): string {
    const owner = new FunctionFrame(true);
    const inner = new Frame(owner, undefined);
    const saved = this.#line;
    this.#line = 0;
    let head = "";
    for (const name of ["self", "super"]) {
      if (!mentions(node.body, name)) continue;
      const local = inner.declare(name, true);
      head +=
        name === "self"
          ? `const ${local.js}=R.self(X);`
          : `const ${local.js}=R.superBlock(X,${literal(node.name)},D);`;
    }
    const buffer = freshName("o");
    const body = this.#scope(node.body, inner, buffer);
    this.#blocks.push(
      `${literal(node.name)}:(X,${buffer},D)=>{${owner.declarations()}${head}${body}}`,
    );
    this.#line = saved;
    const required = node.required ? ",true" : "";
    return `R.renderBlock(X,${literal(node.name)},${node.scoped ? this.#locals(frame) : "undefined"},${out}${required});`;
  }

  #fromImport(
    node: Statement & { readonly kind: "from-import" },
    frame: Frame,
    topLevel: boolean,
  ): string {
    const module = freshName("m");
    const locals = node.withContext ? this.#locals(frame) : "undefined";
    const names = node.names.map(([name, alias]) => {
      const local = frame.find(alias);
      return `${local?.js}=R.importedName(${module},${literal(name)},${node.line});${this.#export(alias, frame, topLevel)}`;
    });
    return `const ${module}=R.importModule(X,${this.#expressions.write(node.template, frame)},${locals});${names.join("")}`;
  }

  /** The variables in sight, for a template that is rendered from here. */
  #locals(frame: Frame): string {
    const pairs = [...frame.visible()].map(([name, { js }]) => `[${literal(name)},${js}]`);
    return `new Map([${pairs.join(",")}])`;
  }
}

function asFilter(node: Expression): Expression & { readonly kind: "filter" } {
  if (node.kind !== "filter") throw new Error(`a filter was expected, not ${node.kind}`);
  return node;
}

/** Whether a statement of this kind stands anywhere below. */
export function contains(body: readonly Statement[], kind: Statement["kind"]): boolean {
  return body.some((node) => {
    if (node.kind === kind) return true;
    switch (node.kind) {
      case "if":
        return (
          node.branches.some((branch) => contains(branch.body, kind)) ||
          contains(node.otherwise, kind)
        );
      case "for":
        return contains(node.body, kind) || contains(node.otherwise, kind);
      case "macro":
      case "call-block":
        return contains(node.macro.body, kind);
      case "with":
      case "scope":
      case "set-block":
      case "filter-block":
      case "block":
        return contains(node.body, kind);
      default:
        return false;
    }
  });
}

function readsName(expression: Expression, name: string): boolean {
  let isRead = false;
  walkExpression(expression, (node) => {
    if (node.kind === "name" && node.name === name) isRead = true;
  });
  return isRead;
}
