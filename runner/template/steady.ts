import type { Arguments, Expression, Statement } from "./ast.ts";
import { walkStatements } from "./scopes.ts";

/**
 * Whether a template gives the same value for as long as the variables that it names have theirs: it asks no file, no clock and no
 * chance, and no plugin. Who renders it for many may then do so once. What is not known to be so counts as unsteady; templates that
 * read what their text does not name (`readsAnything`) are for the caller to leave out.
 */
export function isSteady(body: readonly Statement[]): boolean {
  let isSo = true;
  walkStatements(body, (node) => {
    if (!isSteadyNode(node)) isSo = false;
  });
  return isSo;
}

function isSteadyNode(node: Expression): boolean {
  switch (node.kind) {
    case "call":
      // Methods of values, and the few functions that only make values.
      return (
        node.callee.kind === "attribute" ||
        (node.callee.kind === "name" && FUNCTIONS.has(node.callee.name))
      );
    case "filter":
      return FILTERS.has(short(node.name)) && namesSteady(short(node.name), node.args);
    case "test":
      return TESTS.has(short(node.name));
    default:
      return true;
  }
}

/** `map('upper')` and `select('match', ...)` name what they call in an argument. */
function namesSteady(filter: string, { positional, star }: Arguments): boolean {
  const called = CALLED[filter];
  if (called === undefined) return true;
  if (star !== undefined) return false;
  const named = positional[called.at];
  if (named === undefined) return true;
  return named.kind === "constant" && called.among.has(short(String(named.value)));
}

function short(name: string): string {
  return name.replace(/^ansible\.(?:builtin|legacy)\./, "");
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const FUNCTIONS = words("range dict namespace");

const FILTERS = words(
  "abs attr b64decode b64encode basename batch bool capitalize center checksum combinations combine comment commonpath count d " +
    "default dict2items dictsort difference dirname e escape extract first flatten float format from_json from_yaml from_yaml_all " +
    "groupby hash human_readable human_to_bytes indent int intersect items items2dict join last length list log lower mandatory map " +
    "max md5 min normpath path_join permutations pow pprint product quote regex_escape regex_findall regex_replace regex_search " +
    "reject rejectattr relpath replace reverse root round safe select selectattr sha1 slice sort split splitext string subelements " +
    "sum symmetric_difference ternary title to_json to_nice_json to_nice_yaml to_uuid to_yaml tojson trim truncate type_debug union " +
    "unique upper urlencode urlsplit version_compare win_basename win_dirname win_splitdrive wordcount wordwrap xmlattr zip " +
    "zip_longest",
);

const TESTS = words(
  "!= < <= == > >= all any boolean change changed contains defined divisibleby eq equalto even failed failure false falsy finished " +
    "float ge greaterthan gt in integer isnan issubset issuperset iterable le lessthan lower lt mapping match nan ne none number odd " +
    "reachable regex sameas search sequence skip skipped started string subset succeeded success successful superset true truthy " +
    "undefined unreachable upper uri url urn version version_compare",
);

/** Where filters that call others have the name of what they call. */
const CALLED: Readonly<
  Record<string, { readonly at: number; readonly among: ReadonlySet<string> }>
> = {
  __proto__: null as never,
  map: { at: 0, among: FILTERS },
  select: { at: 0, among: TESTS },
  reject: { at: 0, among: TESTS },
  selectattr: { at: 1, among: TESTS },
  rejectattr: { at: 1, among: TESTS },
};
