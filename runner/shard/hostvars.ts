import type { Inventory } from "../model/host.ts";
import type { Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { hostNamed } from "../vars/host-named.ts";
import { LazyDict } from "../vars/lazy-dict.ts";
import type { VarScope } from "../vars/scope.ts";
import type { TaskEnv } from "./task-env.ts";

/**
 * `hostvars`: every host of the inventory, and this machine where no source names it, each one's variables rendered when they
 * are read. A variable that cannot be rendered without the play's variables is shown as it is written (ansible/vars/hostvars.py).
 */
export function hostvars(
  { inventory, play }: Pick<TaskEnv, "inventory" | "play">,
  scopeOf: (host: string) => VarScope,
): Value {
  const dicts = new Map<string, LazyDict>();
  // An implicit localhost is the host that a play names; by its addresses it is the same one.
  const implicit = play.allHosts.find((host) => inventory.implicit?.has(host) === true);
  return new LazyDict(
    () => namesOf(inventory),
    (name) => {
      const named = hostNamed(inventory, name);
      if (named === undefined) return undefined;
      const host = named.implicit ? (implicit ?? name) : name;
      let dict = dicts.get(host);
      if (dict === undefined) {
        dict = varsOf(scopeOf(host));
        dicts.set(host, dict);
      }
      return dict;
    },
  );
}

/** An inventory that does not name this machine has an implicit localhost behind its own hosts. */
function namesOf({ hosts }: Inventory): Iterable<string> {
  return LOCALHOSTS.some((name) => hosts.has(name)) ? hosts.keys() : [...hosts.keys(), "localhost"];
}

const LOCALHOSTS = ["localhost", "127.0.0.1", "::1"];

function varsOf(scope: VarScope): LazyDict {
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
