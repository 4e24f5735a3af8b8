/** Which shard a host belongs to, for the whole run: its connection, variables and templates stay warm there. */
export interface Placement {
  readonly shards: number;
  shardOf(host: string): number;
  /** Hosts by shard, order kept; shards without hosts are left out. */
  split(hosts: readonly string[]): ReadonlyMap<number, readonly string[]>;
}

/** Hosts are dealt round robin in the order in which they are first seen, so that every batch of a rolling play uses all shards. */
export function createPlacement(shards: number): Placement {
  const places = new Map<string, number>();
  const shardOf = (host: string): number => {
    let shard = places.get(host);
    if (shard === undefined) {
      shard = places.size % shards;
      places.set(host, shard);
    }
    return shard;
  };
  return {
    shards,
    shardOf,
    split(hosts) {
      const parts = new Map<number, string[]>();
      for (const host of hosts) {
        const shard = shardOf(host);
        const part = parts.get(shard);
        if (part === undefined) parts.set(shard, [host]);
        else part.push(host);
      }
      return parts;
    },
  };
}

/** Hosts a further thread must have to be worth its start (half a second of CPU and 40 MB: code, sources and templates once more). */
const HOSTS_PER_THREAD = 100;

/** How many shards a run of that many hosts gets when --shards does not say. */
export function shardCount(hosts: number, cores: number): number {
  return Math.max(1, Math.min(cores, Math.floor(hosts / HOSTS_PER_THREAD)));
}
