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
      ours.message !== undefined &&
      /NativeJinjaText|_GroupTuple|AnsibleUnsafeText/.test(theirs.message ?? ""),
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
      /\b(lookup|query)\(.*(\+|\bsum\b)|(\+|\bsum\b).*\b(lookup|query)\(/s.test(textOf(row)),
  },
];

const DELIBERATE = /^(AnsibleUndefinedVariable|AnsibleFilterError|TemplateSyntaxError)$/;

function textOf(row: Row): string {
  return String(row.template ?? row.when ?? row.file);
}
