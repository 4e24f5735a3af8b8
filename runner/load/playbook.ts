import { dirname, isAbsolute, join } from "node:path";
import type { Origin } from "../model/origin.ts";
import type { Play, Playbook } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import {
  addPlaybookDir,
  catalogueOf,
  type LoadContext,
  type Place,
  readYamlFile,
  renderName,
} from "./context.ts";
import { pythonType } from "./keywords.ts";
import { loadNodes } from "./nodes.ts";
import { originOf, originOfKey, originOfValue } from "./origins.ts";
import { expandPath } from "./path.ts";
import { type ImportedWith, loadPlay } from "./play.ts";
import { checkKeywords, EMPTY_SCOPE, readConditions, readTags, readVars } from "./scope.ts";
import { LoadError } from "./source.ts";
import { splitArgs } from "./splitter.ts";

export type { LoadContext } from "./context.ts";

/**
 * Loads a playbook with everything that it imports: plays of import_playbook in place, roles with
 * their dependencies, static task imports; every keyword checked, every inheritable one merged into the tasks.
 *
 * @param given the playbook's file, or `namespace.collection.name`
 * @throws LoadError at the first thing that cannot be used. Behaviour: `playbook/__init__.py`, `playbook/playbook_include.py`.
 */
export function loadPlaybook(
  given: string,
  context: LoadContext,
  cwd: string = process.cwd(),
): Playbook {
  const inCollection = catalogueOf(context).playbook(given);
  const file = inCollection ?? expandPath(given, cwd);
  const home = /\/ansible_collections\/(\w+\/\w+)\//.exec(file)?.[1];
  if (home !== undefined)
    context.warn(`running playbook inside collection ${home.replace("/", ".")}`);
  return { file, given: inCollection ?? given, plays: loadFile(file, context, []) };
}

function loadFile(
  file: string,
  context: LoadContext,
  imported: readonly ImportedWith[],
  from?: Origin,
): Play[] {
  const basedir = dirname(file);
  addPlaybookDir(context, basedir);
  const entries = readYamlFile(context, file, from);
  if (entries === null) throw new LoadError(`Empty playbook, nothing to do: ${file}`);
  if (!Array.isArray(entries)) {
    throw new LoadError(
      `A playbook must be a list of plays, got a ${pythonType(entries)} instead: ${file}`,
      originOf(entries),
    );
  }
  if (entries.length === 0)
    throw new LoadError(`A playbook must contain at least one play: ${file}`);
  return entries.flatMap((entry, index) => {
    if (!isDict(entry)) {
      throw new LoadError(
        "playbook entries must be either valid plays or 'import_playbook' statements",
        originOf(entry) ?? originOfValue(entries, index),
        {
          hint: `Entry ${index + 1} of the playbook is neither.`,
        },
      );
    }
    const key = IMPORTS.find((name) => entry.has(name));
    if (key !== undefined) return importPlaybook(entry, key, context, file, imported);
    return [loadPlay(entry, context, file, basedir, imported)];
  });
}

const IMPORTS = [
  "import_playbook",
  "ansible.builtin.import_playbook",
  "ansible.legacy.import_playbook",
];

function importPlaybook(
  ds: Dict,
  key: string,
  context: LoadContext,
  file: string,
  outer: readonly ImportedWith[],
): Play[] {
  const origin = originOf(ds) ?? { file, line: 1, column: 1 };
  const plain = new Map(
    [...ds].map(([name, value]) => [name === key ? "import_playbook" : name, value] as const),
  );
  checkKeywords(plain, "PlaybookInclude", origin);
  const written = ds.get(key);
  if (written === null || written === undefined)
    throw new LoadError("playbook import parameter is missing", origin);
  if (typeof written !== "string") {
    throw new LoadError(
      `playbook import parameter must be a string indicating a file path, got ${pythonType(written)} instead`,
      origin,
    );
  }
  const name = splitArgs(written)[0]?.trim();
  if (name === undefined || name === "")
    throw new LoadError("import_playbook statements must specify the file name to import", origin);
  for (const keyword of plain.keys()) {
    if (USED.has(String(keyword))) continue;
    context.warn(
      `${file}:${origin.line}: '${String(keyword)}' has no effect on import_playbook; give it to the plays of the imported playbook`,
    );
  }
  const vars = readVars(ds.get("vars"), "PlaybookInclude", origin);
  const own: ImportedWith = {
    vars,
    tags: readTags(ds.get("tags"), originOfKey(ds, "tags") ?? origin),
    when: readConditions(ds, "when", origin),
  };
  const place = namingPlace(context, file, [...outer, own]);
  const target = renderName(name, place, origin, "import path");
  const path =
    catalogueOf(context).playbook(target) ??
    (isAbsolute(target) ? target : join(dirname(file), target));
  return loadFile(path, context, [...outer, own], origin);
}

const USED: ReadonlySet<string> = new Set(["import_playbook", "name", "vars", "tags", "when"]);

/** A place outside of all plays, for the name of an imported playbook. */
function namingPlace(context: LoadContext, file: string, imported: readonly ImportedWith[]): Place {
  const vars = new Map<Value, Value>(imported.toReversed().flatMap((each) => [...each.vars]));
  return {
    context,
    play: {
      basedir: dirname(file),
      file,
      vars,
      varsFiles: [],
      collections: [],
      roles: [],
      importedHandlers: [],
      roleIdentities: new Map(),
      loadNodes,
    },
    scope: EMPTY_SCOPE,
    role: undefined,
    roleCollections: [],
    includeDirs: [],
    inHandlers: false,
    inBlock: false,
    allStatic: true,
  };
}
