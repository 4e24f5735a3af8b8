import type { Action } from "./action.ts";
import { packageAction, serviceAction } from "./by-fact.ts";
import { includeRoleAction, includeTasksAction, metaAction } from "./control.ts";
import { copyAction } from "./copy.ts";
import { fetchAction } from "./fetch.ts";
import { gatherFactsAction } from "./gather-facts.ts";
import { pauseAction } from "./pause.ts";
import { rawAction } from "./raw.ts";
import { assertAction, debugAction, failAction } from "./say.ts";
import { scriptAction } from "./script.ts";
import { includeVarsAction, setFactAction } from "./set-vars.ts";
import { shellAction } from "./shell.ts";
import { templateAction } from "./template.ts";
import { assembleAction, unarchiveAction } from "./unarchive.ts";
import { waitForConnectionAction } from "./wait-for-connection.ts";

const ACTIONS: readonly Action[] = [
  assembleAction,
  assertAction,
  copyAction,
  debugAction,
  failAction,
  fetchAction,
  gatherFactsAction,
  includeRoleAction,
  includeTasksAction,
  includeVarsAction,
  metaAction,
  packageAction,
  pauseAction,
  rawAction,
  scriptAction,
  serviceAction,
  setFactAction,
  shellAction,
  templateAction,
  unarchiveAction,
  waitForConnectionAction,
];

const byName = new Map(ACTIONS.map((action) => [`ansible.builtin.${action.name}`, action]));
byName.set("ansible.builtin.include", includeTasksAction);

/** The action for a task, or undefined when it is just a module to send. */
export function findAction(resolvedAction: string): Action | undefined {
  return byName.get(resolvedAction.replace(/^ansible\.legacy\./, "ansible.builtin."));
}
