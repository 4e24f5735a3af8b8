/** A host and the port written behind it. */
export interface HostAddress {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Host and port of `name`, `name:22`, `1.2.3.4:22`, `[::1]:22`, with ranges such as `web[01:20]` where
 * allowed. Undefined for what is no host name or address (`parsing/utils/addresses.py`).
 */
export function parseAddress(text: string, allowRanges: boolean): HostAddress | undefined {
  // Most names are plain: no port, no range.
  if (PLAIN_NAME.test(text)) return { host: text, port: undefined };
  let host = text;
  let port: number | undefined;
  for (const pattern of [BRACKETED, WITH_PORT]) {
    const match = pattern.exec(host);
    if (match === null) continue;
    host = match[1] ?? "";
    port = Number(match[2]);
  }
  if (!IPV4.test(host) && !IPV6.test(host) && !HOSTNAME.test(host)) return undefined;
  if (!allowRanges && host.includes("[")) return undefined;
  return { host, port };
}

/** Host names that a pattern in an inventory stands for, and their port. @throws Error for malformed ranges. */
export function expandHosts(pattern: string): {
  readonly hosts: readonly string[];
  readonly port: number | undefined;
} {
  if (PLAIN_NAME.test(pattern)) return { hosts: [pattern], port: undefined };
  if (pattern.split("[").length !== pattern.split("]").length)
    throw new Error(`the brackets of the host range '${pattern}' do not match`);
  const address = parseAddress(pattern, true) ?? { host: pattern, port: undefined };
  return {
    hosts: hasRange(address.host) ? expandRange(address.host) : [address.host],
    port: address.port,
  };
}

const PLAIN_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const BRACKETED = /^\[(.+)\]:([0-9]+)$/;
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;

const NUMERIC_RANGE = "\\[[0-9]+:[0-9]+(?::[0-9]+)?\\]";
const HEX_RANGE = "\\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\\]";
const NAME_RANGE = "\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]";
const BYTE = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC_RANGE})`;
const WORD = `(?:[0-9a-f]{1,4}|${HEX_RANGE})`;
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`, "i");
const IPV6 = new RegExp(
  `^(?:(?:${WORD}:){7}${WORD}|(?:${WORD}:){1,6}:|(?:${WORD}:)(?::${WORD}){1,6}|(?:${WORD}:){2}(?::${WORD}){1,5}|(?:${WORD}:){3}(?::${WORD}){1,4}|(?:${WORD}:){4}(?::${WORD}){1,3}|(?:${WORD}:){5}(?::${WORD}){1,2}|(?:${WORD}:){6}(?::${WORD})|:(?::${WORD}){1,6}|${WORD}?::|(?:0:){6}(?:${BYTE}\\.){3}${BYTE}|::(?:ffff:)?(?:${BYTE}\\.){3}${BYTE}|(?:0:){5}ffff:(?:${BYTE}\\.){3}${BYTE})$`,
  "i",
);
const LABEL = `(?:[\\p{L}\\p{N}_]|${NAME_RANGE})(?:[\\p{L}\\p{N}_-]|${NAME_RANGE})*(?<![_-])`;
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, "iu");

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function hasRange(text: string): boolean {
  const open = text.indexOf("[");
  const colon = text.indexOf(":");
  return open >= 0 && open < colon && colon < text.indexOf("]");
}

/** `web[01:20:2]`, `db-[a:f]`, several of them (`plugins/inventory/__init__.py`). */
function expandRange(text: string): string[] {
  const open = text.indexOf("[");
  const close = text.indexOf("]");
  const head = text.slice(0, open);
  const tail = text.slice(close + 1);
  const bounds = text.slice(open + 1, close).split(":");
  if (bounds.length !== 2 && bounds.length !== 3)
    throw new Error("host range must be begin:end or begin:end:step");
  const begin = bounds[0] === "" ? "0" : (bounds[0] ?? "");
  const end = bounds[1] ?? "";
  const step = bounds[2] === undefined ? 1 : toInt(bounds[2]);
  if (end === "") throw new Error("host range must specify end value");
  if (step < 1) throw new Error(`host range must have a step of 1 or more, got ${bounds[2]}`);
  const width = begin.length > 1 && begin.startsWith("0") ? begin.length : 0;
  if (width > 0 && width !== end.length)
    throw new Error("host range must specify equal-length begin and end formats");

  const parts: string[] = [];
  const first = begin.length === 1 ? LETTERS.indexOf(begin) : -1;
  const last = end.length === 1 ? LETTERS.indexOf(end) : -1;
  if (first >= 0 && last >= 0) {
    if (first > last) throw new Error("host range must have begin <= end");
    for (let at = first; at <= last; at += step) parts.push(LETTERS[at] ?? "");
  } else {
    const stop = toInt(end);
    for (let at = toInt(begin); at <= stop; at += step) parts.push(String(at).padStart(width, "0"));
  }
  return parts.flatMap((part) => {
    const name = `${head}${part}${tail}`;
    return hasRange(name) ? expandRange(name) : [name];
  });
}

function toInt(text: string): number {
  if (!/^[-+]?[0-9]+$/.test(text.trim()))
    throw new Error(`invalid literal for int() with base 10: '${text}'`);
  return Number(text);
}
