import { loadYaml } from "../library/yaml-load.ts";
import { parseLiteral } from "../py-literal.ts";
import { type Answer, answerRow, encode, type Row } from "./answer.ts";
import { VARIABLES } from "./data.ts";

/** A row that the two engines answer differently. */
export interface Difference {
  readonly row: Row;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** A difference that is meant to stay, or cannot be mended here. */
export interface Explanation {
  readonly reason: string;
  readonly explains: (difference: Difference) => boolean;
}

/** All of them, each of which looks at the answers. What is none of these is a mistake. */
export const EXPLAINED: readonly Explanation[] = [
  {
    reason: "Python needed too long",
    explains: ({ theirs }) => theirs.slow === true,
  },
  {
    // What a user reads on purpose (undefined names, filters' own refusals, syntax) is compared to the letter.
    reason: "both refuse, the words are those of Python's innards",
    explains: ({ ours, theirs }) =>
      ours.message !== undefined &&
      theirs.message !== undefined &&
      !ours.message.startsWith("CRASH") &&
      !isDeliberate(theirs),
  },
  {
    reason: "a class of Ansible or Jinja is named where text, bytes or a tuple is meant",
    explains: ({ ours, theirs }) => {
      const named = textOf(theirs);
      const plain = withoutClasses(named);
      return plain !== named && plain === withoutClasses(textOf(ours));
    },
  },
  {
    reason: "Ansible cannot mark the groups of groupby as text from outside",
    explains: ({ row, theirs }) =>
      sourceOf(row).includes("groupby") &&
      theirs.message?.includes("_GroupTuple.__new__() missing") === true,
  },
  {
    reason: "a view of a dict or a range leaves as its text inside a tuple or list",
    explains: ({ ours, theirs }) =>
      /\{"other":"(dict_|range\()/.test(textOf(theirs)) &&
      JSON.stringify(withoutViews(theirs.value)) === JSON.stringify(ours.value),
  },
  {
    reason:
      "an expression of constants that cannot be evaluated is left as text by Jinja's optimizer",
    explains: ({ row, theirs }) =>
      typeof theirs.value === "string" &&
      withoutSlashes(theirs.value) === withoutSlashes(sourceOf(row)),
  },
  {
    reason: "the last digit of a power or logarithm is the C library's",
    explains: ({ row, ours, theirs }) =>
      /\*\*|\b(pow|root|log)\b/.test(sourceOf(row)) && isNear(ours.value, theirs.value),
  },
  {
    reason:
      "a plugin is missing in a branch of constants that is never taken: told while the template runs, not before",
    explains: ({ ours, theirs }) =>
      theirs.error === "TemplateSyntaxError" &&
      ours.message?.startsWith(`template error while templating string: ${theirs.message}.`) ===
        true,
  },
  {
    reason:
      "an inline if of constants fails when Jinja's optimizer meets it, before what stands behind it",
    explains: ({ row, ours, theirs }) =>
      /\bif (false|False)\b/.test(sourceOf(row)) &&
      ours.message !== undefined &&
      theirs.message?.startsWith("the inline if-expression on line") === true,
  },
  {
    reason: "which of several missing plugins is named depends on the order of a set",
    explains: ({ ours, theirs }) =>
      (textOf(ours).match(/Could not load/g) ?? []).length > 0 &&
      withoutPlugin(ours) === withoutPlugin(theirs),
  },
  {
    reason: "three dots alone are Python's Ellipsis in native mode",
    explains: ({ row, ours, theirs }) =>
      row.native === true &&
      ours.value === "..." &&
      JSON.stringify(theirs.value) === '{"other":"Ellipsis"}',
  },
  {
    reason: "whether equal numbers are one object to Python depends on how it came by them",
    explains: ({ row, ours, theirs }) =>
      /\bis sameas\b/.test(sourceOf(row)) &&
      (withoutBooleans(ours) === withoutBooleans(theirs) || isSameIfNot(row, theirs)),
  },
  {
    reason:
      "an expression of constants has the rules of templates for Jinja's optimizer, where a slice has Python's",
    explains: ({ row, ours, theirs }) =>
      /\[[^\]]*:[^\]]*\]/.test(sourceOf(row)) &&
      /object is not subscriptable|unhashable type: 'slice'/.test(ours.message ?? "") &&
      theirs.value !== undefined,
  },
  {
    reason: "the clock went on between the two",
    explains: ({ row, ours, theirs }) =>
      /\b(strftime|now)\b/.test(sourceOf(row)) && withoutNumbers(ours) === withoutNumbers(theirs),
  },
  {
    reason: "what is one object to Python, and has a name in its YAML, cannot be known everywhere",
    explains: ({ row, ours, theirs }) =>
      /to_(nice_)?yaml/.test(sourceOf(row)) &&
      /&id0/.test(textOf(ours) + textOf(theirs)) &&
      isSameYaml(ours.value, theirs.value),
  },
  {
    reason:
      "the items of a set stand in the order of their hashes in Python, in that of their arrival here",
    explains: ({ row, ours, theirs }) =>
      /\b(union|intersect|difference|symmetric_difference)\b|\.(items|keys)\(/.test(
        sourceOf(row),
      ) && sortedText(ours) === sortedText(theirs),
  },
  {
    reason:
      "text that stays text is not followed through loops, and str methods that give the very object back",
    explains: ({ row, ours, theirs }) =>
      /\b(to_(nice_)?(json|yaml)|string|kept|box)\b/.test(sourceOf(row)) &&
      (isReadAs(theirs.value, ours.value) || isReadAs(ours.value, theirs.value)),
  },
  {
    reason: "jinja2's Markup is plain text here: it does not escape what is added to it",
    explains: ({ row, ours, theirs }) =>
      /\|\s*(tojson|e|escape|forceescape|safe)\b/.test(sourceOf(row)) &&
      ours.message?.startsWith("CRASH") !== true &&
      // A template may have exchanged letters of what it shows.
      (/M.rkup/i.test(textOf(theirs)) ||
        /expected str instance|must be str, not/.test(ours.message ?? "") ||
        // Or have counted them.
        (/\b(length|count|wordcount)\b/.test(sourceOf(row)) &&
          withoutNumbers(ours) === withoutNumbers(theirs)) ||
        unescaped(ours) === unescaped(theirs) ||
        // Quotes that are not escaped are a literal in native mode.
        (row.native === true &&
          withoutQuotes(unescaped(ours)) === withoutQuotes(unescaped(theirs))) ||
        // Or have made a digest of them.
        (/\b(hash|sha1|md5|checksum|to_uuid)\b/.test(sourceOf(row)) &&
          withoutDigests(ours) === withoutDigests(theirs)) ||
        // Its methods take an undefined value for text, those of text name the class.
        (ours.message?.startsWith("Unable to look up a name") === true &&
          theirs.error === "AnsibleUndefinedVariable")),
  },
  {
    reason: "repr() of an undefined value tells how it was made",
    explains: ({ ours, theirs }) => {
      const shown = textOf(theirs);
      return (
        shown.includes("AnsibleUndefined(hint=") &&
        withoutUndefined(shown) === withoutUndefined(textOf(ours))
      );
    },
  },
  {
    reason:
      "text of a lookup (AnsibleUnsafeText) answers NotImplemented when it is added to a number, or the other way round",
    explains: ({ row, ours, theirs }) =>
      /\b(lookup|query)\(/.test(sourceOf(row)) &&
      (/NotImplemented/i.test(textOf(theirs)) ||
        /unsupported operand type\(s\) for [+%]: '\w+' and 'str'/.test(ours.message ?? "")),
  },
  {
    reason: "Ansible cannot mark a range that stands beside text of a lookup in a native value",
    explains: ({ row, ours, theirs }) =>
      row.native === true &&
      /\brange\(/.test(sourceOf(row)) &&
      ours.value !== undefined &&
      theirs.message?.includes("'generator' object cannot be interpreted as an integer") === true,
  },
  {
    reason: "a view of a dict that a lookup hands on becomes a set when it is marked as unsafe",
    explains: ({ row, ours, theirs }) =>
      /\b(lookup|query)\(/.test(sourceOf(row)) &&
      textOf(theirs).includes('{"set":') &&
      /dict_(keys|items)\(|set\(\)/.test(textOf(ours)),
  },
];

const DELIBERATE = /^(AnsibleUndefinedVariable|AnsibleFilterError|TemplateSyntaxError)$/;
const SAID_ON_PURPOSE = /template error while templating string|error while evaluating conditional/;

function isDeliberate({ error = "", message = "" }: Answer): boolean {
  if (message.includes("Unable to look up a name")) return false;
  return DELIBERATE.test(error) || SAID_ON_PURPOSE.test(message);
}

function sourceOf(row: Row): string {
  return String(row.template ?? row.when ?? row.file);
}

/** What was answered, as text. */
function textOf({ value, message }: Answer): string {
  return JSON.stringify({ value, message });
}

/** Ansible doubles backslashes before it asks Jinja. */
function withoutSlashes(text: string): string {
  return text.replaceAll("\\", "");
}

const CLASSES: Readonly<Record<string, string>> = {
  NativeJinjaUnsafeText: "str",
  NativeJinjaText: "str",
  AnsibleUnsafeText: "str",
  AnsibleUnsafeBytes: "bytes",
  _GroupTuple: "tuple",
};

/** As filters for text leave them. */
const CLASSES_IN_CAPITALS: ReadonlyMap<string, string> = new Map(
  Object.entries(CLASSES).flatMap(([name, plain]) => [
    [name.toUpperCase(), plain.toUpperCase()],
    [name.toLowerCase(), plain],
  ]),
);

function withoutClasses(text: string): string {
  return text.replace(
    /(?:(?:ansible|jinja2)\.[\w.]*)?(NativeJinja(?:Unsafe)?Text|AnsibleUnsafe(?:Text|Bytes)|_GroupTuple)/gi,
    (_all, name: string) => CLASSES[name] ?? CLASSES_IN_CAPITALS.get(name) ?? name,
  );
}

/** The numbers of a range, from its repr(). */
function rangeItems(shown: string): number[] | undefined {
  const [, start, stop, step = "1"] = /^range\((-?\d+), (-?\d+)(?:, (-?\d+))?\)$/.exec(shown) ?? [];
  if (start === undefined) return undefined;
  const length = Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)));
  return Array.from({ length }, (_none, index) => Number(start) + index * Number(step));
}

/** An encoded value with the lists that views of dicts and ranges show. */
function withoutViews(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withoutViews);
  if ("other" in value) {
    const shown = String(value.other);
    const [, items] = /^dict_\w+\((\[.*\])\)$/s.exec(shown) ?? [];
    const parsed = items === undefined ? rangeItems(shown) : encodedLiteral(items, false);
    return parsed ?? value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutViews(inner)]),
  );
}

