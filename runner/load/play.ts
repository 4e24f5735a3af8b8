import type { Origin } from "../model/origin.ts";
import type { Condition, Play, Task, VarsPrompt } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import {
  catalogueOf,
  type LoadContext,
  nextId,
  type Place,
  type PlayPlace,
  renderName,
} from "./context.ts";
import { flatten } from "./flatten.ts";
import { loadNodes, wrapNodes } from "./nodes.ts";
import { originOf, originOfKey } from "./origins.ts";
import { loadRoleList } from "./role.ts";
import {
  checkKeywords,
  EMPTY_SCOPE,
  extendScope,
  listOf,
  readScope,
  readVars,
  type Scope,
} from "./scope.ts";
import { LoadError } from "./source.ts";
import { isTrue, textKeyword } from "./task.ts";

/** What an import_playbook gives to the plays of the imported file. */
export interface ImportedWith {
  readonly vars: Dict;
  readonly tags: readonly string[];
  readonly when: readonly Condition[];
}

/**
 * A play from its mapping (`playbook/play.py`, `executor/play_iterator.py`).
 *
 * @throws LoadError
 */
export function loadPlay(
  ds: Dict,
  context: LoadContext,
  file: string,
  basedir: string,
  imported: readonly ImportedWith[],
): Play {
  const origin = originOf(ds) ?? { file, line: 1, column: 1 };
  const renamed = renameUser(ds, origin);
  checkKeywords(renamed, "Play", origin);
  const varsPrompt = readPrompts(renamed, origin);
  const hosts = readHosts(renamed, origin);

  const keywords = readScope(renamed, "Play", origin);
  const tags = [...new Set([...keywords.tags, ...imported.flatMap((each) => each.tags)])];
  const vars: Dict = new Map(readVars(renamed.get("vars"), "Play", origin));
  // The outermost import has the last word.
  for (const each of imported.toReversed())
    for (const [key, value] of each.vars) vars.set(key, value);
  const when = imported.flatMap((each) => each.when);
  const scope: Scope = { ...keywords, tags, vars: [], when: [] };
  const conditional: Scope = { ...scope, when };

  const shared: PlayPlace = {
    basedir,
    file,
    vars,
    varsFiles: listOf(renamed.get("vars_files")),
    collections: playCollections(renamed, file),
    roles: [],
    importedHandlers: [],
    roleIdentities: new Map(),
    loadNodes,
  };
  const place: Place = {
    context,
    play: shared,
    scope: conditional,
    role: undefined,
    roleCollections: [],
    includeDirs: [],
    inHandlers: false,
    inBlock: false,
    allStatic: true,
  };
  const roles = loadRoleList(renamed.get("roles"), place, originOfKey(renamed, "roles") ?? origin);
  const section = (name: string) =>
    loadNodes(renamed.get(name), place, originOfKey(renamed, name) ?? origin, name);
  const before = section("pre_tasks");
  const tasks = section("tasks");
  const after = section("post_tasks");
  const handlerPlace: Place = { ...place, scope, inHandlers: true };
  const handlers = flatten(
    loadNodes(
      renamed.get("handlers"),
      handlerPlace,
      originOfKey(renamed, "handlers") ?? origin,
      "handlers",
    ),
  );

  const gatherFacts = renamed.get("gather_facts") ?? undefined;
  return {
    id: nextId(context),
    origin,
    name: textKeyword(renamed, "name", origin),
    hosts,
    vars,
    varsFiles: shared.varsFiles,
    roles: shared.roles,
    gatherFacts,
    setup: setupTask(
      renamed,
      { ...place, scope: { ...conditional, tags: tags.length === 0 ? ["always"] : tags } },
      origin,
    ),
    sections: [
      wrapNodes(before, place, origin),
      wrapNodes([...roles.flatMap((role) => role.nodes), ...tasks], place, origin),
      wrapNodes(after, place, origin),
    ],
    handlers: [...roles.flatMap((role) => role.handlers), ...handlers, ...shared.importedHandlers],
    strategy: readStrategy(renamed, place, origin),
    serial: listOf(renamed.get("serial")),
    checkMode: renamed.get("check_mode"),
    maxFailPercentage: readPercentage(renamed, place, origin),
    anyErrorsFatal: renamed.has("any_errors_fatal")
      ? isTrue(renamed.get("any_errors_fatal"))
      : context.settings.anyErrorsFatal.value,
    order: readOrder(renamed, place, origin),
    forceHandlers: renamed.has("force_handlers")
      ? isTrue(renamed.get("force_handlers"))
      : undefined,
    throttle: Number(renamed.get("throttle") ?? 0) || 0,
    tags,
    basedir,
    ...(varsPrompt.length === 0 ? {} : { varsPrompt }),
  };
}

/** `collections:` of the play; a playbook that lives in a collection searches that one first. */
function playCollections(ds: Dict, file: string): readonly string[] {
  const named = listOf(ds.get("collections")).map(String);
  const home = /\/ansible_collections\/(\w+)\/(\w+)\//.exec(file);
  if (home === null) return named;
  const own = `${home[1]}.${home[2]}`;
  const all = named.includes(own) ? named : [own, ...named];
  return all.includes("ansible.legacy") || all.includes("ansible.builtin")
    ? all
    : [...all, "ansible.legacy"];
}

/** `user:` is an old name of `remote_user:`. */
function renameUser(ds: Dict, origin: Origin): Dict {
  if (!ds.has("user")) return ds;
  if (ds.has("remote_user")) {
    throw new LoadError(
      "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed",
      origin,
    );
  }
  const renamed = new Map(ds);
  renamed.set("remote_user", ds.get("user") as Value);
  renamed.delete("user");
  return renamed;
}

