import { decodeValue, encodeValue } from "../pool/encoding.ts";
import type { FromShard, ShardInit, ToShard } from "../pool/messages.ts";
import type { FactCache } from "./fact-cache.ts";
import {
  addFacts,
  clearFacts,
  createHostState,
  decodeState,
  encodeState,
  type HostState,
} from "./host-state.ts";
import type { Requests } from "./requests.ts";
import { canWait, NeedHostState } from "./task-env.ts";
import type { TimeSlice } from "./time-slice.ts";

/** What a shard knows of hosts: its own, and those of other shards as far as templates have asked for them. */
export interface HostStates {
  /** Hosts of a play: those that are this shard's, and all. */
  name(own: readonly string[], all: readonly string[]): void;
  /** The state of a host of this shard, made on first use. */
  of(host: string): HostState;
  /** The state of any host. @throws NeedHostState when it lives in another shard and no copy is fresh, or when reading its facts has to wait. */
  peek(host: string): HostState;
  /** Brings what was missing when NeedHostState was thrown. */
  fetch(): Promise<void>;
  /** The copies of other shards' hosts may be old from now on. */
  expire(): void;
  /** meta: clear_facts. */
  clearFacts(host: string): void;
  /** Takes what other shards answered. */
  take(reply: Extract<ToShard, { kind: "state-reply" }>): void;
  /** The encoded states of all hosts that are this shard's. */
  encode(): Promise<Uint8Array>;
}

export interface HostStatesOptions {
  readonly init: ShardInit;
  readonly cache: FactCache;
  readonly slice: TimeSlice;
  readonly requests: Requests;
  readonly send: (message: Extract<FromShard, { kind: "state-request" }>) => void;
}

/** Makes {@link HostStates}, empty. Facts of earlier runs are read from the cache when a host is asked for first. */
export function createHostStates(options: HostStatesOptions): HostStates {
  const { init, cache, slice, requests, send } = options;
  const states = new Map<string, HostState>();
  /** Copies of other shards' hosts, and whether they are fresh for the task under way. */
  const copies = new Map<string, HostState>();
  let areFresh = false;
  /** All hosts that were ever this shard's, and all that a play of this run has named. */
  const mine = new Set<string>();
  const played = new Set<string>();
  /** Hosts whose cached facts a template waits for. */
  const awaited = new Set<string>();
  /** A template waits for copies of other shards' hosts. */
  let wantsCopies = false;

  const of = (host: string): HostState => {
    let state = states.get(host);
    if (state === undefined) {
      const { injectFacts: injects, mergeHash: merges } = init.options;
      state = createHostState(host, { injects, merges });
      states.set(host, state);
      attachCache(state);
    }
    return state;
  };

  /** Facts of earlier runs, and a place for new ones. */
  const attachCache = (state: HostState): void => {
    const { kind, flush } = init.options.factCache;
    if (kind === "none") return;
    if (flush) cache.forget(state.name);
    const known = cache.load(state.name);
    if (known !== undefined) addFacts(state, known);
    state.onFacts = (facts) => cache.update(state.name, facts);
  };

  /** Who reads all hosts at once reads all their cached facts: not in one go. A host that was waited for is read in any case. */
  const mustWait = (host: string): boolean => {
    if (init.options.factCache.kind === "none" || states.has(host)) return false;
    if (awaited.delete(host) || !canWait() || !slice.isSpent()) return false;
    awaited.add(host);
    return true;
  };

  return {
    of,
    name(own, all) {
      for (const host of own) mine.add(host);
      for (const host of all) played.add(host);
    },
    peek(host) {
      // A host that no play ever named cannot have changed in another shard.
      if (mine.has(host) || init.alone || !played.has(host)) {
        if (mustWait(host)) throw new NeedHostState(`the facts of ${host} are not read yet`);
        return of(host);
      }
      wantsCopies = !areFresh;
      if (wantsCopies) throw new NeedHostState(`the variables of ${host} live in another shard`);
      return copies.get(host) ?? createHostState(host);
    },
    async fetch() {
      await slice.turn();
      if (!wantsCopies || areFresh) return;
      await requests.ask((request) => send({ kind: "state-request", request, since: 0 }));
      areFresh = true;
    },
    expire() {
      areFresh = false;
    },
    clearFacts(host) {
      clearFacts(of(host));
      cache.forget(host);
    },
    take({ request, states: encoded }) {
      for (const bytes of encoded) {
        for (const one of decodeValue(bytes) as Uint8Array[]) {
          const state = decodeState(one);
          copies.set(state.name, state);
        }
      }
      requests.answer(request, undefined);
    },
    async encode() {
      const encoded: Uint8Array[] = [];
      for (const host of mine) {
        if (slice.isSpent()) await slice.turn();
        encoded.push(encodeState(of(host)));
      }
      return encodeValue(encoded);
    },
  };
}
