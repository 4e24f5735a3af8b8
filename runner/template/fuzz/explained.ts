import type { Answer, Row } from "./answer.ts";

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

/** All of them. What is none of these is a mistake. */
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
      (!DELIBERATE.test(theirs.error ?? "") || /Unable to look up a name/.test(theirs.message)),
  },
  {
    reason: "a message names a class of Ansible or Jinja where text or a tuple is meant",
    explains: ({ ours, theirs }) =>
      (ours.message !== undefined &&
        /NativeJinjaText|_GroupTuple|AnsibleUnsafeText/.test(theirs.message ?? "")) ||
      /NativeJinjaText|"other":"dict_/.test(JSON.stringify(theirs.value) ?? ""),
  },
  {
    reason:
      "an expression of constants that cannot be evaluated is left as text by Jinja's optimizer",
    explains: ({ row, theirs }) =>
      theirs.value !== undefined && theirs.value === (row.template ?? row.file),
  },
  {
    reason: "a negative constant under a power loses its parentheses in Jinja's generated Python",
    explains: ({ row, ours, theirs }) =>
      textOf(row).includes("**") &&
      JSON.stringify(ours.value)?.replaceAll("-", "") ===
        JSON.stringify(theirs.value)?.replaceAll("-", ""),
  },
  {
    reason: "the last digit of a power or logarithm is the C library's",
    explains: ({ row, ours, theirs }) =>
      /\*\*|\b(pow|root|log)\b/.test(textOf(row)) && isNear(ours.value, theirs.value),
  },
  {
    reason:
      "urlsplit of None, False and the like is bytes in Python, and its parts are not templates' matter",
    explains: ({ row, theirs }) =>
      textOf(row).includes("urlsplit") &&
      /_ResultMixinBytes|'method object'/.test(JSON.stringify(theirs)),
  },
  {
    reason: "PyYAML writes an object that occurs twice as an anchor; here it is written out twice",
    explains: ({ row, theirs }) =>
      textOf(row).includes("yaml") && JSON.stringify(theirs).includes("&id0"),
  },
  {
    reason:
      "the items of a set stand in the order of their hashes in Python, in that of their arrival here",
    explains: ({ row, ours, theirs }) =>
      /\b(union|intersect|difference|symmetric_difference|subset|superset)\b|\.(items|keys)\(/.test(
        textOf(row),
      ) &&
      (/"set"/.test(JSON.stringify(theirs)) || sortedText(ours) === sortedText(theirs)),
  },
  {
    reason: "what an if without else gives is refused in more places than Jinja's plain Undefined",
    explains: ({ row, ours }) => textOf(row).includes("1 if false") && ours.message !== undefined,
  },
  {
    reason:
      "text that stays text is not followed through loops, and str methods that give the very object back",
    explains: ({ row, ours, theirs }) =>
      /\b(to_(nice_)?(json|yaml)|string|kept|box)\b/.test(textOf(row)) &&
      (typeof theirs.value === "string") !== (typeof ours.value === "string"),
  },
  {
    reason: "jinja2's Markup is plain text here",
    explains: ({ row }) =>
      /\b(tojson|e|escape|forceescape|urlize|xmlattr|safe|striptags)\b/.test(textOf(row)),
  },
  {
    reason: "repr() of an undefined value tells how it was made",
    explains: ({ theirs }) => JSON.stringify(theirs).includes("AnsibleUndefined(hint="),
  },
  {
    reason: "a number is an open file of the process to Python's tests of files",
    explains: ({ row }) => /\bis (exists|file|directory|link|mount)\b/.test(textOf(row)),
  },
  {
    reason:
      "text of a lookup (AnsibleUnsafeText) answers NotImplemented when a number is added to it",
    explains: ({ row }) =>
      /\b(lookup|query)\(.*(\+|%|\b(sum|max|divisibleby)\b)|(\+|%|\b(sum|max)\b).*\b(lookup|query)\(/s.test(
        textOf(row),
      ),
  },
];

const DELIBERATE = /^(AnsibleUndefinedVariable|AnsibleFilterError|TemplateSyntaxError)$/;

function textOf(row: Row): string {
  return String(row.template ?? row.when ?? row.file);
}

function isNear(ours: unknown, theirs: unknown): boolean {
  const [a, b] = [ours, theirs].map((value) =>
    JSON.stringify(value ?? null).replace(/\d+\.\d{9,}/g, (number) =>
      Number(number).toPrecision(13),
    ),
  );
  return a === b;
}

function sortedText(value: unknown): string {
  return [...JSON.stringify(value)].sort().join("");
}