function withoutUndefined(text: string): string {
  return text.replace(/AnsibleUndefined\(hint=.*?, obj=.*?, name=.*?\)/g, "Undefined");
}

function isNear(ours: unknown, theirs: unknown): boolean {
  const [a, b] = [ours, theirs].map((value) =>
    JSON.stringify(value ?? null).replace(/\d+\.\d+(e[+-]\d+)?|\d+e[+-]\d+/g, (number) =>
      Number(number).toPrecision(13),
    ),
  );
  return a === b;
}

function isSameYaml(ours: unknown, theirs: unknown): boolean {
  if (typeof ours !== "string" || typeof theirs !== "string") return false;
  try {
    const [a, b] = [ours, theirs].map((text) => JSON.stringify(encode(loadYaml(text))));
    return a === b;
  } catch {
    return false;
  }
}

/** All the characters of an answer, a set being a list. */
function sortedText(answer: Answer): string {
  return [...textOf(answer).replaceAll('{"set":[', "[").replaceAll("}", "")].sort().join("");
}

/** Whether text is the literal of a value. */
function isReadAs(text: unknown, value: unknown): boolean {
  if (typeof text !== "string" || typeof value === "string" || value === undefined) return false;
  return [true, false].some((json) => {
    const parsed = encodedLiteral(text, json);
    return parsed !== undefined && JSON.stringify(parsed) === JSON.stringify(value);
  });
}

