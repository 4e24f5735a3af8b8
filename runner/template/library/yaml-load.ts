import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { PyFloat, toFloat } from "../../model/value.ts";
import { valueError } from "../error.ts";
import { assertHashable, dictSet } from "../py-compare.ts";
import { PyDate, PyDateTime } from "../py-datetime.ts";
import { toInt } from "../py-operators.ts";

/** All documents of a YAML text with PyYAML's YAML 1.1 meanings. Throws ValueError with the place. */
export function loadYamlDocuments(text: string): unknown[] {
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text)?.[0];
  if (control !== undefined)
    throw valueError(
      `unacceptable character #x${control.charCodeAt(0).toString(16).padStart(4, "0")}: control characters are not allowed`,
    );
  if (/^%(?!(?:YAML|TAG)\s)/.test(text))
    throw valueError("while scanning a directive: found unknown directive name");
  const documents = parseAllDocuments(text, {
    version: "1.1",
    schema: "failsafe",
    uniqueKeys: false,
    merge: false,
    strict: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => loadDocument(document as Document.Parsed<ParsedNode>));
}

/** The one document of a YAML text; nothing is None. Throws ValueError for more than one. */
export function loadYaml(text: string): unknown {
  // The mark of an end needs a beginning for PyYAML.
  if (/^\.\.\.(\s|$)/.test(text))
    throw valueError(
      'while parsing a block node\ndid not find expected node content\n  in "<unicode string>", line 1, column 1',
    );
  const documents = loadYamlDocuments(text);
  if (documents.length > 1)
    throw valueError("expected a single document in the stream but found another document");
  return documents[0] ?? null;
}

function loadDocument(document: Document.Parsed<ParsedNode>): unknown {
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw valueError(error.message);
  return construct(document.contents, document, new Map());
}

/** What was made of the nodes with an anchor: an alias is the very object. */
type Known = Map<Node, unknown>;

function construct(node: Node | null | undefined, document: Document, known: Known): unknown {
  if (node === null || node === undefined) return null;
  if (isAlias(node)) {
    const named = node.resolve(document);
    return named !== undefined && known.has(named)
      ? known.get(named)
      : construct(named, document, known);
  }
  const made = constructNode(node, document, known);
  if ((node as { anchor?: string }).anchor !== undefined) known.set(node, made);
  return made;
}

function constructNode(node: Node, document: Document, known: Known): unknown {
  if (isSeq(node)) return node.items.map((item) => construct(item as Node, document, known));
  if (isMap(node))
    return constructMap(node.items as readonly { key: unknown; value: unknown }[], document, known);
  return isScalar(node) ? scalarValue(node) : null;
}

function constructMap(
  pairs: readonly { key: unknown; value: unknown }[],
  document: Document,
  known: Known,
): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>();
  const own = new Map<unknown, unknown>();
  for (const { key, value } of pairs) {
    if (isScalar(key) && key.value === "<<" && key.type === "PLAIN") {
      const merged = construct(value as Node, document, known);
      for (const part of Array.isArray(merged) ? [...merged].reverse() : [merged]) {
        if (!(part instanceof Map))
          throw valueError("expected a mapping or list of mappings for merging");
        for (const [name, inner] of part) dictSet(dict, name, inner);
      }
      continue;
    }
    const name = construct(key as Node, document, known);
    assertHashable(name);
    dictSet(own, name, construct(value as Node, document, known));
  }
  for (const [name, value] of own) dictSet(dict, name, value);
  return dict;
}

function scalarValue(node: Scalar): unknown {
  const text =
    typeof node.value === "string"
      ? node.value
      : node.value === null || node.value === undefined
        ? ""
        : String(node.value);
  // The tag `!` alone makes plain text of a quoted one (parse_node of yaml/parser.py).
  const isPlain = node.type === "PLAIN" || node.type === undefined || node.tag === "!";
  const own = node.tag === "!" ? undefined : node.tag;
  const tag = own ?? (isPlain ? plainYamlTag(text) : "str");
  switch (tag.replace("tag:yaml.org,2002:", "")) {
    case "null":
      return null;
    case "bool":
      return /^(?:yes|true|on)$/i.test(text);
    case "int":
      return yamlInt(text);
    case "float":
      return yamlFloat(text);
    case "timestamp":
      return yamlTime(text);
    default:
      return text;
  }
}

const NULL = /^(?:~|null|Null|NULL|)$/;
const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** What PyYAML takes plain text for: "str" or the short name of another tag. */
export function plainYamlTag(text: string): string {
  const first = text[0] ?? "";
  if (NULL.test(text)) return "null";
  if (BOOL.test(text)) return "bool";
  if (/[-+.\d]/.test(first)) {
    if (INT.test(text)) return "int";
    if (FLOAT.test(text)) return "float";
    if (DATE.test(text) || (TIME.test(text) && text.length > 10)) return "timestamp";
  }
  if (text === "<<") return "merge";
  return text === "=" ? "value" : "str";
}

function yamlInt(source: string): unknown {
  const sign = source.startsWith("-") ? -1n : 1n;
  const text = source.replace(/^[-+]/, "").replaceAll("_", "");
  if (text.includes(":"))
    return toInt(sign * text.split(":").reduce((total, part) => total * 60n + BigInt(part), 0n));
  if (/^0[bx]/.test(text)) return toInt(sign * BigInt(text));
  return toInt(
    sign * (text.length > 1 && text.startsWith("0") ? BigInt(`0o${text.slice(1)}`) : BigInt(text)),
  );
}

function yamlFloat(source: string): unknown {
  const text = source.replaceAll("_", "").toLowerCase();
  if (text.endsWith(".nan")) return new PyFloat(Number.NaN);
  if (text.endsWith(".inf"))
    return new PyFloat(text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  if (!text.includes(":")) return toFloat(Number(text));
  const sign = text.startsWith("-") ? -1 : 1;
  return toFloat(
    sign *
      text
        .replace(/^[-+]/, "")
        .split(":")
        .reduce((total, part) => total * 60 + Number(part), 0),
  );
}

function yamlTime(text: string): unknown {
  const found = TIME.exec(text);
  if (found === null) return text;
  const [, year, month, day, hour, minute, second, fraction = "", , sign, hours, minutes] = found;
  const date = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: 0,
    minute: 0,
    second: 0,
    microsecond: 0,
  };
  if (hour === undefined) return new PyDate(date);
  const isZoned = found[8] !== undefined;
  const offset = isZoned
    ? (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0))
    : undefined;
  return new PyDateTime({
    ...date,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microsecond: Number(fraction.slice(0, 6).padEnd(6, "0")),
    offset,
  });
}
