import { filterError } from "../error.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { chars, iterate } from "../py-sequence.ts";
import { escapeHtml } from "./text.ts";

interface LinkOptions {
  readonly limit: number | undefined;
  readonly nofollow: boolean;
  readonly target: unknown;
  readonly rel: unknown;
  /** More beginnings of links. */
  readonly schemes: unknown;
}

/** Escaped text with its URLs and mail addresses as links (urlize of jinja2/utils.py). Throws FilterArgumentError. */
export function urlize(text: string, options: LinkOptions): string {
  const schemes = options.schemes === null ? [] : iterate(options.schemes).map(pyStr);
  for (const scheme of schemes)
    if (!SCHEME.test(scheme))
      throw filterError(`${pyRepr(scheme)} is not a valid URI scheme prefix.`);
  const attributes = attributesOf(options);
  return escapeHtml(text)
    .split(/(\s+)/)
    .map((word) => {
      const { head, middle, tail } = taken(word);
      return head + linked(middle, { ...options, schemes }, attributes) + tail;
    })
    .join("");
}

const SCHEME = /^[\p{L}\p{N}_.+-]{2,}:\/{0,2}$/u;

function attributesOf({ nofollow, target, rel }: LinkOptions): string {
  const words = new Set([
    ...(rel === null ? [] : pyStr(rel).split(/\s+/)),
    ...(nofollow ? ["nofollow"] : []),
    "noopener",
  ]);
  words.delete("");
  const sorted = [...words].sort((a, b) => (a < b ? -1 : 1)).join(" ");
  const where = target === null ? "" : ` target="${escapeHtml(pyStr(target))}"`;
  return ` rel="${escapeHtml(sorted)}"${where}`;
}

/** A word without the brackets and the punctuation around it; brackets that it opened itself stay with it. */
function taken(word: string): { head: string; middle: string; tail: string } {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? "";
  const rest = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(rest)?.[0] ?? "";
  let middle = rest.slice(0, rest.length - tail.length);
  for (const [open, close] of PAIRS) {
    const missing = count(middle, open) - count(middle, close);
    if (missing <= 0) continue;
    for (let moved = Math.min(count(middle, open), count(tail, close)); moved > 0; moved--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return { head, middle, tail };
}

const PAIRS = [
  ["(", ")"],
  ["<", ">"],
  ["&lt;", "&gt;"],
] as const;

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function linked(
  word: string,
  { limit, schemes }: { readonly limit: number | undefined; readonly schemes: readonly string[] },
  attributes: string,
): string {
  if (URL.test(word)) {
    const href = /^https?:\/\//.test(word) ? word : `https://${word}`;
    const all = chars(word);
    const shown =
      limit !== undefined && all.length > limit ? `${all.slice(0, limit).join("")}...` : word;
    return `<a href="${href}"${attributes}>${shown}</a>`;
  }
  if (word.startsWith("mailto:") && MAIL.test(word.slice(7)))
    return `<a href="${word}">${word.slice(7)}</a>`;
  if (!word.startsWith("www.") && !word.includes(":") && MAIL.test(word))
    return `<a href="mailto:${word}">${word}</a>`;
  return schemes.some((scheme) => word !== scheme && word.startsWith(scheme))
    ? `<a href="${word}"${attributes}>${word}</a>`
    : word;
}

const LETTER = "[\\p{L}\\p{N}_%-]";
const HOSTS = [
  // Anything with a protocol that ends in what may be a domain.
  `(?:https?://|www\\.)(?:${LETTER}+\\.)*(?:[a-z]{2,63}|xn--[\\p{L}\\p{N}_%]{2,59})`,
  // Without one, the oldest domains only.
  `(?:${LETTER}{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)`,
  "https?://\\d{1,3}(?:\\.\\d{1,3}){3}",
  "https?://\\[(?:[\\da-f]{0,4}:){2}(?:[\\da-f]{0,4}:?){1,6}\\]",
];
const URL = new RegExp(`^(?:${HOSTS.join("|")})(?::\\d{1,5})?(?:[/?#]\\S*)?$`, "iu");
const MAIL = /^\S+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;
