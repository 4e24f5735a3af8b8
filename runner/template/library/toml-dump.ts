import { type Dict, isDict, UnsafeText, type Value } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { pyRepr, pyStr } from "../py-repr.ts";

/** A value that TOML has no form for; `message` is in Ansible's words. */
export class TomlError extends Error {}

/**
 * A table as the encoder of Python's `toml` writes it, which ansible-inventory uses (`toml_dumps` of `plugins/inventory/toml.py`):
 * tables level by level, null left out, lists of tables as such.
 *
 * One thing differs: characters that have no form of their own are written as TOML wants them, where the encoder loses them.
 *
 * @throws TomlError for keys that are no text, for lists that hold tables and other values, and for secrets, which Ansible writes
 * in plain text, letter by letter.
 */
export function dumpToml(table: Dict): string {
  const top = partsOf(table, "");
  let text = top.text;
  let level = [...top.tables];
  while (level.length > 0) {
    const next: [string, Dict][] = [];
    for (const [path, inner] of level) {
      const parts = partsOf(inner, path);
      if (parts.text !== "" || parts.tables.size === 0) {
        if (text !== "" && !text.endsWith("\n\n")) text += "\n";
        text += `[${path}]\n${parts.text}`;
      }
      for (const [name, deeper] of parts.tables) next.push([`${path}.${name}`, deeper]);
    }
    level = next;
  }
  return text;
}

/** A table's own lines, and the tables in it. */
interface Parts {
  readonly text: string;
  readonly tables: ReadonlyMap<string, Dict>;
}

function partsOf(table: Dict, path: string): Parts {
  let own = "";
  let lists = "";
  const tables = new Map<string, Dict>();
  for (const [key, value] of table) {
    const name = quoteKey(key);
    if (isDict(value)) tables.set(name, value);
    else if (Array.isArray(value) && value.some(isDict))
      lists += listOfTables(value, path === "" ? name : `${path}.${name}`);
    else if (value !== null) own += `${name} = ${write(value)}\n`;
  }
  return { text: own + lists, tables };
}

function listOfTables(items: readonly Value[], path: string): string {
  let text = "";
  for (const item of items) {
    if (!isDict(item)) throw unfit("a list holds tables and other values");
    let below = "\n";
    const parts = partsOf(item, path);
    text += `[[${path}]]\n`;
    if (parts.text.startsWith("[")) below += parts.text;
    else text += parts.text;
    let level = [...parts.tables];
    while (level.length > 0) {
      const next: [string, Dict][] = [];
      for (const [name, inner] of level) {
        const deeper = partsOf(inner, `${path}.${name}`);
        if (deeper.text !== "") below += `[${path}.${name}]\n${deeper.text}`;
        for (const [more, table] of deeper.tables) next.push([`${name}.${more}`, table]);
      }
      level = next;
    }
    text += below;
  }
  return text;
}

function write(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return String(value);
  if (value === null) return quote("None");
  if (value instanceof UnsafeText && !(value instanceof VaultText)) return quote(value.text);
  if (value instanceof VaultText) throw unfit("a value is encrypted");
  if (Array.isArray(value)) return `[${value.map((item) => ` ${write(item)},`).join("")}]`;
  // Inside of lists of lists there are no tables: only the names are left of one.
  if (isDict(value)) return write([...value.keys()]);
  return pyStr(value).replace(/e([+-])0/, "e$1");
}

function quoteKey(key: Value): string {
  const text = key instanceof UnsafeText ? key.text : key;
  if (typeof text !== "string") {
    throw new TomlError(
      `The source inventory contains a non-string key (${pyStr(key)}) which cannot be represented in TOML. The specified key will need to be converted to a string. Be aware that if your playbooks expect this key to be non-string, your playbooks will need to be modified to support this change.`,
    );
  }
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : quote(text);
}

/** Text as Python's `repr` escapes it, between double quotes. */
function quote(text: string): string {
  const repr = pyRepr(text);
  const inner = repr.slice(1, -1);
  const body = repr.startsWith("'")
    ? inner.replace(/\\[\\']|"/g, (part) => (part === "\\'" ? "'" : part === '"' ? '\\"' : part))
    : inner;
  return `"${body.replace(/\\(?:\\|x([0-9a-f]{2}))/g, (part, hex?: string) => (hex === undefined ? part : `\\u00${hex}`))}"`;
}

function unfit(why: string): TomlError {
  return new TomlError(
    `The source inventory contains a value that cannot be represented in TOML: ${why}`,
  );
}
