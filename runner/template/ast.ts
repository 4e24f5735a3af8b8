/** The tree that the parser makes and the code generator reads: data only. */

/** Where a node starts: line from 1, offset into the normalised source. */
export interface Place {
  readonly line: number;
  readonly offset: number;
}

export interface Keyword {
  readonly name: string;
  readonly value: Expression;
}

/** The arguments of a call, a filter or a test. */
export interface Arguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly Keyword[];
  readonly star: Expression | undefined;
  readonly starStar: Expression | undefined;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "and" | "or";
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type Expression = Place &
  (
    | { readonly kind: "constant"; readonly value: null | boolean | string }
    | { readonly kind: "number"; readonly text: string; readonly isFloat: boolean }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "tuple"; readonly items: readonly Expression[] }
    | { readonly kind: "dict"; readonly pairs: readonly (readonly [Expression, Expression])[] }
    | { readonly kind: "attribute"; readonly target: Expression; readonly name: string }
    | { readonly kind: "item"; readonly target: Expression; readonly key: Expression }
    | {
        readonly kind: "slice";
        readonly start: Expression | undefined;
        readonly stop: Expression | undefined;
        readonly step: Expression | undefined;
      }
    | { readonly kind: "call"; readonly callee: Expression; readonly args: Arguments }
    | {
        readonly kind: "filter";
        /** Undefined in a filter block, where the block's text stands. */
        readonly target: Expression | undefined;
        readonly name: string;
        readonly args: Arguments;
      }
    | {
        readonly kind: "test";
        readonly target: Expression;
        readonly name: string;
        readonly args: Arguments;
      }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: "unary"; readonly operator: "-" | "+" | "not"; readonly operand: Expression }
    | {
        readonly kind: "compare";
        readonly first: Expression;
        readonly rest: readonly {
          readonly operator: CompareOperator;
          readonly value: Expression;
        }[];
      }
    | { readonly kind: "concat"; readonly parts: readonly Expression[] }
    | {
        readonly kind: "conditional";
        readonly test: Expression;
        readonly consequent: Expression;
        readonly otherwise: Expression | undefined;
      }
  );

/** What can be assigned to. */
export type Target = Place &
  (
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "namespace"; readonly name: string; readonly attribute: string }
    | { readonly kind: "tuple"; readonly items: readonly Target[] }
  );

export interface Macro {
  readonly name: string;
  readonly params: readonly string[];
  /** Defaults of the last parameters. */
  readonly defaults: readonly Expression[];
  readonly body: readonly Statement[];
}

export type Statement = Place &
  (
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "output"; readonly value: Expression }
    | {
        readonly kind: "for";
        readonly target: Target;
        readonly iter: Expression;
        readonly test: Expression | undefined;
        readonly recursive: boolean;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: "if";
        readonly branches: readonly {
          readonly test: Expression;
          readonly body: readonly Statement[];
        }[];
        readonly otherwise: readonly Statement[];
      }
    | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
    | {
        readonly kind: "set-block";
        readonly target: Target;
        readonly filter: Expression | undefined;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: "with";
        readonly targets: readonly Target[];
        readonly values: readonly Expression[];
        readonly body: readonly Statement[];
      }
    | { readonly kind: "macro"; readonly macro: Macro }
    | { readonly kind: "call-block"; readonly call: Expression; readonly macro: Macro }
    | {
        readonly kind: "filter-block";
        readonly filter: Expression;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: "block";
        readonly name: string;
        readonly scoped: boolean;
        readonly required: boolean;
        readonly body: readonly Statement[];
      }
    | { readonly kind: "extends"; readonly template: Expression }
    | {
        readonly kind: "include";
        readonly template: Expression;
        readonly ignoreMissing: boolean;
        readonly withContext: boolean;
      }
    | {
        readonly kind: "import";
        readonly template: Expression;
        readonly target: string;
        readonly withContext: boolean;
      }
    | {
        readonly kind: "from-import";
        readonly template: Expression;
        readonly names: readonly (readonly [string, string])[];
        readonly withContext: boolean;
      }
    | { readonly kind: "do"; readonly value: Expression }
    | { readonly kind: "scope"; readonly body: readonly Statement[] }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
  );
