import type { RunEvent } from "../model/event.ts";
import type { Inventory, InventoryChange } from "../model/host.ts";
import type { Play, Role, Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import type {
  DebugCommand,
  FromShard,
  HostOutcome,
  PauseAnswer,
  PauseRequest,
  ShardWire,
  ToShard,
} from "../pool/messages.ts";
import type { Placement } from "../pool/placement.ts";
import type { Pool } from "../pool/pool.ts";

/** A task sent to its hosts' shards. */
export interface Dispatch {
  readonly task: Task;
  readonly hosts: readonly string[];
  readonly alive: readonly string[];
  /** Whether a failure is kept for a rescue section. */
  readonly isRescued: boolean;
  /** Hosts that share the result (run_once). */
  readonly copyTo: readonly string[];
  readonly wantName: boolean;
  /** Puts the task again as the debugger left it for these hosts. */
  readonly again?: true;
  readonly onName: (name: string) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly onOutcome: (outcome: HostOutcome) => void;
}

/** The pool in the run's words. */
export interface Shards {
  play(play: Play, batch: readonly string[], allHosts: readonly string[]): void;
  addTasks(tasks: readonly Task[], roles: readonly Role[]): void;
  /** Runs a task; settles when every host has its outcome. @throws Error when a shard died. */
  run(dispatch: Dispatch): Promise<void>;
  /** Renders a keyword with a task's variables on a host. @throws Error when it cannot be rendered. */
  render(host: string, task: Task, alive: readonly string[], value: Value): Promise<Value>;
  /** What the debugger shows of what the user says about the last task of a host. */
  debug(host: string, command: DebugCommand, text: string): Promise<string>;
  clearFacts(hosts: readonly string[]): void;
  /** Drops connections, each as it is for the task that says so. */
  resetConnections(task: number, hosts: readonly string[]): Promise<void>;
  /** Ends all shards and sums up what their connections carried. */
  end(): Promise<ShardWire>;
  abort(reason: string): Promise<void>;
}

interface Under {
  readonly dispatch: Dispatch;
  readonly outstanding: Set<string>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The inventory as the shards' tasks change it. */
export interface ChangingInventory {
  readonly current: Inventory;
  readonly version: number;
  change(change: InventoryChange): boolean;
}

/**
 * Speaks to the shards of a pool; fails what a dead shard held.
 *
 * @param show takes what happens while no task of theirs runs, as between two tasks
 */
export function createShards(
  pool: Pool,
  placement: Placement,
  inventory: ChangingInventory,
  pause: (request: PauseRequest) => Promise<PauseAnswer>,
  show: (event: RunEvent) => void,
): Shards {
  const runs = new Map<number, Under>();
  const requests = new Map<
    number,
    {
      readonly from: number;
      readonly replies: Uint8Array[];
      waiting: number;
      readonly original: number;
    }
  >();
  const renders = new Map<number, (value: Value, error: string | undefined) => void>();
  const debugs = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  const resets = new Map<
    number,
    { waiting: number; resolve(): void; reject(error: Error): void }
  >();
  const wires: ShardWire[] = [];
  let knownInventory = inventory.version;
  let nextRun = 1;
  let nextRequest = 1;
  let dead: Error | undefined;
  let allEnded = (): void => undefined;

  const fail = (error: Error): void => {
    dead ??= error;
    for (const run of runs.values()) run.reject(error);
    runs.clear();
    for (const answer of renders.values()) answer(null, error.message);
    renders.clear();
    for (const waiting of debugs.values()) waiting.reject(error);
    debugs.clear();
    for (const waiting of resets.values()) waiting.reject(error);
    resets.clear();
  };
  pool.ended.catch((error: Error) =>
    fail(new Error(`a shard ended unexpectedly: ${error.message}`, { cause: error })),
  );
  pool.onMessage((shard, message) => hear(shard, message));

  function hear(shard: number, message: FromShard): void {
    switch (message.kind) {
      case "ready":
        return;
      case "named":
        runs.get(message.run)?.dispatch.onName(message.name);
        return;
      case "event":
        (runs.get(message.run)?.dispatch.onEvent ?? show)(message.event);
        return;
      case "outcome": {
        const run = runs.get(message.run);
        if (run === undefined) return;
        const { outcome } = message;
        if (outcome.shared !== undefined) share(shard, run.dispatch, outcome);
        for (const { host, delta } of outcome.elsewhere) {
          const owner = placement.shardOf(host);
          if (owner !== shard) pool.send(owner, { kind: "share", hosts: [host], delta });
        }
        run.dispatch.onOutcome(outcome);
        run.outstanding.delete(outcome.host);
        if (run.outstanding.size === 0) {
          runs.delete(message.run);
          run.resolve();
        }
        return;
      }
      case "state-request": {
        const request = nextRequest++;
        const others = [...Array(pool.size).keys()].filter((other) => other !== shard);
        requests.set(request, {
          from: shard,
          replies: [],
          waiting: others.length,
          original: message.request,
        });
        for (const other of others)
          pool.send(other, { kind: "state-request", request, since: message.since });
        return;
      }
      case "state-reply": {
        const request = requests.get(message.request);
        if (request === undefined) return;
        request.replies.push(message.state);
        if (request.replies.length < request.waiting) return;
        requests.delete(message.request);
        pool.send(request.from, {
          kind: "state-reply",
          request: request.original,
          states: request.replies,
        });
        return;
      }
      case "inventory-change": {
        const { request, change } = message;
        try {
          const changed = inventory.change(change);
          pool.send(shard, { kind: "inventory-changed", request, changed, error: undefined });
        } catch (error) {
          const text = (error as Error).message;
          pool.send(shard, { kind: "inventory-changed", request, changed: false, error: text });
        }
        return;
      }
      case "rendered":
        renders.get(message.request)?.(message.value, message.error);
        renders.delete(message.request);
        return;
      case "debugged":
        debugs.get(message.request)?.resolve(message.text);
        debugs.delete(message.request);
        return;
      case "connections-reset": {
        const reset = resets.get(message.request);
        if (reset === undefined || --reset.waiting > 0) return;
        resets.delete(message.request);
        reset.resolve();
        return;
      }
      case "pause-request":
        pause(message.pause).then(
          (answer) => pool.send(shard, { kind: "pause-reply", request: message.request, answer }),
          fail,
        );
        return;
      case "ended":
        wires.push(message.wire);
        if (wires.length === pool.size) allEnded();
        return;
      case "failed":
        fail(Object.assign(new Error(message.message), { stack: message.stack }));
        return;
    }
  }

  function share(from: number, dispatch: Dispatch, outcome: HostOutcome): void {
    for (const [shard, hosts] of placement.split(dispatch.copyTo)) {
      if (shard !== from) pool.send(shard, { kind: "share", hosts, delta: outcome.shared! });
    }
  }

  const all = (message: ToShard): void => {
    for (let shard = 0; shard < pool.size; shard++) pool.send(shard, message);
  };

  /** What tasks added to the inventory is visible from the next task on, as in Ansible. */
  const tellInventory = (): void => {
    if (inventory.version === knownInventory) return;
    knownInventory = inventory.version;
    all({ kind: "inventory", inventory: inventory.current });
  };

  return {
    play(play, batch, allHosts) {
      tellInventory();
      const parts = placement.split(batch);
      for (let shard = 0; shard < pool.size; shard++) {
        pool.send(shard, { kind: "play", play, own: parts.get(shard) ?? [], batch, allHosts });
      }
    },
    addTasks: (tasks, roles) => all({ kind: "tasks", tasks, roles }),
    run(dispatch) {
      if (dead !== undefined) return Promise.reject(dead);
      tellInventory();
      return new Promise((resolve, reject) => {
        const run = nextRun++;
        runs.set(run, { dispatch, outstanding: new Set(dispatch.hosts), resolve, reject });
        const first = placement.shardOf(dispatch.hosts[0]!);
        for (const [shard, hosts] of placement.split(dispatch.hosts)) {
          pool.send(shard, {
            kind: "run",
            run,
            task: dispatch.task.id,
            hosts,
            alive: dispatch.alive,
            isRescued: dispatch.isRescued,
            copyTo: dispatch.copyTo,
            wantName: dispatch.wantName && shard === first,
            ...(dispatch.again === true ? { again: true } : {}),
          });
        }
      });
    },
    render(host, task, alive, value) {
      if (dead !== undefined) return Promise.reject(dead);
      tellInventory();
      const request = nextRequest++;
      return new Promise((resolve, reject) => {
        renders.set(request, (rendered, error) =>
          error === undefined ? resolve(rendered) : reject(new Error(error)),
        );
        pool.send(placement.shardOf(host), {
          kind: "render",
          request,
          task: task.id,
          host,
          alive,
          value,
        });
      });
    },
    debug(host, command, text) {
      if (dead !== undefined) return Promise.reject(dead);
      const request = nextRequest++;
      return new Promise((resolve, reject) => {
        debugs.set(request, { resolve, reject });
        pool.send(placement.shardOf(host), { kind: "debug", request, host, command, text });
      });
    },
    clearFacts: (hosts) => all({ kind: "clear-facts", hosts }),
    resetConnections(task, hosts) {
      if (dead !== undefined) return Promise.reject(dead);
      const request = nextRequest++;
      return new Promise((resolve, reject) => {
        resets.set(request, { waiting: pool.size, resolve, reject });
        all({ kind: "reset-connections", request, task, hosts });
      });
    },
    async end() {
      const ended = new Promise<void>((resolve) => {
        allEnded = resolve;
      });
      all({ kind: "end" });
      // The last words of a thread may arrive after its end.
      await Promise.all([ended, pool.ended]);
      await pool.destroy();
      return wires.reduce(add, {
        connections: 0,
        roundTrips: 0,
        bytesSent: 0,
        bytesReceived: 0,
        framesSent: 0,
        framesReceived: 0,
      });
    },
    async abort(reason) {
      fail(new Error(reason));
      all({ kind: "abort", reason });
      await Promise.race([
        pool.ended.catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 2000).unref()),
      ]);
      await pool.destroy();
    },
  };
}

function add(a: ShardWire, b: ShardWire): ShardWire {
  return {
    connections: a.connections + b.connections,
    roundTrips: a.roundTrips + b.roundTrips,
    bytesSent: a.bytesSent + b.bytesSent,
    bytesReceived: a.bytesReceived + b.bytesReceived,
    framesSent: a.framesSent + b.framesSent,
    framesReceived: a.framesReceived + b.framesReceived,
  };
}
