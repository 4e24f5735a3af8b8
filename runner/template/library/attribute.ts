import { Undefined } from "../error.ts";
import { item } from "../runtime.ts";

/**
 * A function that reaches `a.b.0` in an item; an absent value gives `otherwise` when there is one
 * (make_attrgetter of jinja2/filters.py).
 */
export function attributeGetter(path: unknown, given?: unknown): (item: unknown) => unknown {
  // A default of None is none.
  const otherwise = given ?? undefined;
  const keys = typeof path === "string" ? path.split(".").map(toKey) : [path];
  return (value) => {
    let found = value;
    for (const key of keys) {
      found = item(found, key);
      if (otherwise !== undefined && found instanceof Undefined) found = otherwise;
    }
    return found;
  };
}

function toKey(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

/** How values compare in `sort` and the like: text without regard to case, unless asked for. */
export function sortKey(caseSensitive: boolean): (value: unknown) => unknown {
  if (caseSensitive) return (value) => value;
  return (value) => (typeof value === "string" ? value.toLowerCase() : value);
}
