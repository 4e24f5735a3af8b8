import type { Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import type { Environment } from "../template/environment.ts";
import { typeName } from "../template/py-types.ts";
import type { VarScope } from "../vars/scope.ts";
import { TaskError } from "./task-error.ts";

/**
 * Rendered module_defaults as one dict, later layers over earlier ones (`get_action_args_with_defaults` of
 * ansible/executor/module_common.py).
 *
 * @throws TaskError for a layer that is no dictionary, TemplateError for one that cannot be rendered.
 */
export function renderDefaults(
  layers: readonly Value[],
  task: Task,
  environment: Environment,
  scope: VarScope,
): Dict {
  const defaults: Dict = new Map();
  for (const layer of layers) {
    const rendered = environment.renderValue(layer, scope, task.origin, { keys: false });
    if (rendered === null) continue;
    if (!isDict(rendered)) {
      throw new TaskError(
        `the module_defaults of '${task.action}' must be a dictionary, not a ${typeName(rendered)}`,
      );
    }
    for (const [key, value] of rendered) defaults.set(key, value);
  }
  return defaults;
}
