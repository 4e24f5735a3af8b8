import { type Dict, isDict, PyFloat, UnsafeText, type Value } from "../model/value.ts";
import { compareText, floatText } from "./json.ts";
import { type Place, scalarText } from "./yaml-scalar.ts";

export interface YamlOptions {
  /** Blanks per level. */
  readonly indent: number;
  /** Changes texts of several lines where it makes them readable: blanks at line ends go, tabs become blanks. */
  readonly lossy: boolean;
}

/**
 * YAML in block style, keys sorted, as callbacks of Ansible write it with `callback_result_format = yaml`: libyaml's layout
 * with texts of several lines as literal blocks (`_pretty_represent_str` of ansible/plugins/callback/__init__.py).
 * Ends with a line end. Values that occur twice are written twice: which of them Python would take for the same object, and
 * write as `&id001` and `*id001`, cannot be known here.
 */
export function toYaml(value: Value, options: YamlOptions): string {
  const text = node(value, options, { indent: 0, column: 0, key: false }).slice(1);
  // A block that keeps its line ends has to be told from the end of the document.
  return text.endsWith("\n") ? `${text}\n...\n` : `${text}\n`;
}

/** Text that follows an indicator, so it begins with a blank, or with a line end for what starts below. */
function node(value: Value, options: YamlOptions, place: Place): string {
  if (isDict(value)) {
    return value.size === 0 ? " {}" : mapping(value, options, place.indent);
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? " []" : sequence(value, options, place.indent);
  }
  return ` ${scalar(value, options, { ...place, column: place.column + 1 })}`;
}

/** Entries, each on a line of its own, at this indent. */
function mapping(dict: Dict, options: YamlOptions, indent: number): string {
  let text = "";
  for (const key of sortKeys([...dict.keys()])) {
    const name = scalar(key, options, { indent, column: indent, key: true });
    const value = dict.get(key)!;
    const step = isBlockSequence(value) ? 0 : options.indent;
    const place = {
      indent: indent + step,
      column: indent + Array.from(name).length + 1,
      key: false,
    };
    text += `\n${" ".repeat(indent)}${name}:${node(value, options, place)}`;
  }
  return text;
}

/** Items behind dashes, at this indent: in a mapping that of the key, not further in. */
function sequence(items: readonly Value[], options: YamlOptions, indent: number): string {
  let text = "";
  for (const item of items) {
    const inner = indent + options.indent;
    const body = node(item, options, { indent: inner, column: indent + 1, key: false });
    const isCollection = body.startsWith("\n");
    // What a collection begins with stands in the dash's own line.
    const shown = isCollection ? " ".repeat(options.indent - 1) + body.slice(1 + inner) : body;
    text += `\n${" ".repeat(indent)}-${shown}`;
  }
  return text;
}

function isBlockSequence(value: Value): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** Python sorts keys only when all of them can be compared. */
function sortKeys(keys: Value[]): Value[] {
  if (keys.every((key) => typeof key === "string")) return (keys as string[]).sort(compareText);
  if (keys.every((key) => typeof key === "number")) return (keys as number[]).sort((a, b) => a - b);
  return keys;
}

function scalar(value: Value, options: YamlOptions, place: Place): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return value.toString();
    case "number":
      return Number.isInteger(value) ? String(value) : floatScalar(value);
    case "string":
      return scalarText(value, options, place);
  }
  if (value instanceof PyFloat) return floatScalar(value.value);
  if (value instanceof UnsafeText) return scalarText(value.text, options, place);
  if (value instanceof Uint8Array)
    return scalarText(new TextDecoder().decode(value), options, place);
  throw new TypeError("a collection is no scalar");
}

function floatScalar(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  const text = floatText(value);
  return text.includes(".") ? text : text.replace("e", ".0e");
}
