import type { Link, LinkSpec } from "#router";
import type { RunEvent } from "../model/event.ts";
import type { Inventory, InventoryChange } from "../model/host.ts";
import type { Play, Task } from "../model/play.ts";
import type { ActionHost } from "../plugin-host/action-host.ts";
import type { PauseAnswer, PauseRequest, ShardOptions } from "../pool/messages.ts";
import type { Environment } from "../template/environment.ts";
import { Interruption } from "../template/error.ts";
import type { Layer } from "../vars/precedence.ts";
import type { VarScope } from "../vars/scope.ts";
import type { SshResolver } from "./connection.ts";
import type { HostState } from "./host-state.ts";
import type { ModuleCatalogue } from "./module/invocation.ts";
import type { IsHidden } from "./own-plugins.ts";

/** What running tasks needs from its shard. */
export interface TaskEnv {
  readonly options: ShardOptions;
  readonly environment: Environment;
  readonly catalogue: ModuleCatalogue;
  /** Runs action plugins in Python. */
  readonly actions: ActionHost;
  readonly inventory: Inventory;
  /** Adds to the inventory, which lives in the main thread. @returns whether anything is different now. */
  changeInventory(change: InventoryChange): Promise<boolean>;
  readonly extra: Layer;
  readonly play: PlayContext;
  /** State of a host of this shard, made on first use. */
  state(host: string): HostState;
  /** State of any host for hostvars. @throws NeedHostState when it lives in another shard and no copy is fresh, or when reading its facts has to wait. */
  peek(host: string): HostState;
  /** Brings what was missing when NeedHostState was thrown. */
  fetchStates(): Promise<void>;
  /** Whether a plugin of the user's own stands in the place of one that comes with Ansible. */
  readonly isHidden: Readonly<Record<"connection" | "become", IsHidden>>;
  link(key: string, spec: LinkSpec): Link;
  readonly ssh: SshResolver;
  /** Begins to connect to a task's host, once per host, when the task is going to need its agent. Costs nothing when it was wrong. */
  warmUp(host: string, task: Task, scope: VarScope): void;
  emit(event: RunEvent): void;
  sleep(seconds: number): Promise<void>;
  /** Lets somebody at the terminal say when to go on. */
  pause(request: PauseRequest): Promise<PauseAnswer>;
  readonly signal: AbortSignal;
}

/** The play that is running, as a shard sees it. */
export interface PlayContext {
  readonly play: Play;
  readonly batch: readonly string[];
  readonly allHosts: readonly string[];
  /** Hosts of the play that have not failed; changes from task to task. */
  alive: readonly string[];
  /** Whether a failure of the task under way is kept for a rescue section. */
  isRescued: boolean;
}

/** Thrown while variables of hosts are not there yet that a template reads from hostvars: fetch, then render again. */
export class NeedHostState extends Interruption {}

/** Whether an error is NeedHostState, or was caused by it: templates wrap what their variables throw. */
export function needsHostState(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof NeedHostState) return true;
  return false;
}

/**
 * Does something that renders templates; when they read hosts whose variables are not there yet, fetches them and does it again.
 * Nothing may have been sent before.
 */
export async function withHostStates<T>(env: TaskEnv, attempt: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await waiting(attempt);
    } catch (error) {
      if (!needsHostState(error)) throw error;
    }
    await env.fetchStates();
  }
}

/** Whether what runs just now can be interrupted by NeedHostState and begins again. */
export function canWait(): boolean {
  return attempts > 0;
}

let attempts = 0;

/** The flag holds for the part of an attempt that runs before its first await: templates are rendered there. */
function waiting<T>(attempt: () => T): T {
  attempts++;
  try {
    return attempt();
  } finally {
    attempts--;
  }
}
