import { ClassText, UnsafeText } from "../model/value.ts";
import type { Expression } from "./ast.ts";
import { WIDEST_SYNTAX } from "./extensions.ts";
import { isLookup, isRepeatable, type KeepsText, keepsText, lazily } from "./keeps-text.ts";
import { isKept } from "./kept-text.ts";
import { parse } from "./parser.ts";
import { truth } from "./py-compare.ts";
import { MISSING, type Run } from "./run.ts";
import { trackUnsafe } from "./unsafe.ts";

/*
 * Text is plain here, while Ansible has classes of it: text from YAML, text from outside, text that stays text.
 * `type_debug` alone shows them. What it is asked about is an expression, which is followed to where its text came from.
 */

/** The name of Python's class of the text that an expression gave. */
export type TextClass = (run: Run, text: string) => string;

type Evaluator = (expression: Expression) => (run: Run) => unknown;

const plain: TextClass = () => "str";

/** Follows an expression to the class of its text. */
export function textClass(expression: Expression, evaluator: Evaluator): TextClass {
  const keeps = keepsText(expression, evaluator);
  switch (expression.kind) {
    case "name":
      return (run) => classOfVariable(run, expression.name, evaluator);
    case "attribute":
    case "item":
      return classOfPart(expression, keeps, evaluator);
    case "filter": {
      const wraps = wrapsVault(expression, evaluator);
      if (wraps !== undefined)
        return (run) => (truth(wraps(run)) ? "AnsibleVaultEncryptedUnicode" : "str");
      return (run, text) => (keeps(run, text) ? "NativeJinjaText" : "str");
    }
    case "call":
      if (!isLookup(expression)) return plain;
      return (run, text) => (keeps(run, text) ? "NativeJinjaUnsafeText" : "AnsibleUnsafeText");
    default:
      return plain;
  }
}

/** `wrap_object` of the filter `vault`, which gives the text the class of what `!vault` stands before. */
function wrapsVault(
  { name, args }: Expression & { readonly kind: "filter" },
  evaluator: Evaluator,
): ((run: Run) => unknown) | undefined {
  if (!/^(?:ansible\.(?:builtin|legacy)\.)?vault$/.test(name)) return undefined;
  const flag =
    args.positional[WRAP_OBJECT] ??
    args.keywords.find((keyword) => keyword.name === "wrap_object")?.value;
  return flag === undefined || !isRepeatable(flag) ? undefined : lazily(flag, evaluator);
}

/** Its place among the arguments: secret, salt, vaultid, wrap_object. */
const WRAP_OBJECT = 3;

function classOfVariable(run: Run, name: string, evaluator: Evaluator): string {
  const { scope } = run;
  const { value, unsafe } = trackUnsafe(() => scope.get(name));
  if (scope.keeps?.(name) === true) {
    if (scope.raw?.(name) instanceof ClassText) return "type";
    return unsafe ? "NativeJinjaUnsafeText" : "NativeJinjaText";
  }
  if (unsafe) return "AnsibleUnsafeText";
  const raw = scope.raw?.(name);
  if (raw === MISSING || scope.isFinal?.(name) !== false) return "str";
  return typeof value === "string" ? classOfSource(run, raw, value, evaluator) : "str";
}

/** The class of what a text of YAML becomes. */
function classOfSource(run: Run, raw: unknown, text: string, evaluator: Evaluator): string {
  if (raw instanceof UnsafeText) return "AnsibleUnsafeText";
  if (typeof raw !== "string") return "str";
  if (!/\{[{%#]/.test(raw)) return "AnsibleUnicode";
  const [only, ...more] = parse(raw, WIDEST_SYNTAX);
  if (only?.kind !== "output" || more.length > 0) return "str";
  return textClass(only.value, evaluator)(run, text);
}

function classOfPart(
  expression: Expression & { readonly kind: "attribute" | "item" },
  keeps: KeepsText,
  evaluator: Evaluator,
): TextClass {
  if (!isRepeatable(expression)) return plain;
  const container = lazily(expression.target, evaluator);
  const key =
    expression.kind === "attribute" ? () => expression.name : lazily(expression.key, evaluator);
  const raw = rawPart(expression, evaluator);
  return (run, text) => {
    const { value, unsafe } = trackUnsafe(() => container(run));
    if (keeps(run, text)) return unsafe ? "NativeJinjaUnsafeText" : "NativeJinjaText";
    if (unsafe) return "AnsibleUnsafeText";
    if (isFromYaml(value, key(run))) return "AnsibleUnicode";
    return classOfSource(run, raw(run), text, evaluator);
  };
}

/** Follows an item that a loop takes from what an expression gives. */
export function itemClass(expression: Expression, evaluator: Evaluator): TextClass {
  if (!isRepeatable(expression)) return plain;
  const items = lazily(expression, evaluator);
  if (expression.kind === "list") {
    const classes = expression.items.map((item) => textClass(item, evaluator));
    return (run, text) => classes[(items(run) as unknown[]).indexOf(text)]?.(run, text) ?? "str";
  }
  const raw = rawPart(expression, evaluator);
  return (run, text) => {
    const { value, unsafe } = trackUnsafe(() => items(run));
    const index = Array.isArray(value) ? value.indexOf(text) : -1;
    if (isKept(value, index)) return unsafe ? "NativeJinjaUnsafeText" : "NativeJinjaText";
    if (unsafe) return "AnsibleUnsafeText";
    if (isFromYaml(value, index)) return "AnsibleUnicode";
    const written = raw(run);
    return classOfSource(run, Array.isArray(written) ? written[index] : undefined, text, evaluator);
  };
}

/** What stands in YAML at the place that an expression names; undefined for what no YAML holds. */
function rawPart(expression: Expression, evaluator: Evaluator): (run: Run) => unknown {
  if (expression.kind === "name")
    return ({ scope }) =>
      scope.isFinal?.(expression.name) === false ? scope.raw?.(expression.name) : undefined;
  if (expression.kind !== "attribute" && expression.kind !== "item") return () => undefined;
  const outer = rawPart(expression.target, evaluator);
  const key =
    expression.kind === "attribute" ? () => expression.name : lazily(expression.key, evaluator);
  return (run) => {
    const container = outer(run);
    if (container instanceof Map) return container.get(key(run));
    return Array.isArray(container) ? container[Number(key(run))] : undefined;
  };
}

const fromYaml = new WeakMap<object, Set<unknown>>();

function isFromYaml(container: unknown, key: unknown): boolean {
  return typeof container === "object" && container !== null
    ? fromYaml.get(container)?.has(key) === true
    : false;
}

/** Remembers which items of a list that an expression writes out are texts of YAML, handed on as they are. */
export function followItems(
  expression: Expression,
  evaluator: Evaluator,
): ((run: Run, made: unknown) => void) | undefined {
  if (expression.kind !== "list") return undefined;
  const classes = expression.items.map((item) =>
    item.kind === "name" ? textClass(item, evaluator) : plain,
  );
  return (run, made) => {
    if (!Array.isArray(made)) return;
    const kept = classes.flatMap((classOf, index) => {
      const text: unknown = made[index];
      return typeof text === "string" && classOf(run, text) === "AnsibleUnicode" ? [index] : [];
    });
    if (kept.length > 0) fromYaml.set(made, new Set(kept));
  };
}
