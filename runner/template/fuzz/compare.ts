import type { Answer, Row } from "./answer.ts";
import { EXPLAINED } from "./explained.ts";

export type Comparison =
  | { readonly kind: "same" }
  | { readonly kind: "explained"; readonly reason: string }
  | { readonly kind: "different" };

/** Whether two answers are one; else whether the difference is known and stays. */
export function compareAnswers(row: Row, ours: Answer, theirs: Answer): Comparison {
  if (isSame(ours, theirs)) return { kind: "same" };
  const known = EXPLAINED.find(({ explains }) => explains({ row, ours, theirs }));
  return known === undefined ? { kind: "different" } : { kind: "explained", reason: known.reason };
}

function isSame(ours: Answer, theirs: Answer): boolean {
  if (theirs.message !== undefined) return ours.message === theirs.message;
  return (
    ours.message === undefined &&
    JSON.stringify(plain(ours.value)) === JSON.stringify(plain(theirs.value))
  );
}

/** Objects that are no values leave a template as their text on our side. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  return "other" in value
    ? value.other
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
