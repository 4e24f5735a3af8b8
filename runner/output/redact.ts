import { type Dict, isDict, type Value } from "../model/value.ts";

/** Whether a result must not be shown. */
export function isSecret(result: Dict): boolean {
  const mark = result.get("_ansible_no_log");
  return mark !== undefined && mark !== null && mark !== false && mark !== "" && mark !== 0;
}

/**
 * What may be shown of a result of a `no_log` task: a notice, what the status line tells anyway, and how a delegate is
 * reached (`TaskResult.clean_copy` of ansible/executor/task_result.py).
 */
export function redactResult(result: Dict): Dict {
  const shown: Dict = new Map([["censored", NOTICE]]);
  for (const key of KEPT) {
    const value = result.get(key);
    if (value !== undefined) shown.set(key, value);
  }
  const delegated = result.get("_ansible_delegated_vars");
  if (isDict(delegated)) shown.set("_ansible_delegated_vars", delegated);
  return shown;
}

const KEPT: readonly Value[] = ["attempts", "changed", "retries"];
const NOTICE =
  "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
