import type { Origin } from "../model/origin.ts";
import type { Condition } from "../model/play.ts";
import { type Dict, isDict, PyTuple, type Value } from "../model/value.ts";
import { INHERITED, KEYWORDS, type KeywordOwner, pythonType } from "./keywords.ts";
import { originOf, originOfKey, originOfValue } from "./origins.ts";
import { LoadError } from "./source.ts";

/**
 * Keywords in effect at a place of a playbook, merged from the outside in: for most the nearest value
 * counts; conditions, tags, environments, module defaults and variables accumulate.
 * Each level is merged once, so that a task costs its own keywords only.
 */
export interface Scope {
  readonly fields: ReadonlyMap<string, Value>;
  readonly when: readonly Condition[];
  readonly tags: readonly string[];
  readonly environment: readonly Value[];
  readonly moduleDefaults: readonly Dict[];
  readonly vars: readonly Dict[];
  /** Those of `vars` that came with run-time includes. */
  readonly includeVars: readonly Dict[];
}

export const EMPTY_SCOPE: Scope = {
  fields: new Map(),
  when: [],
  tags: [],
  environment: [],
  moduleDefaults: [],
  vars: [],
  includeVars: [],
};

/**
 * A scope with the keywords of one object merged in (`_get_parent_attribute` and `_extend_value` of
 * `playbook/base.py`, `playbook/block.py`, `playbook/task.py`).
 */
export function extendScope(base: Scope, own: Scope): Scope {
  if (own === EMPTY_SCOPE) return base;
  return {
    fields: own.fields.size === 0 ? base.fields : mergedFields(base.fields, own.fields),
    when: joined(base.when, own.when),
    tags: own.tags.length === 0 ? base.tags : [...new Set([...base.tags, ...own.tags])],
    environment: joined(base.environment, own.environment),
    moduleDefaults: joined(base.moduleDefaults, own.moduleDefaults),
    vars: joined(base.vars, own.vars),
    includeVars: joined(base.includeVars, own.includeVars),
  };
}

