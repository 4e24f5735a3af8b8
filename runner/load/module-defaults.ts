import type { Origin } from "../model/origin.ts";
import type { Task } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import { findActionGroup, resolvedName } from "./action-groups.ts";
import type { Place } from "./context.ts";
import { originOfKey } from "./origins.ts";
import type { Scope } from "./scope.ts";
import { LoadError } from "./source.ts";
import type { TaskAction } from "./task-args.ts";

/**
 * The module_defaults that a task's action gets: those of groups it belongs to, then its own. Of several levels that
 * name the same group or action the innermost alone counts (`_load_module_defaults` of `playbook/base.py`,
 * `get_action_args_with_defaults` of `executor/module_common.py`). A name behind `action:` gets none, since Ansible resolves
 * only those that are keys (`parse` of `parsing/mod_args.py`).
 *
 * @throws LoadError for names that nothing has.
 */
export function defaultsFor(
  { action, resolved, isOldStyle }: TaskAction,
  scope: Scope,
  place: Place,
  origin: Origin,
): Pick<Task, "moduleDefaults" | "defaultsOfModules"> {
  if (scope.moduleDefaults.length === 0) return { moduleDefaults: [] };
  const table = tableOf(scope.moduleDefaults, place, origin);
  const name = resolved?.fqcn ?? action;
  const moduleDefaults = isOldStyle ? [] : layersFor(name, table);
  return RUNS_OTHERS.has(name) || resolved === undefined
    ? { moduleDefaults, defaultsOfModules: defaultsOfModules(table) }
    : { moduleDefaults };
}

/** Actions that choose a module when the task runs, and give it the defaults of its own. */
const RUNS_OTHERS: ReadonlySet<string> = new Set([
  "ansible.builtin.gather_facts",
  "ansible.builtin.package",
  "ansible.builtin.service",
]);

/** Levels merged: what groups and actions get. */
interface DefaultsTable {
  /** By full name, in the order in which they were named first. */
  readonly groups: Map<string, { readonly value: Value; readonly actions: ReadonlySet<string> }>;
  readonly actions: Map<string, Value>;
  /** Made when first asked for. */
  ofModules: ReadonlyMap<string, readonly Value[]> | undefined;
}

/** One table for all tasks of a scope. */
const tables = new WeakMap<Scope["moduleDefaults"], DefaultsTable>();

function tableOf(levels: Scope["moduleDefaults"], place: Place, origin: Origin): DefaultsTable {
  let table = tables.get(levels);
  if (table === undefined) {
    table = { groups: new Map(), actions: new Map(), ofModules: undefined };
    for (const level of levels) addLevel(table, level, place, origin);
    tables.set(levels, table);
  }
  return table;
}

function addLevel(table: DefaultsTable, level: Dict, place: Place, origin: Origin): void {
  for (const [key, value] of level) {
    const written = String(key);
    const at = originOfKey(level, key) ?? origin;
    if (written.startsWith("group/")) {
      const { name, actions } = findActionGroup(written.split("group/").at(-1) ?? "", place, at);
      table.groups.set(name, { value, actions });
      continue;
    }
    const name = written.split(".").length < 3 ? `ansible.legacy.${written}` : written;
    const action = resolvedName(name, place, at);
    if (action === undefined) {
      throw new LoadError(`Could not resolve action ${name} in module_defaults`, at, {
        hint: "Names are those of modules, or group/NAME for a group of them; `collections:` does not count here.",
      });
    }
    table.actions.set(action, value);
  }
}

function layersFor(action: string, { groups, actions }: DefaultsTable): readonly Value[] {
  const layers: Value[] = [];
  for (const group of groups.values()) if (group.actions.has(action)) layers.push(group.value);
  const own = actions.get(action);
  if (own !== undefined) layers.push(own);
  return layers;
}

function defaultsOfModules(table: DefaultsTable): ReadonlyMap<string, readonly Value[]> {
  if (table.ofModules === undefined) {
    const names = new Set(table.actions.keys());
    for (const { actions } of table.groups.values()) for (const name of actions) names.add(name);
    table.ofModules = new Map([...names].map((name) => [name, layersFor(name, table)]));
  }
  return table.ofModules;
}
