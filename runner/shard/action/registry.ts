import type { Task } from "../../model/play.ts";
import type { Action } from "./action.ts";
import { assembleAction } from "./assemble.ts";
import { asyncStatusAction } from "./async-status.ts";
import { packageAction, serviceAction } from "./by-fact.ts";
import { includeRoleAction, includeTasksAction, metaAction } from "./control.ts";
import { copyAction } from "./copy.ts";
import { fetchAction } from "./fetch.ts";
import { gatherFactsAction, setupAction } from "./gather-facts.ts";
import { includeVarsAction } from "./include-vars.ts";
import { addHostAction, groupByAction } from "./inventory.ts";
import { pauseAction } from "./pause.ts";
import { rawAction } from "./raw.ts";
import { rebootAction } from "./reboot.ts";
import { assertAction, debugAction, failAction } from "./say.ts";
import { scriptAction } from "./script.ts";
import { setFactAction } from "./set-fact.ts";
import { setStatsAction } from "./set-stats.ts";
import { shellAction } from "./shell.ts";
import { templateAction } from "./template.ts";
import { unarchiveAction } from "./unarchive.ts";
import { uriAction } from "./uri.ts";
import { validateArgumentSpecAction } from "./validate-argument-spec.ts";
import { waitForConnectionAction } from "./wait-for-connection.ts";
import { yumAction } from "./yum.ts";

const ACTIONS: readonly Action[] = [
  addHostAction,
  assembleAction,
  assertAction,
  asyncStatusAction,
  copyAction,
  debugAction,
  failAction,
  fetchAction,
  gatherFactsAction,
  groupByAction,
  includeRoleAction,
  includeTasksAction,
  includeVarsAction,
  metaAction,
  packageAction,
  pauseAction,
  rawAction,
  rebootAction,
  scriptAction,
  serviceAction,
  setFactAction,
  setStatsAction,
  setupAction,
  shellAction,
  templateAction,
  unarchiveAction,
  uriAction,
  validateArgumentSpecAction,
  waitForConnectionAction,
  yumAction,
];

const byName = new Map(ACTIONS.map((action) => [`ansible.builtin.${action.name}`, action]));
byName.set("ansible.builtin.include", includeTasksAction);

/** The action for a task, or undefined when it is just a module to send. */
export function findAction(resolvedAction: string): Action | undefined {
  return byName.get(resolvedAction.replace(/^ansible\.legacy\./, "ansible.builtin."));
}

/** Whether a task may want to reach its host at all. */
export function reachesHost({ resolvedAction, plugin }: Task): boolean {
  return plugin !== undefined || !AT_HOME.has(shortName(resolvedAction));
}

/** Whether a task will almost certainly call a module: what acts on the controller alone, or without Python, does not, and plugins may not. */
export function needsAgent({ resolvedAction, plugin }: Task): boolean {
  if (plugin !== undefined) return false;
  const name = shortName(resolvedAction);
  return !AT_HOME.has(name) && !WITHOUT_AGENT.has(name);
}

function shortName(resolvedAction: string): string {
  return resolvedAction.replace(/^ansible\.(builtin|legacy)\./, "");
}

const WITHOUT_AGENT: ReadonlySet<string> = new Set(["raw", "wait_for_connection"]);

/** What acts on the controller alone. */
const AT_HOME: ReadonlySet<string> = new Set([
  "add_host",
  "assert",
  "debug",
  "fail",
  "group_by",
  "include",
  "include_role",
  "include_tasks",
  "include_vars",
  "meta",
  "pause",
  "set_fact",
  "set_stats",
  "validate_argument_spec",
]);