function readHosts(ds: Dict, origin: Origin): string {
  const value = ds.get("hosts");
  const fail = (detail: string) => new LoadError(detail, originOfKey(ds, "hosts") ?? origin);
  if (!ds.has("hosts"))
    throw new LoadError("the field 'hosts' is required but was not set", origin);
  if (
    value === null ||
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0)
  ) {
    throw fail("Hosts list cannot be empty. Please check your playbook");
  }
  if (typeof value === "string") return value;
  if (!Array.isArray(value))
    throw fail("Hosts list must be a sequence or string. Please check your playbook.");
  for (const entry of value) {
    if (entry === null)
      throw fail("Hosts list cannot contain values of 'None'. Please check your playbook");
    if (typeof entry !== "string")
      throw fail(`Hosts list contains an invalid host value: '${String(entry)}'`);
  }
  return value.join(",");
}

const STRATEGIES: ReadonlySet<string> = new Set(["linear", "free", "host_pinned", "debug"]);
const MITOGEN = /^mitogen_/;

/** Mitogen's strategies are Ansible's with another transport: skein takes them for what they wrap. */
function readStrategy(ds: Dict, place: Place, origin: Origin): string {
  const given = ds.has("strategy")
    ? textKeyword(ds, "strategy", origin)
    : place.context.settings.strategy.value;
  const written = given && renderName(given, place, origin, "strategy");
  const name = (written ?? "linear").replace(/^ansible\.builtin\./, "").replace(MITOGEN, "");
  if (name === "mitogen") return "linear";
  if (STRATEGIES.has(name)) return name;
  throw new LoadError(
    `the strategy '${written}' is not supported by skein yet`,
    originOfKey(ds, "strategy") ?? origin,
    {
      hint: `Supported are ${[...STRATEGIES].join(", ")}.`,
      kind: "error",
    },
  );
}

function readPercentage(ds: Dict, place: Place, origin: Origin): number | undefined {
  const given = ds.get("max_fail_percentage");
  if (given === undefined || given === null) return undefined;
  const value =
    typeof given === "string" ? renderName(given, place, origin, "max_fail_percentage") : given;
  const number = Number(String((value as { value?: number }).value ?? value).replace("%", ""));
  if (!Number.isFinite(number)) {
    throw new LoadError(
      `the field 'max_fail_percentage' has an invalid value (${String(value)}), and could not be converted to an percent.`,
      originOfKey(ds, "max_fail_percentage") ?? origin,
    );
  }
  return number;
}

const ORDERS = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"] as const;

function readOrder(ds: Dict, place: Place, origin: Origin): Play["order"] {
  const given = ds.get("order");
  if (given === undefined || given === null) return "inventory";
  const value = renderName(String(given), place, origin, "order");
  const order = ORDERS.find((each) => each === value);
  if (order !== undefined) return order;
  throw new LoadError(
    `Invalid 'order' specified for inventory hosts: ${String(value)}`,
    originOfKey(ds, "order") ?? origin,
    {
      hint: `Possible are ${ORDERS.join(", ")}.`,
      kind: "options",
    },
  );
}

/** Gathers facts before the first section; carries everything that the play says about it. */
function setupTask(ds: Dict, place: Place, origin: Origin): Task {
  const { settings } = place.context;
  const args: Dict = new Map();
  const subset = ds.has("gather_subset")
    ? listOf(ds.get("gather_subset"))
    : [...settings.gatherSubset.value];
  if (subset.length > 0) args.set("gather_subset", subset);
  const timeout = ds.get("gather_timeout") ?? settings.gatherTimeout.value;
  if (timeout !== undefined) args.set("gather_timeout", timeout);
  const factPath = ds.get("fact_path") ?? settings.factPath.value;
  if (factPath !== undefined) args.set("fact_path", factPath);
  const [task] = flatten(
    loadNodes([new Map<Value, Value>([["gather_facts", args]])], place, origin, "gather_facts"),
  );
  if (task === undefined) throw new Error("a task is made of the fact gathering action");
  const resolved = catalogueOf(place.context).action("gather_facts", {
    collections: [],
  });
  return {
    ...extendTask(task, origin),
    resolvedAction: resolved?.fqcn ?? task.resolvedAction,
    modulePath: resolved?.modulePath,
  };
}

function extendTask(task: Task, origin: Origin): Task {
  const { tags } = extendScope(EMPTY_SCOPE, { ...EMPTY_SCOPE, tags: task.tags });
  // Each host has facts of its own, whatever run_once says (executor/play_iterator.py).
  return { ...task, origin, name: "Gathering Facts", tags, runOnce: undefined };
}

/** @throws LoadError for entries that are no mapping with a name, and for keys that prompts do not have. */
function readPrompts(ds: Dict, origin: Origin): readonly VarsPrompt[] {
  const written = ds.get("vars_prompt");
  const place = originOf(written) ?? originOfKey(ds, "vars_prompt") ?? origin;
  return listOf(written).map((prompt, index) => {
    const at = originOf(prompt) ?? place;
    if (!isDict(prompt)) {
      throw new LoadError("vars_prompt must be a dictionary, or a list of dictionaries", at, {
        hint: `Entry ${index + 1} is neither.`,
      });
    }
    const fail = (problem: string): LoadError =>
      new LoadError(`Invalid vars_prompt data structure, ${problem}`, place);
    if (!prompt.has("name")) throw fail("missing 'name' key");
    for (const key of prompt.keys())
      if (!PROMPT_KEYS.has(String(key))) throw fail(`found unsupported key '${String(key)}'`);
    return prompt;
  });
}

const PROMPT_KEYS: ReadonlySet<string> = new Set([
  "name",
  "prompt",
  "default",
  "private",
  "confirm",
  "encrypt",
  "salt_size",
  "salt",
  "unsafe",
]);
