import type { CallResult, CallSpec, SourceBundle } from "#router";
import type { InventoryChange } from "../../model/host.ts";
import type { Condition, Role, Task } from "../../model/play.ts";
import type { Dict, Value } from "../../model/value.ts";
import type {
  CustomStats,
  IncludeRequest,
  PauseAnswer,
  PauseRequest,
  ShardOptions,
} from "../../pool/messages.ts";
import type { Environment } from "../../template/environment.ts";
import type { VarScope } from "../../vars/scope.ts";
import type { Invocation, ModuleCatalogue, ModuleFlags } from "../module/invocation.ts";

/** Everything an action may look at while it prepares. */
export interface ActionInput {
  readonly host: string;
  readonly task: Task;
  /** Rendered, module_defaults merged, omitted ones gone. */
  readonly args: Dict;
  /** Arguments that values from outside went into; known for the actions that render them again or hand them on. */
  readonly unsafeArgs: ReadonlySet<Value>;
  readonly scope: VarScope;
  readonly flags: ModuleFlags;
  /** Where jobs leave their results. */
  readonly asyncDir: string;
  readonly environment: Environment;
  readonly catalogue: ModuleCatalogue;
  readonly options: ShardOptions;
  readonly role: Role | undefined;
  /** Makes a module's call with the task's flags; of a module that is not the core's, with its file. */
  invoke(name: string, args: Dict, flags?: Partial<ModuleFlags>, path?: string): Invocation;
  /** Tests a condition, with the warning that Ansible gives for braces in it. @throws TemplateError */
  holds(source: Condition["source"]): boolean;
  /** Finds a file that the playbook brings along: role's folder, play's folder ... @throws Error listing where it looked. */
  findFile(folder: "files" | "templates" | "vars", name: string): string;
}

/** What an action decided. All of it before anything is sent. */
export type Prepared =
  /** The result is known: nothing to send. */
  | { readonly kind: "done"; readonly result: Dict; readonly effects?: Effects }
  /** One call; calls of several loop items may share a batch. */
  | {
      readonly kind: "call";
      readonly call: CallSpec;
      readonly sources: readonly SourceBundle[];
      finish(result: CallResult): Dict;
      readonly isModule?: boolean;
    }
  /** Several steps, each of which may wait for the one before. */
  | { readonly kind: "steps"; run(io: ActionIo): Promise<Dict> }
  /** A plugin in Python decides, and asks for what it needs of the target. */
  | { readonly kind: "plugin"; readonly input: ActionInput }
  /** Ansible's own action is to run over a connection that exists only as a plugin in Python. */
  | { readonly kind: "foreign"; readonly input: ActionInput }
  /** Adds to the inventory; the result says whether that changed anything. */
  | { readonly kind: "inventory"; readonly change: InventoryChange; readonly result: Dict };

/** What an action may change besides its result. */
export interface Effects {
  /** set_fact: final values, but for `templates`. */
  readonly set?: Dict;
  /** Names of `set` whose values have nothing from outside in them. */
  readonly trusted?: ReadonlySet<Value>;
  /** Names of `set` whose values are templates. */
  readonly templates?: ReadonlySet<Value>;
  /** include_vars: templates. */
  readonly included?: Dict;
  /** set_fact with cacheable. */
  readonly facts?: Dict;
  readonly include?: Omit<IncludeRequest, "label" | "locals">;
  readonly meta?: string;
  readonly stats?: CustomStats;
}

/** The network as an action sees it. */
export interface ActionIo {
  /** Runs calls in one round trip; with `stop`, up to the first failure. Results in order. */
  batch(calls: readonly Invocation[], stop: boolean): Promise<readonly CallResult[]>;
  /** Runs a command without an agent (raw). */
  exec(
    command: string,
    executable: string | undefined,
    timeoutSeconds?: number,
  ): Promise<{ rc: number; stdout: Uint8Array; stderr: Uint8Array }>;
  /** Streams content that is too large for one call; resolves with what names it in a call. */
  putFile(chunks: AsyncIterable<Uint8Array>): Promise<{ readonly id: number }>;
  sleep(seconds: number): Promise<void>;
  /** The home folder of the account on the target. */
  home(): Promise<string>;
  pause(request: PauseRequest): Promise<PauseAnswer>;
  /** Drops the host's connection, so that the next use makes a new one. */
  reset(): Promise<void>;
  /** Whether it is this very machine that is reached. */
  readonly isLocal: boolean;
  readonly signal: AbortSignal;
}

/** One action of the controller: from arguments to what is to be done. */
export interface Action {
  readonly name: string;
  /** @throws Error whose message becomes the task's failure. */
  prepare(input: ActionInput): Prepared;
}

/** A result from plain fields. */
export function done(result: Dict, effects?: Effects): Prepared {
  return effects === undefined ? { kind: "done", result } : { kind: "done", result, effects };
}

/** A failure of the task with Ansible's usual shape. */
export function failed(msg: Value, more?: Dict): Prepared {
  return {
    kind: "done",
    result: new Map<Value, Value>([["failed", true], ["msg", msg], ...(more ?? [])]),
  };
}

/** A failure whose Ansible counterpart carries a traceback: its last line is shown in front of the result. */
export function failedWith(exception: string, msg: string): Prepared {
  return {
    kind: "done",
    result: new Map<Value, Value>([
      ["changed", false],
      ["exception", exception],
      ["failed", true],
      ["msg", msg],
    ]),
  };
}
