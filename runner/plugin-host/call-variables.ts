import type { Value } from "../model/value.ts";
import { tupleOf } from "../template/py-types.ts";
import { MISSING, type Scope } from "../template/run.ts";

/** What a plugin can ask of a dict that stays here. */
export type Reading = "get" | "has" | "keys";

/** The variables that one call may read, and the dicts among them that are made as they are read. */
export interface CallVariables {
  /**
   * @param index which of the scopes, or a dict's number
   * @throws what rendering a variable throws; Error for a number that was never given
   */
  read(reading: Reading, index: number, key: unknown): unknown;
  /** The number by which a dict can be asked for what is in it. */
  number(dict: ReadonlyMap<unknown, unknown>): number;
}

/** Variables of scopes, which have the first numbers. */
export function createCallVariables(scopes: readonly Scope[]): CallVariables {
  const sources: Source[] = scopes.map(ofScope);
  const numbers = new Map<ReadonlyMap<unknown, unknown>, number>();
  return {
    read(reading, index, key) {
      const source = sources[index];
      if (source === undefined) throw new Error("a plugin read variables of a call that is over");
      return source[reading](key);
    },
    number(dict) {
      let number = numbers.get(dict);
      if (number === undefined) {
        number = sources.push(ofDict(dict)) - 1;
        numbers.set(dict, number);
      }
      return number;
    },
  };
}

interface Source {
  /** A tuple of the value (and, in a scope, whether it is final), or null. */
  get(key: unknown): unknown;
  has(key: unknown): boolean;
  keys(): readonly unknown[];
}

function ofScope(scope: Scope): Source {
  return {
    get(key) {
      const name = String(key);
      const raw = scope.raw?.(name) ?? MISSING;
      if (raw !== MISSING) return tupleOf([raw as Value, scope.isFinal?.(name) === true]);
      const value = scope.get(name);
      return value === MISSING || value === undefined ? null : tupleOf([value as Value, true]);
    },
    has(key) {
      const name = String(key);
      const raw = scope.raw?.(name) ?? MISSING;
      return raw !== MISSING || scope.get(name) !== MISSING;
    },
    keys: () => [...(scope.context.scopeVars?.() ?? [])],
  };
}

function ofDict(dict: ReadonlyMap<unknown, unknown>): Source {
  return {
    get(key) {
      const value = dict.get(key);
      return value === undefined ? null : tupleOf([value as Value]);
    },
    has: (key) => dict.has(key),
    keys: () => [...dict.keys()],
  };
}
