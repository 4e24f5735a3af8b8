import type { Inventory } from "../model/host.ts";
import type { Play } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { hostNamed } from "../vars/host-named.ts";
import { LazyDict } from "../vars/lazy-dict.ts";
import type { HostLayers } from "../vars/precedence.ts";
import type { SharedScope, VarScope } from "../vars/scope.ts";
import type { TaskEnv } from "./task-env.ts";

/**
 * `hostvars`: every host of the inventory, and this machine where no source names it, each one's variables rendered when they
 * are read (ansible/vars/hostvars.py).
 *
 * @param varsOf one host's variables: see sharedVars() and ownVars().
 */
export function hostvars(
  { inventory, play }: Pick<TaskEnv, "inventory" | "play">,
  varsOf: (host: string) => LazyDict,
): Value {
  const dicts = new Map<string, LazyDict>();
  // An implicit localhost is the host that a play names; by its addresses it is the same one.
  const implicit = play.allHosts.find((host) => inventory.implicit?.has(host) === true);
  return new LazyDict(
    () => namesOf(inventory),
    (name) => {
      const known = dicts.get(name);
      if (known !== undefined) return known;
      const named = hostNamed(inventory, name);
      if (named === undefined) return undefined;
      const dict = varsOf(named.implicit ? (implicit ?? name) : name);
      dicts.set(name, dict);
      return dict;
    },
  );
}

/** The variables of hosts for one reader alone. */
export function ownVars(scopeOf: (host: string) => VarScope): (host: string) => LazyDict {
  const dicts = new Map<string, LazyDict>();
  return (host) => {
    let dict = dicts.get(host);
    if (dict === undefined) {
      dict = varsIn(scopeOf(host));
      dicts.set(host, dict);
    }
    return dict;
  };
}

/**
 * The variables of hosts for one of many readers. As long as a host stays as it is, all readers of a shard share what they render of
 * it: 250 hosts that read each other render 250 hosts, not 62500. What may be different each time is rendered for each reader.
 */
export function sharedVars(
  { inventory, peek, play: { play } }: Pick<TaskEnv, "inventory" | "peek" | "play">,
  scopeOf: (host: string) => SharedScope,
): (host: string) => LazyDict {
  const reader = {};
  return (host) => {
    const { layers, version } = peek(host);
    let known = shared.get(layers);
    if (known?.version !== version || known.inventory !== inventory || known.play !== play) {
      const scope = scopeOf(host);
      known = { version, inventory, play, scope, dict: varsIn(scope), reader };
      shared.set(layers, known);
    }
    if (known.reader !== reader) {
      known.scope.renew();
      known.reader = reader;
    }
    return known.dict;
  };
}

interface SharedHost {
  readonly version: number;
  readonly inventory: Inventory;
  readonly play: Play;
  readonly scope: SharedScope;
  readonly dict: LazyDict;
  /** Who read last. */
  reader: object;
}

const shared = new WeakMap<HostLayers, SharedHost>();

const namesByInventory = new WeakMap<Inventory, ReadonlySet<string>>();

/** An inventory that does not name this machine has an implicit localhost behind its own hosts. */
function namesOf(inventory: Inventory): ReadonlySet<string> {
  const { hosts } = inventory;
  let names = namesByInventory.get(inventory);
  if (names === undefined) {
    const isNamed = LOCALHOSTS.some((name) => hosts.has(name));
    names = new Set(isNamed ? hosts.keys() : [...hosts.keys(), "localhost"]);
    namesByInventory.set(inventory, names);
  }
  return names;
}

const LOCALHOSTS = ["localhost", "127.0.0.1", "::1"];

/** A variable that cannot be rendered without the play's variables is shown as it is written. */
function varsIn(scope: VarScope): LazyDict {
  return new LazyDict(
    () => scope.names(),
    (name) => {
      try {
        const value = scope.get(name);
        return value === MISSING ? undefined : (value as Value);
      } catch (error) {
        if (error instanceof TemplateError && error.kind === "undefined")
          return scope.raw(name) as Value;
        throw error;
      }
    },
    (name) => scope.keeps(name),
  );
}
