import { JsonError, parseJson } from "../model/json-reader.ts";
import type { Origin } from "../model/origin.ts";
import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { openText } from "../vault/keyring.ts";
import { createLineTable, type LineTable, markContainer } from "./origins.ts";
import {
  constructBool,
  constructFloat,
  constructInt,
  constructTimestamp,
  resolvePlain,
  ScalarError,
} from "./scalars.ts";
import { LoadError } from "./source.ts";
import { wrapUnsafe } from "./wrap-unsafe.ts";
import { parseYamlDocument, type YamlNode } from "./yaml-parser.ts";
import { YamlError } from "./yaml-text.ts";

/** Whether a key that stands twice in a mapping is warned about, refused or passed over. */
export type DuplicateKeys = "warn" | "error" | "ignore";

/** How a text is to be read. */
export interface YamlOptions {
  /** Told about duplicate keys. */
  readonly warn?: (text: string) => void;
  /** What a duplicate key is; `warn` by default. */
  readonly duplicateKeys?: DuplicateKeys;
  /** Whether places are remembered (see origins.ts); true by default. Large data files do without. */
  readonly origins?: boolean;
}

/**
 * The value of a JSON or YAML text, read as Ansible reads it: JSON first, then YAML 1.1 with PyYAML's
 * meaning of scalars, `!unsafe`, `!vault`, merge keys, and the last of duplicate keys (with a warning).
 * Places of containers, keys and items are found with the functions of origins.ts.
 *
 * @throws LoadError for text that is neither, for several documents, and for unknown tags.
 * Behaviour: `parsing/utils/yaml.py`, `parsing/yaml/constructor.py`.
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): Value {
  // Most texts cannot be JSON by their first character: no need to make an error for each of them.
  let jsonFailure: string | undefined;
  if (MAY_BE_JSON.test(text)) {
    const json = tryJson(text);
    if (json.kind === "value") return json.value;
    jsonFailure = json.failure;
  }
  try {
    const root = parseYamlDocument(text);
    return root === undefined ? null : new Builder(text, file, options).build(root);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { line, column } = error.mark;
    throw new LoadError(
      `We were unable to read either as JSON nor YAML, these are the errors we got from each:\nJSON: ${jsonFailure ?? failureOf(tryJson(text))}\n\nSyntax Error while loading YAML.\n  ${error.message}`,
      { file, line: line + 1, column: column + 1 },
      { text, cause: error, ...adviceFor(text.split("\n")[line] ?? "") },
    );
  }
}

const MAY_BE_JSON = /^[ \t\r\n]*(?:[{["0-9]|-[0-9I]|true|false|null|NaN|Infinity)/;

/** What most often is wrong with a line that is no YAML. */
function adviceFor(line: string): { readonly hint?: string } {
  if (line.includes("\t"))
    return { hint: "The line has a tab in it: YAML is indented with spaces." };
  if (/[:-]\s+\{\{/.test(line))
    return { hint: 'A value that starts with {{ has to be quoted as a whole: "{{ name }}".' };
  if (/[:-]\s+(?:"[^"]*"|'[^']*')\s*[^\s#]/.test(line)) {
    return {
      hint: "The value starts with a quote that ends before the value does: quote all of it.",
    };
  }
  if (/:\s[^{["']*:\s/.test(line))
    return { hint: "A value with a colon and a space in it has to be quoted." };
  return {};
}

type JsonOutcome =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "failure"; readonly failure: string };

function tryJson(text: string): JsonOutcome {
  try {
    return { kind: "value", value: parseJson(text) };
  } catch (error) {
    if (error instanceof JsonError) return { kind: "failure", failure: error.message };
    throw error;
  }
}

function failureOf(outcome: JsonOutcome): string {
  return outcome.kind === "failure" ? outcome.failure : "";
}

const UNSAFE = "!unsafe";
const CORE = "tag:yaml.org,2002:";

const COLLECTION_TAGS: ReadonlySet<string> = new Set(["!", UNSAFE, `${CORE}map`, `${CORE}seq`]);

type Collection = Extract<YamlNode, { readonly kind: "sequence" | "mapping" }>;
type Mapping = Extract<YamlNode, { readonly kind: "mapping" }>;
type Pairs = (readonly [YamlNode, YamlNode])[];

/** Turns nodes into values. */
class Builder {
  readonly text: string;
  readonly file: string;
  readonly table: LineTable;
  readonly warn: ((text: string) => void) | undefined;
  readonly duplicateKeys: DuplicateKeys;
  readonly keepOrigins: boolean;
  readonly nodes = new Map<string, YamlNode>();
  readonly values = new Map<YamlNode, Value>();
  readonly merges: boolean;

  constructor(text: string, file: string, options: YamlOptions) {
    this.text = text;
    this.file = file;
    this.table = createLineTable(file, text);
    this.merges = text.includes("<<");
    this.warn = options.warn;
    this.duplicateKeys = options.duplicateKeys ?? "warn";
    this.keepOrigins = options.origins ?? true;
  }

  duplicate(key: Value, { start }: Mapping): void {
    if (this.duplicateKeys === "ignore") return;
    const message = duplicateKey(key, this.table.originAt(start.at));
    if (this.duplicateKeys === "error") throw new YamlError(message, start);
    this.warn?.(message);
  }

  build(node: YamlNode): Value {
    if (node.kind === "alias") return this.alias(node);
    // What several mappings merge is one value, as in PyYAML.
    if (this.merges && node.kind !== "scalar") {
      const known = this.values.get(node);
      if (known !== undefined) return known;
    }
    if (node.anchor !== undefined) this.nodes.set(node.anchor, node);
    const value =
      node.kind === "scalar"
        ? this.scalar(node)
        : node.kind === "sequence"
          ? this.sequence(node)
          : this.mapping(node);
    if (node.anchor !== undefined || this.merges) this.values.set(node, value);
    return value;
  }

  /** An alias shares the value it names; one inside of what it names cannot be a value here. */
  alias(node: Extract<YamlNode, { readonly kind: "alias" }>): Value {
    const target = this.nodes.get(node.name);
    if (target === undefined || !this.values.has(target))
      throw new YamlError("found unconstructable recursive node", node.start);
    return this.values.get(target) as Value;
  }

  scalar(node: Extract<YamlNode, { readonly kind: "scalar" }>): Value {
    try {
      return node.tag === undefined
        ? node.plain
          ? resolvePlain(node.text)
          : node.text
        : this.taggedScalar(node.tag, node);
    } catch (error) {
      if (error instanceof ScalarError) throw new YamlError(error.message, node.start);
      throw error;
    }
  }

  sequence(node: Extract<YamlNode, { readonly kind: "sequence" }>): Value {
    this.checkCollectionTag(node);
    const items: Value[] = [];
    const places = this.keepOrigins ? new Map<Value, number>() : undefined;
    for (const item of node.items) {
      places?.set(items.length, item.start.at);
      items.push(this.build(item));
    }
    if (places !== undefined) markContainer(items, this.table, node.start.at, places);
    return node.tag === UNSAFE ? wrapUnsafe(items) : items;
  }

  mapping(node: Mapping): Value {
    this.checkCollectionTag(node);
    const dict: Dict = new Map();
    const keys = this.keepOrigins ? new Map<Value, number>() : undefined;
    const values = this.keepOrigins ? new Map<Value, number>() : undefined;
    for (const [keyNode, valueNode] of this.flattened(node)) {
      const built = this.build(keyNode);
      const key = built instanceof UnsafeText ? built.text : built;
      if (isDict(key) || Array.isArray(key)) {
        const type = isDict(key) ? "AnsibleMapping" : "AnsibleSequence";
        throw new YamlError(`found unacceptable key (unhashable type: '${type}')`, keyNode.start);
      }
      // A key that overrides a merged one counts as a duplicate too, in Ansible as here.
      if (dict.has(key)) this.duplicate(key, node);
      keys?.set(key, keyNode.start.at);
      values?.set(key, valueNode.start.at);
      dict.set(key, this.build(valueNode));
    }
    if (values !== undefined) markContainer(dict, this.table, node.start.at, values, keys);
    return node.tag === UNSAFE ? wrapUnsafe(dict) : dict;
  }

  /** Pairs with those of `<<` in front, so that own keys override merged ones. */
  flattened(node: Mapping): Pairs | Mapping["pairs"] {
    if (!node.pairs.some(([key]) => isMerge(key))) return node.pairs;
    const merged: Pairs = [];
    const own: Pairs = [];
    for (const [key, value] of node.pairs) {
      if (!isMerge(key)) {
        own.push([key, value]);
        continue;
      }
      const source = this.target(value);
      if (source.kind === "mapping") merged.push(...this.mergedPairs(source));
      else if (source.kind === "sequence") {
        // The first of several mappings has the last word.
        for (const item of [...source.items].reverse()) {
          const each = this.target(item);
          if (each.kind !== "mapping")
            throw new YamlError(
              `expected a mapping for merging, but found ${each.kind}`,
              each.start,
            );
          merged.push(...this.mergedPairs(each));
        }
      } else
        throw new YamlError(
          `expected a mapping or list of mappings for merging, but found ${source.kind}`,
          source.start,
        );
    }
    return [...merged, ...own];
  }

  mergedPairs(source: Mapping): Pairs | Mapping["pairs"] {
    // A mapping that stands only under `<<` is built for its anchors and its errors.
    if (source.anchor === undefined || !this.values.has(source)) this.build(source);
    return this.flattened(source);
  }

  target(node: YamlNode): YamlNode {
    if (node.kind !== "alias") return node;
    const found = this.nodes.get(node.name);
    if (found === undefined) throw new YamlError("found undefined alias", node.start);
    return found;
  }

  taggedScalar(tag: string, node: Extract<YamlNode, { readonly kind: "scalar" }>): Value {
    const { text } = node;
    switch (tag) {
      case "!":
      case `${CORE}str`:
        return text;
      case "!vault":
      case "!vault-encrypted":
        return new VaultText(text, openText);
      case UNSAFE:
        return new UnsafeText(text);
      case `${CORE}int`:
        return constructInt(text);
      case `${CORE}float`:
        return constructFloat(text);
      case `${CORE}bool`:
        return constructBool(text);
      case `${CORE}null`:
        return null;
      case `${CORE}timestamp`:
        return constructTimestamp(text);
      case `${CORE}binary`:
        return new Uint8Array(Buffer.from(text, "base64"));
      default:
        throw this.unknownTag(tag, node);
    }
  }

  checkCollectionTag(node: Collection): void {
    if (node.tag !== undefined && !COLLECTION_TAGS.has(node.tag))
      throw this.unknownTag(node.tag, node);
  }

  unknownTag(tag: string, node: YamlNode): Error {
    return new YamlError(`could not determine a constructor for the tag '${tag}'`, node.start);
  }
}

function isMerge(key: YamlNode): boolean {
  return key.kind === "scalar" && key.plain && key.text === "<<";
}

function duplicateKey(key: Value, origin: Origin): string {
  return `While constructing a mapping from ${origin.file}, line ${origin.line}, column ${origin.column}, found a duplicate dict key (${String(key)}). Using last defined value only.`;
}