/** A keyword that may be omitted keeps, in a tuple, what it then inherits (`set_to_context` of `playbook/base.py`). */
function mergedFields(base: Scope["fields"], own: Scope["fields"]): Map<string, Value> {
  const merged = new Map(base);
  for (const [name, value] of own) {
    const mayOmit = typeof value === "string" && /\{\{.*\bomit\b/s.test(value);
    merged.set(name, mayOmit ? PyTuple.of<Value>(value, base.get(name) ?? null) : value);
  }
  return merged;
}

/**
 * The keywords that an object gives itself, as a scope of their own.
 *
 * @throws LoadError for values of a kind that the keyword cannot have.
 */
export function readScope(ds: Dict, owner: KeywordOwner, origin: Origin): Scope {
  const fields = new Map<string, Value>();
  for (const name of INHERITED) {
    const value = ds.get(name);
    // `become:` with nothing behind it is a value (None) that stops inheritance, in Ansible too.
    if (value === undefined) continue;
    checkScalarKeyword(name, value, originOfKey(ds, name) ?? origin);
    fields.set(name, value);
  }
  const moduleDefaults = listOf(ds.get("module_defaults")).map((value) => {
    if (isDict(value)) return value;
    throw new LoadError(
      "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, the keys of which must be static action, module, or group names. Only the values may contain templates.",
      originOfKey(ds, "module_defaults") ?? origin,
    );
  });
  const vars = readVars(ds.get("vars"), owner, originOfValue(ds, "vars") ?? origin);
  return {
    fields,
    when: readConditions(ds, "when", origin),
    tags: readTags(ds.get("tags"), originOfKey(ds, "tags") ?? origin),
    environment: listOf(ds.get("environment")),
    moduleDefaults,
    vars: vars.size === 0 ? [] : [vars],
    includeVars: [],
  };
}

/** @throws LoadError for the first key that objects of this kind do not have. */
export function checkKeywords(ds: Dict, owner: KeywordOwner, origin: Origin, hint?: string): void {
  const known = KEYWORDS[owner];
  for (const key of ds.keys()) {
    if (typeof key === "string" && known.has(key)) continue;
    throw new LoadError(
      `'${String(key)}' is not a valid attribute for a ${owner}`,
      originOf(ds) ?? origin,
      hint === undefined ? {} : { hint },
    );
  }
}

/** Conditions under a key: one, or a list of them. Nothing behind the key is no condition. */
export function readConditions(ds: Dict, key: string, origin: Origin): Condition[] {
  const value = ds.get(key);
  if (value === undefined || value === null) return [];
  const single = (item: Value, place: Origin): Condition => ({
    source: typeof item === "boolean" ? item : conditionText(item, key, place),
    origin: place,
  });
  if (!Array.isArray(value)) return [single(value, originOfValue(ds, key) ?? origin)];
  return value
    .map((item, index) => [item, originOfValue(value, index) ?? origin] as const)
    .filter(([item]) => item !== null && item !== "")
    .map(([item, place]) => single(item, place));
}

/** A list from a value that may also be one item, or nothing. */
export function listOf(value: Value | undefined): Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Tags: a list, or text with commas. */
export function readTags(value: Value | undefined, origin: Origin): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return value.split(",").map((tag) => tag.trim());
  if (typeof value === "number") return [String(value)];
  if (!Array.isArray(value)) throw new LoadError("tags must be specified as a list", origin);
  return value.map((tag) => {
    if (typeof tag === "string" || typeof tag === "number") return String(tag);
    throw new LoadError(
      `the field 'tags' should be a list of (<class 'str'>, <class 'int'>), but the item '${String(tag)}' is a ${pythonType(tag)}`,
      origin,
    );
  });
}

/** Variables: a dictionary, or a list of dictionaries. */
export function readVars(value: Value | undefined, owner: KeywordOwner, origin: Origin): Dict {
  if (value === undefined || value === null) return new Map();
  const layers = Array.isArray(value) ? value : [value];
  const vars: Dict = new Map();
  for (const layer of layers) {
    if (!isDict(layer)) {
      throw new LoadError(
        `Vars in a ${owner} must be specified as a dictionary, or a list of dictionaries`,
        origin,
      );
    }
    for (const [name, item] of layer) {
      if (!isIdentifier(name)) {
        throw new LoadError(
          `Invalid variable name in vars specified for ${owner}: '${String(name)}' is not a valid variable name`,
          originOf(layer) ?? origin,
        );
      }
      vars.set(name, item);
    }
  }
  return layers.length === 1 ? (layers[0] as Dict) : vars;
}

const PYTHON_KEYWORDS: ReadonlySet<string> = new Set([
  "False",
  "None",
  "True",
  "and",
  "as",
  "assert",
  "async",
  "await",
  "break",
  "class",
  "continue",
  "def",
  "del",
  "elif",
  "else",
  "except",
  "finally",
  "for",
  "from",
  "global",
  "if",
  "import",
  "in",
  "is",
  "lambda",
  "nonlocal",
  "not",
  "or",
  "pass",
  "raise",
  "return",
  "try",
  "while",
  "with",
  "yield",
]);

/** Whether a variable may have this name (ansible/utils/vars.py, isidentifier). */
export function isIdentifier(name: Value): boolean {
  return (
    typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !PYTHON_KEYWORDS.has(name)
  );
}

function joined<T>(outer: readonly T[], inner: readonly T[]): readonly T[] {
  if (inner.length === 0) return outer;
  return outer.length === 0 ? inner : [...outer, ...inner];
}

function conditionText(item: Value, key: string, origin: Origin): string {
  if (typeof item === "string") return item;
  if (item === null) return "";
  if (typeof item === "number" || typeof item === "bigint") return String(item);
  throw new LoadError(
    `the condition of '${key}' must be text or a boolean, not a ${pythonType(item)}`,
    origin,
    {
      hint: "Write an expression without braces, or a list of expressions.",
    },
  );
}

const TEXT_KEYWORDS: ReadonlySet<string> = new Set([
  "become_exe",
  "become_flags",
  "become_method",
  "become_user",
  "connection",
  "debugger",
  "delegate_to",
  "remote_user",
]);

function checkScalarKeyword(name: string, value: Value, origin: Origin): void {
  if (name === "notify" || name === "collections") return;
  if (!isDict(value) && !Array.isArray(value)) return;
  const detail = TEXT_KEYWORDS.has(name)
    ? `The field '${name}' is supposed to be a string type, however the incoming data structure is a ${pythonType(value)}`
    : `the field '${name}' has an invalid value: a single value is expected, not a ${pythonType(value)}`;
  throw new LoadError(detail, origin);
}
