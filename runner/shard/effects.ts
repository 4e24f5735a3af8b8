import type { Task } from "../model/play.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import type { CustomStats, IncludeRequest } from "../pool/messages.ts";
import type { Effects } from "./action/action.ts";
import { addFacts, includeVars, setVars } from "./host-state.ts";
import { keyword, scopeOf } from "./item-scope.ts";
import type { TaskEnv } from "./task-env.ts";

/** Variables of one host that a task changed. */
interface Changes {
  readonly facts: Dict;
  readonly included: Dict;
  readonly set: Dict;
  readonly trusted: Value[];
  readonly templates: Value[];
}

/** Collects what the items of a task change. */
export interface Gathered extends Changes {
  readonly includes: IncludeRequest[];
  meta: string | undefined;
  /** Whether no_log holds for any item. What hides its own result hides that alone. */
  noLog: boolean;
  readonly stats: CustomStats[];
  delegate: string | undefined;
  /** What delegate_facts changed on other hosts. */
  readonly elsewhere: Map<string, Changes>;
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
  delegate: string | undefined,
): void {
  const owner =
    delegate !== undefined && keyword(env, task, task.delegateFacts, scopeOf(env, host, task))
      ? delegate
      : host;
  const state = env.state(owner);
  const changes = owner === host ? gathered : changesOf(gathered, owner);
  if (effects?.set !== undefined) {
    setVars(state, effects.set, effects.trusted, effects.templates);
    changes.trusted.push(...(effects.trusted ?? []));
    changes.templates.push(...(effects.templates ?? []));
    for (const [key, value] of effects.set) changes.set.set(key, value);
  }
  if (effects?.included !== undefined) {
    includeVars(state, effects.included);
    for (const [key, value] of effects.included) changes.included.set(key, value);
  }
  const facts = effects === undefined ? data.get("ansible_facts") : effects.facts;
  if (isDict(facts)) {
    addFacts(state, facts);
    for (const [key, value] of facts) changes.facts.set(key, value);
  }
  if (effects?.include !== undefined) gathered.includes.push({ ...effects.include, locals, label });
  if (effects?.stats !== undefined) gathered.stats.push(effects.stats);
  if (effects?.meta !== undefined) gathered.meta = effects.meta;
}

function changesOf({ elsewhere }: Gathered, host: string): Changes {
  let changes = elsewhere.get(host);
  if (changes === undefined) {
    changes = {
      facts: new Map(),
      included: new Map(),
      set: new Map(),
      trusted: [],
      templates: [],
    };
    elsewhere.set(host, changes);
  }
  return changes;
}