/** The encoded value of a literal; undefined for a set, too, which leaves no template. */
function encodedLiteral(text: string, json: boolean): unknown {
  const parsed = parseLiteral(text, json);
  try {
    return parsed === undefined ? undefined : encode(parsed);
  } catch {
    return undefined;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  "#39": "'",
  "#34": '\\"',
};

/** The same however often it was escaped. */
function unescaped(answer: Answer): string {
  return textOf(answer).replace(
    /&(?:amp;)*(amp|lt|gt|#39|#34);/g,
    (_all, name: string) => ENTITIES[name] ?? "",
  );
}

/** Whether we answer the same where the test has the other answer: what it decides may be far from it. */
function isSameIfNot(row: Row, theirs: Answer): boolean {
  const asked = JSON.stringify(row).replaceAll("is sameas", "is not sameas");
  try {
    const ours = answerRow(JSON.parse(asked) as Row, VARIABLES);
    return textOf(ours).replaceAll("is not sameas", "is sameas") === textOf(theirs);
  } catch {
    return false;
  }
}

function withoutBooleans(answer: Answer): string {
  return textOf(answer).replace(/\b(true|false)\b/gi, "?");
}

function withoutDigests(answer: Answer): string {
  return textOf(answer).replace(/\b[\da-f]{8}(-?[\da-f]{4,}){2,}\b/g, "#");
}

function withoutPlugin({ message }: Answer): string | undefined {
  return message?.replace(/Could not load "[^"]*": '[^']*'/g, "?");
}

function withoutNumbers(answer: Answer): string {
  return textOf(answer).replace(/\d+/g, "0");
}

function withoutQuotes(text: string): string {
  return text.replace(/\\n|\\?["']/g, "");
}
