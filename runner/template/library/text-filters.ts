import { define } from "../define.ts";
import { filterError, TemplateError, typeError, Undefined } from "../error.ts";
import { truth } from "../py-compare.ts";
import { compileRegex, subjectText, substitute } from "../py-regex.ts";
import { pyStr } from "../py-repr.ts";
import { split } from "../py-str-methods.ts";
import { type Callable, tupleOf, typeName } from "../py-types.ts";
import { int } from "./filters.ts";
import { textWith } from "./strict-text.ts";
import { urlDecode, urlSplit } from "./urls.ts";

/** Filters over text (ansible/plugins/filter/core.py, urls.py and urlsplit.py). */
export const TEXT_FILTERS: Readonly<Record<string, Callable>> = {
  regex_replace: define(
    "value? pattern? replacement? ignorecase? multiline?",
    (_run, value = "", pattern = "", replacement = "", ignoreCase = false, multiline = false) => {
      const text = subjectText(value);
      const regex = compileRegex(pattern, flags(ignoreCase, multiline));
      // Python calls what can be called, an undefined value too, but only for what was found.
      if (replacement instanceof Undefined)
        return text.search(regex) === -1 ? text : replacement.fail();
      return substitute(regex, replacementText(replacement), text);
    },
  ),
  regex_findall: define(
    "value regex multiline? ignorecase?",
    (_run, value, pattern, multiline = false, ignoreCase = false) =>
      findAll(subjectText(value), pattern, flags(ignoreCase, multiline)),
  ),
  regex_search: define("value regex *args **kwargs", (_run, value, pattern, args, kwargs) =>
    search(value, pattern, args as unknown[], kwargs as Map<string, unknown>),
  ),
  regex_escape: define("string re_type?", (_run, value, type = "python") =>
    escapeRegex(subjectText(value), pyStr(type)),
  ),
  quote: define("a", (_run, value) => shellQuote(value === null ? "" : pyStr(value))),
  comment: define("text style? **kw", (_run, value, style = "plain", kw = new Map()) =>
    comment(textWith("replace", value), pyStr(style), kw as Map<string, unknown>),
  ),
  split: define("value sep? maxsplit?", (_run, value, separator = null, most = -1) =>
    splitText(value, separator, most),
  ),
  urlsplit: define("value query?", (_run, value, part = "") => urlSplit(value, part)),
  urldecode: define("string", (_run, value) => urlDecode(textWith("replace", value))),
};

function replacementText(replacement: unknown): string {
  if (typeof replacement === "string") return replacement;
  if (replacement instanceof Uint8Array) return pyStr(replacement);
  throw typeError(`decoding to str: need a bytes-like object, ${typeName(replacement)} found`);
}

function flags(
  ignoreCase: unknown,
  multiline: unknown,
): { ignoreCase: boolean; multiline: boolean } {
  return { ignoreCase: truth(ignoreCase), multiline: truth(multiline) };
}

function findAll(text: string, pattern: unknown, how: ReturnType<typeof flags>): unknown[] {
  return [...text.matchAll(compileRegex(pattern, how))].map((found) => {
    if (found.length === 1) return found[0];
    return found.length === 2
      ? (found[1] ?? "")
      : tupleOf(found.slice(1).map((group) => group ?? ""));
  });
}

function search(
  value: unknown,
  pattern: unknown,
  args: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
): unknown {
  const text = subjectText(value);
  const groups = args.map((arg): number | string => {
    const word = pyStr(arg);
    const named = /^\\g<(\S+)>/.exec(word);
    if (named !== null) return named[1] ?? "";
    const numbered = /^\\(\d+)/.exec(word);
    if (numbered !== null) return Number(numbered[1]);
    throw filterError("Unknown argument");
  });
  const regex = compileRegex(
    pattern,
    flags(kwargs.get("ignorecase") ?? false, kwargs.get("multiline") ?? false),
  );
  const found = regex.exec(text);
  if (found === null) return null;
  if (groups.length === 0) return found[0];
  return groups.map((group) => {
    if (typeof group === "number" || /^\d+$/.test(group)) {
      if (Number(group) >= found.length) throw new TemplateError("index", "no such group");
      return found[Number(group)] ?? null;
    }
    if (found.groups === undefined || !(group in found.groups))
      throw new TemplateError("index", "no such group");
    return found.groups[group] ?? null;
  });
}

function escapeRegex(text: string, type: string): string {
  switch (type) {
    case "python":
      return text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, (char) => `\\${char}`);
    case "posix_basic":
      return text.replace(/[\].[^$*\\]/g, (char) => `\\${char}`);
    case "posix_extended":
      throw filterError(`Regex type (${type}) not yet implemented`);
    default:
      throw filterError(`Invalid regex type (${type})`);
  }
}

/** Python's shlex.quote. */
export function shellQuote(text: string): string {
  if (text === "") return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

function splitText(value: unknown, separator: unknown, most: unknown): unknown[] {
  if (typeof value !== "string")
    throw new TemplateError(
      "type",
      `descriptor 'split' for 'str' objects doesn't apply to a '${typeName(value)}' object`,
    );
  return split(value, separator, int(most));
}

interface CommentStyle {
  readonly beginning?: string;
  readonly decoration: string;
  readonly end?: string;
}

const STYLES: Readonly<Record<string, CommentStyle>> = {
  plain: { decoration: "# " },
  erlang: { decoration: "% " },
  c: { decoration: "// " },
  cblock: { beginning: "/*", decoration: " * ", end: " */" },
  xml: { beginning: "<!--", decoration: " - ", end: "-->" },
};

function comment(text: string, styleName: string, kw: ReadonlyMap<string, unknown>): string {
  const style = Object.hasOwn(STYLES, styleName) ? STYLES[styleName] : undefined;
  if (style === undefined) throw new TemplateError("key", `'${styleName}'`);
  const given = (name: string, otherwise: string): string =>
    kw.has(name) ? pyStr(kw.get(name)) : otherwise;
  const count = (name: string): number => (kw.has(name) ? int(kw.get(name)) : 1);
  const decoration = given("decoration", style.decoration);
  const newline = given("newline", "\n");
  const prefix = given("prefix", decoration.trimEnd());
  const postfix = given("postfix", decoration.trimEnd());
  const beginning = given("beginning", style.beginning ?? "");
  const end = given("end", style.end ?? "");
  const head =
    prefix === ""
      ? ""
      : (prefix === newline ? newline : prefix + newline).repeat(
          Math.max(0, count("prefix_count")),
        );
  const body = (decoration + text.replaceAll(newline, () => newline + decoration)).replaceAll(
    decoration + newline,
    () => decoration.trimEnd() + newline,
  );
  const tail = (newline + postfix).repeat(Math.max(0, count("postfix_count")));
  return (
    (beginning === "" ? "" : beginning + newline) +
    head +
    body +
    tail +
    (end === "" ? "" : newline + end)
  );
}
