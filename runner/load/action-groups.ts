import type { Origin } from "../model/origin.ts";
import { isDict, type Value } from "../model/value.ts";
import { pyStr } from "../template/py-repr.ts";
import { catalogueOf, type Place, type PlayPlace } from "./context.ts";
import { LoadError } from "./source.ts";

/** A group of actions that module_defaults may name. */
export interface ActionGroup {
  /** With the collection it belongs to: `amazon.aws.aws`. */
  readonly name: string;
  /** Full names of its actions, redirects followed. */
  readonly actions: ReadonlySet<string>;
}

/**
 * The group behind `group/NAME`; a name without a collection is one of ansible.builtin. Each is resolved once per play
 * (`_resolve_group` of `playbook/base.py`).
 *
 * @throws LoadError for a group that no collection knows, or that names an action which was removed.
 */
export function findActionGroup(written: string, place: Place, origin: Origin): ActionGroup {
  const name = qualified(written, "ansible.builtin");
  const actions = actionsOf(name, place, origin);
  if (actions !== undefined) return { name, actions };
  const collection = collectionOf(name);
  throw new LoadError(
    `Error loading module_defaults: could not resolve the module_defaults group ${name}`,
    origin,
    {
      hint:
        catalogueOf(place.context).actionGroups(collection) === undefined
          ? `The collection ${collection} is not installed.`
          : `Groups of ${collection} are those below action_groups in its meta/runtime.yml.`,
    },
  );
}

/**
 * The full name of an action as module_defaults know it, wherever a library of the playbook or of a role loaded so far,
 * ansible-core or a collection has it.
 *
 * @throws LoadError when it was removed from its collection.
 */
export function resolvedName(name: string, place: Place, origin: Origin): string | undefined {
  const { context } = place;
  try {
    return catalogueOf(context).action(name, { collections: [] })?.fqcn;
  } catch (error) {
    if (!(error instanceof LoadError) || error.origin !== undefined) throw error;
    throw new LoadError(error.detail, origin, { cause: error });
  }
}

const groupsOfPlays = new WeakMap<PlayPlace, Map<string, Set<string>>>();

function actionsOf(name: string, place: Place, origin: Origin): Set<string> | undefined {
  let known = groupsOfPlays.get(place.play);
  if (known === undefined) {
    known = new Map();
    groupsOfPlays.set(place.play, known);
  }
  const found = known.get(name);
  if (found !== undefined) return found;
  const collection = collectionOf(name);
  const groups = catalogueOf(place.context).actionGroups(collection);
  const written = groups?.get(name) ?? groups?.get(name.slice(collection.length + 1));
  if (!Array.isArray(written)) return undefined;
  const actions = new Set<string>();
  known.set(name, actions);
  const extended = readEntries(written, name, place, (entry) => {
    const action = resolvedName(qualified(entry, collection), place, origin);
    if (action !== undefined) actions.add(action);
  });
  // Last, as groups may extend each other in turn: a group that is under way has its own actions by now.
  for (const group of extended) {
    for (const action of actionsOf(qualified(group, collection), place, origin) ?? [])
      actions.add(action);
  }
  return actions;
}

/** Hands out the actions of a group. @returns the groups that it extends, of the last metadata entry. */
function readEntries(
  entries: readonly Value[],
  name: string,
  { context }: Place,
  onAction: (name: string) => void,
): readonly string[] {
  let extended: readonly string[] = [];
  let hasMetadata = false;
  for (const entry of entries) {
    if (typeof entry === "string") {
      onAction(entry);
      continue;
    }
    if (context.settings.validateActionGroupMetadata.value) {
      const problems = problemsOf(entry, hasMetadata);
      if (problems.length > 0) {
        context.warn(
          `Invalid metadata was found for action_group ${name} while loading module_defaults. ${problems.join(" ")}`,
        );
      }
    }
    const metadata = isDict(entry) ? entry.get("metadata") : undefined;
    if (!isDict(metadata)) continue;
    hasMetadata = true;
    const groups = metadata.get("extend_group") ?? [];
    extended = (Array.isArray(groups) ? groups : [groups]).filter(
      (group) => typeof group === "string",
    );
  }
  return extended;
}

/** What is wrong with an entry that is no action (`_validate_action_group_metadata` of `playbook/base.py`). */
function problemsOf(entry: Value, hasMetadata: boolean): readonly string[] {
  const keys = isDict(entry) ? [...entry.keys()].map(pyStr).sort() : [pyStr(entry)];
  if (!isDict(entry) || !entry.has("metadata") || entry.size !== 1)
    return [`The only expected key is metadata, but got keys: ${keys.join(", ")}`];
  const problems: string[] = [];
  if (hasMetadata) problems.push("The group contains multiple metadata entries.");
  const metadata = entry.get("metadata") as Value;
  if (!isDict(metadata))
    return [...problems, `The metadata is not a dictionary. Got ${pyStr(metadata)}`];
  const unknown = [...metadata.keys()].map(pyStr).filter((key) => key !== "extend_group");
  if (unknown.length > 0)
    problems.push(`The metadata contains unexpected keys: ${unknown.join(", ")}`);
  const groups = metadata.get("extend_group");
  if (groups !== undefined && typeof groups !== "string" && !Array.isArray(groups)) {
    problems.push(
      `The metadata contains unexpected key types: extend_group is ${pyStr(groups)} (expected type list)`,
    );
  }
  return problems;
}

function qualified(name: string, collection: string): string {
  return /^\w+(?:\.\w+){2,}$/.test(name) ? name : `${collection}.${name}`;
}

function collectionOf(name: string): string {
  return name.split(".").slice(0, 2).join(".");
}
