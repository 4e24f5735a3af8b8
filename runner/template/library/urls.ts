import { filterError, LenientUndefined, Undefined } from "../error.ts";
import { assertHashable, truth } from "../py-compare.ts";
import { pyStr } from "../py-repr.ts";
import { iterate } from "../py-sequence.ts";
import { PyObject } from "../py-types.ts";
import { parseIntText } from "./filters.ts";
import { textWith } from "./strict-text.ts";

interface UrlParts {
  readonly scheme: string;
  readonly netloc: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Python's urlsplit: never fails on text that is merely odd. */
export function splitUrl(text: string): UrlParts {
  let rest = text.replace(/^[\x00-\x20]+/, "").replace(/[\t\r\n]/g, "");
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest);
  if (scheme !== null) rest = rest.slice(scheme[0].length);
  const netloc = /^\/\/([^/?#]*)/.exec(rest);
  if (netloc !== null) rest = rest.slice(netloc[0].length);
  const [beforeFragment = "", fragment = ""] = cut(rest, "#");
  const [path = "", query = ""] = cut(beforeFragment, "?");
  return {
    scheme: (scheme?.[1] ?? "").toLowerCase(),
    netloc: netloc?.[1] ?? "",
    path,
    query,
    fragment,
  };
}

function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** The `urlsplit` filter (ansible/plugins/filter/urlsplit.py). */
export function urlSplit(value: unknown, part: unknown): unknown {
  assertHashable(value);
  const found =
    typeof value === "string" || truth(value)
      ? partsOf(textWith("decode", value))
      : bytesOfNothing();
  if (!truth(part)) return found;
  const word = pyStr(part);
  if (!found.has(word)) throw filterError(`urlsplit: unknown URL component: ${word}`);
  return found.get(word);
}

function partsOf(url: string): Map<string, unknown> {
  const { scheme, netloc, path, query, fragment } = splitUrl(url);
  const [user, host] = netloc.includes("@") ? splitLast(netloc, "@") : [undefined, netloc];
  const [, ipv6, name, port] = /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/.exec(host) ?? [];
  const hostname = (ipv6 ?? name ?? "").toLowerCase();
  return new Map<string, unknown>([
    ["fragment", fragment],
    ["hostname", hostname === "" ? null : hostname],
    ["netloc", netloc],
    ["password", user?.includes(":") === true ? user.slice(user.indexOf(":") + 1) : null],
    ["path", path],
    ["port", port === undefined || port === "" ? null : (parseIntText(port, 10) ?? null)],
    ["query", query],
    ["scheme", scheme],
    ["username", user === undefined ? null : (user.split(":")[0] ?? "")],
  ]);
}

/** What Python takes None, False and 0 for: bytes, whose parts come with the method that would make them text. */
function bytesOfNothing(): Map<string, unknown> {
  const empty = new Uint8Array();
  return new Map<string, unknown>([
    ["decode", new DecodeMethod()],
    ["fragment", empty],
    ["hostname", null],
    ["netloc", empty],
    ["password", null],
    ["path", empty],
    ["port", null],
    ["query", empty],
    ["scheme", empty],
    ["username", null],
  ]);
}

class DecodeMethod extends PyObject {
  readonly pyType = "method";
  pyGet(): unknown {
    return undefined;
  }
  override pyRepr(): string {
    const parts = "scheme=b'', netloc=b'', path=b'', query=b'', fragment=b''";
    return `<bound method _ResultMixinBytes.decode of SplitResultBytes(${parts})>`;
  }
}

function splitLast(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Ansible's `uri` test, which takes nearly everything unless schemes are named. */
export function isUri(value: unknown, schemes: unknown): boolean {
  if (value instanceof Undefined && !(value instanceof LenientUndefined)) return false;
  if (typeof value !== "string" && truth(value)) return false;
  const { scheme } = splitUrl(typeof value === "string" ? value : "");
  return (
    !truth(schemes) ||
    (typeof schemes === "string" ? schemes.includes(scheme) : iterate(schemes).includes(scheme))
  );
}

export function isUrl(value: unknown, schemes: unknown): boolean {
  if (typeof value !== "string" || !isUri(value, schemes)) return false;
  const { netloc, scheme } = splitUrl(value);
  return netloc !== "" || scheme === "file";
}

/** Python's quote_plus back to text. */
export function urlDecode(text: string): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part] of text.replaceAll("+", " ").matchAll(/%[\da-fA-F]{2}|[^%]+|%/g)) {
    if (part.length === 3 && part.startsWith("%") && /^%[\da-fA-F]{2}$/.test(part))
      bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...encoder.encode(part));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
