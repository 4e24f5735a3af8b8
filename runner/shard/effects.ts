import type { Task } from "../model/play.ts";
import { type Dict, isDict } from "../model/value.ts";
import type { CustomStats, IncludeRequest } from "../pool/messages.ts";
import type { Effects } from "./action/action.ts";
import { addFacts, includeVars, setVars } from "./host-state.ts";
import { keyword, scopeOf } from "./item-scope.ts";
import type { TaskEnv } from "./task-env.ts";

/** Collects what the items of a task change. */
export interface Gathered {
  readonly includes: IncludeRequest[];
  meta: string | undefined;
  readonly stats: CustomStats[];
  delegate: string | undefined;
  readonly facts: Dict;
  readonly included: Dict;
  readonly set: Dict;
}

/** Applies what an action's effects and a result's facts change on the host, at once: later items may read it. */
export function applyEffects(
  env: TaskEnv,
  host: string,
  task: Task,
  data: Dict,
  effects: Effects | undefined,
  locals: Dict,
  label: string | undefined,
  gathered: Gathered,
): void {
  const state = env.state(host);
  if (effects?.set !== undefined) {
    setVars(state, effects.set);
    for (const [key, value] of effects.set) gathered.set.set(key, value);
  }
  if (effects?.included !== undefined) {
    includeVars(state, effects.included);
    for (const [key, value] of effects.included) gathered.included.set(key, value);
  }
  const facts = effects === undefined ? data.get("ansible_facts") : effects.facts;
  if (isDict(facts)) {
    const owner =
      gathered.delegate !== undefined &&
      keyword(env, task, task.delegateFacts, scopeOf(env, host, task))
        ? gathered.delegate
        : host;
    addFacts(env.state(owner), facts);
    if (owner === host) for (const [key, value] of facts) gathered.facts.set(key, value);
  }
  if (effects?.include !== undefined) gathered.includes.push({ ...effects.include, locals, label });
  if (effects?.stats !== undefined) gathered.stats.push(effects.stats);
  if (effects?.meta !== undefined) gathered.meta = effects.meta;
}
