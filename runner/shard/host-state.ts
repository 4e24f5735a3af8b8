import type { Dict, Value } from "../model/value.ts";
import { decodeValue, encodeValue } from "../pool/encoding.ts";
import type { HostDelta } from "../pool/messages.ts";
import { combineInto } from "../vars/combine.ts";
import type { HostLayers, Layer } from "../vars/precedence.ts";

/** What a shard remembers of a host while a run goes on. */
export interface HostState {
  readonly name: string;
  readonly layers: HostLayers;
  /** Whether facts are variables of their own too (inject_facts_as_vars). */
  readonly injects: boolean;
  /** Whether dicts of the same name become one (hash_behaviour = merge). */
  readonly merges: boolean;
  /** Facts without the `ansible_` prefix, as `ansible_facts` shows them. */
  readonly facts: Dict;
  /** Counts changes, for other shards that keep a copy. */
  version: number;
  /** The interpreter that was found, until a module's result has told it. */
  interpreter: string | undefined;
  interpreterTold: boolean;
  /** Told of facts that were added, for a cache. */
  onFacts?: (facts: Dict) => void;
  /** The last failure, for rescue sections. */
  failedTask: Value;
  failedResult: Value;
}

/** A host of which nothing is known yet. */
export function createHostState(
  name: string,
  { injects, merges }: Pick<HostState, "injects" | "merges"> = { injects: true, merges: false },
): HostState {
  const facts: Dict = new Map();
  const injected: Dict = new Map([["ansible_facts", facts]]);
  return {
    name,
    injects,
    merges,
    facts,
    layers: {
      facts: final(injected),
      included: { vars: new Map(), final: false },
      set: { ...final(new Map()), trusted: new Set(), templates: new Set() },
    },
    version: 0,
    interpreter: undefined,
    interpreterTold: false,
    failedTask: null,
    failedResult: null,
  };
}

/** Adds facts from a result: under `ansible_facts` without prefix and, injected, under their own names (ansible/vars/clean.py, namespace_facts and clean_facts). */
export function addFacts(state: HostState, facts: Dict): void {
  if (facts.size > 0) state.onFacts?.(facts);
  const injected = state.layers.facts.vars as Dict;
  for (const [key, value] of facts) {
    if (typeof key !== "string") continue;
    state.facts.set(
      key.startsWith("ansible_") && key !== "ansible_local" ? key.slice("ansible_".length) : key,
      value,
    );
    if (state.injects && !isProtected(key)) injected.set(key, value);
  }
  state.version++;
}

/**
 * set_fact and register.
 *
 * @param trusted names whose values have nothing from outside in them
 * @param templates names whose values are templates
 */
export function setVars(
  state: HostState,
  vars: Iterable<readonly [Value, Value]>,
  trusted: ReadonlySet<Value> = NO_NAMES,
  templates: ReadonlySet<Value> = NO_NAMES,
): void {
  const { set } = state.layers;
  for (const [key, value] of vars) {
    (set.vars as Dict).set(key, value);
    mark(set.trusted as Set<unknown>, key, trusted.has(key));
    mark(set.templates as Set<unknown>, key, templates.has(key));
  }
  state.version++;
}

const NO_NAMES: ReadonlySet<Value> = new Set();

function mark(names: Set<unknown>, name: Value, isSo: boolean): void {
  if (isSo) names.add(name);
  else names.delete(name);
}

/** include_vars: values are templates. With hash_behaviour = merge, dicts add to those that were included before. */
export function includeVars(state: HostState, vars: Dict): void {
  combineInto(state.layers.included.vars as Dict, vars, state.merges);
  state.version++;
}

/** meta: clear_facts. The interpreter is among them: the next module tells it again. */
export function clearFacts(state: HostState): void {
  state.interpreterTold = false;
  state.facts.clear();
  const injected = state.layers.facts.vars as Dict;
  injected.clear();
  injected.set("ansible_facts", state.facts);
  state.version++;
}

/** Applies what another host's run_once task changed. */
export function applyDelta(state: HostState, delta: HostDelta): void {
  if (delta.facts !== undefined) addFacts(state, delta.facts);
  if (delta.included !== undefined) includeVars(state, delta.included);
  if (delta.set !== undefined)
    setVars(state, delta.set, new Set(delta.trusted), new Set(delta.templates));
}

/** A host's variables as bytes, for another shard. */
export function encodeState(state: HostState): Uint8Array {
  return encodeValue({
    name: state.name,
    injected: state.layers.facts.vars,
    included: state.layers.included.vars,
    set: state.layers.set.vars,
    trusted: [...(state.layers.set.trusted ?? [])],
    templates: [...(state.layers.set.templates ?? [])],
  });
}

/** The copy of another shard's host. */
export function decodeState(bytes: Uint8Array): HostState {
  const parts = decodeValue(bytes) as {
    name: string;
    injected: Dict;
    included: Dict;
    set: Dict;
    trusted: Value[];
    templates: Value[];
  };
  const state = createHostState(parts.name);
  const facts = parts.injected.get("ansible_facts") as Dict;
  for (const [key, value] of facts) state.facts.set(key, value);
  const injected = state.layers.facts.vars as Dict;
  for (const [key, value] of parts.injected) if (key !== "ansible_facts") injected.set(key, value);
  includeVars(state, parts.included);
  setVars(state, parts.set, new Set(parts.trusted), new Set(parts.templates));
  return state;
}

/** Connection variables that a target must not be able to set through facts (ansible/vars/clean.py). */
function isProtected(key: string): boolean {
  return (
    PROTECTED.test(key) ||
    (/^ansible_.*_interpreter$/.test(key) && key !== "ansible_discovered_interpreter")
  );
}

const PROTECTED =
  /^ansible_(?:connection|host|port|user|password|pass|become(?:_.*)?|ssh_.*|sudo_.*|shell_.*|python_interpreter|remote_tmp|winrm_.*|docker_.*|facts)$/;

function final(vars: Dict): Layer {
  return { vars, final: true };
}
