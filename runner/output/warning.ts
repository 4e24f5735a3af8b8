import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import { wrap } from "./wrap.ts";

/** A warning's text on the screen, broken into lines and without a line end (`Display.warning` of ansible/utils/display.py). */
export function warningText(message: string, columns: number): string {
  return wrap(`[WARNING]: ${message}`, { width: columns, dropBlanks: true }).join("\n");
}

/** A deprecation's text on the screen. `message` is whole: see `deprecationMessage`. */
export function deprecationText(message: string, columns: number): string {
  const lines = wrap(`[DEPRECATION WARNING]: ${message}`, { width: columns, dropBlanks: false });
  return lines.join("\n").trim();
}

/** The text of an error that ends a run. It is not broken into lines. */
export function errorText(message: string): string {
  return `ERROR! ${message}`;
}

/** What is said about something that will go away. */
export interface Deprecation {
  readonly message: string;
  readonly version: string | undefined;
  readonly date: string | undefined;
  readonly collection: string | undefined;
}

/** The whole sentence about a deprecation, with when and how to hide it (`get_deprecation_message` of ansible/utils/display.py). */
export function deprecationMessage({ message, version, date, collection }: Deprecation): string {
  const text = message.trim();
  const owner = collection === "ansible.builtin" ? "ansible-core" : collection;
  return [
    text === "" || /[!?.]$/.test(text) ? text : `${text}.`,
    "This feature will be removed",
    owner ? `from ${owner}` : "",
    deadline(version, date),
    "Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function deadline(version: string | undefined, date: string | undefined): string {
  if (date) return `in a release after ${date}.`;
  return version ? `in version ${version}.` : "in a future release.";
}

/** The warnings that a result carries. A lone text counts as one warning. */
export function warningsOf(result: Dict): string[] {
  return entriesOf(result.get("warnings")).map(plainText);
}

/** The deprecations that a result carries, each a mapping of msg, version, date and collection_name. */
export function deprecationsOf(result: Dict): Deprecation[] {
  return entriesOf(result.get("deprecations")).map((entry) => {
    const fields = isDict(entry) ? entry : new Map<Value, Value>([["msg", entry]]);
    return {
      message: plainText(fields.get("msg")),
      version: optionalText(fields.get("version")),
      date: optionalText(fields.get("date")),
      collection: optionalText(fields.get("collection_name")),
    };
  });
}

function entriesOf(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null || value === "") return [];
  return Array.isArray(value) ? value : [value];
}

function optionalText(value: Value | undefined): string | undefined {
  return value === undefined || value === null ? undefined : plainText(value);
}

function plainText(value: Value | undefined): string {
  if (value instanceof UnsafeText) return value.text;
  return typeof value === "string" ? value : String(value);
}
