import type { RunEvent } from "../model/event.ts";
import type { Inventory, InventoryChange } from "../model/host.ts";
import type { Play, Role, Task } from "../model/play.ts";
import type { Status } from "../model/result.ts";
import type { Dict, Value } from "../model/value.ts";
import type { Keyring } from "../vault/keyring.ts";

/** What a shard is started with: the same for all shards of a run. */
export interface ShardInit {
  readonly inventory: Inventory;
  readonly extraVars: Dict;
  /** What vaulted files and values are decrypted with. */
  readonly keyring: Keyring;
  readonly options: ShardOptions;
  /** Whether it is the only shard: it then owns every host. */
  readonly alone: boolean;
}

/** The part of settings and flags that running tasks depends on. */
export interface ShardOptions {
  readonly verbosity: number;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  /** Most hosts of this shard at work at once. */
  readonly forks: number;
  readonly playbookDir: string;
  readonly cwd: string;
  readonly configFile: string | undefined;
  readonly inventorySources: readonly string[];
  readonly limit: string | undefined;
  readonly runTags: readonly string[];
  readonly skipTags: readonly string[];
  readonly connection: ConnectionDefaults;
  readonly installation: {
    readonly root: string;
    readonly version: string;
    readonly collections: readonly string[];
    /** Whether passwords are made by passlib, in its own way. */
    readonly hasPasslib: boolean;
  };
  readonly library: readonly string[];
  readonly moduleUtils: readonly string[];
  readonly plugins: PluginSources;
  /** Folders of connection and become plugins that the settings name. */
  readonly connectionPlugins: readonly string[];
  readonly becomePlugins: readonly string[];
  /** Whether results are told in full, as callback plugins want them: the screen needs less. */
  readonly fullResults: boolean;
  readonly noLog: boolean;
  readonly duplicateKeys: "warn" | "error" | "ignore";
  /** What gathers facts; `smart` is the setup module. */
  readonly factsModules: readonly string[];
  readonly jinja2Native: boolean;
  readonly jinja2Extensions: readonly string[];
  readonly ansibleManaged: string;
  /** Facts are variables of their own, too (inject_facts_as_vars). */
  readonly injectFacts: boolean;
  /** hash_behaviour = merge. */
  readonly mergeHash: boolean;
  readonly maxDiffSize: number;
  readonly taskTimeout: number;
  readonly pollInterval: number;
  /** The fact cache; `flush` empties it first. */
  readonly factCache: {
    /** Where facts are kept: nowhere, in files of `directory`, or with a plugin in Python. */
    readonly kind: "none" | "files" | "plugin";
    readonly plugin: string;
    readonly directory: string | undefined;
    readonly prefix: string;
    readonly timeout: number;
    readonly flush: boolean;
  };
  readonly gatherSubset: readonly string[];
  readonly gatherTimeout: number;
  /** Whether what failed opens the debugger, and whether errors that are ignored do not. */
  readonly debugger: { readonly enabled: boolean; readonly ignoreErrors: boolean };
  /** Where events of the bus are written. */
  readonly traceFile: string | undefined;
  /** The interpreter of the installed Ansible, for ansible_playbook_python. */
  readonly python: string;
}

/** Where plugins in Python are searched. */
export interface PluginSources {
  /** Directories of playbooks; collections beside them count. */
  readonly playbookDirs: readonly string[];
  /** Directories of playbooks and roles, first one first; includes of roles bring more. */
  readonly folders: readonly string[];
  /** Directories from the settings, by kind. */
  readonly configured: Readonly<Record<"filter" | "test" | "lookup", readonly string[]>>;
  /** Seconds that a plugin may take; 0 is for ever. */
  readonly timeout: number;
}

/** Connection and become values from flags and configuration; variables outrank the configured ones. */
export interface BecomeSettings {
  readonly user: string;
  readonly exe: string | undefined;
  readonly flags: string | undefined;
  /** Where no prompt or file gave one. */
  readonly password: string | undefined;
}

export interface ConnectionDefaults {
  readonly transport: string;
  readonly remoteUser: string | undefined;
  readonly port: number | undefined;
  readonly password: string | undefined;
  readonly privateKeyFile: string | undefined;
  readonly hostKeyChecking: boolean;
  readonly timeout: number;
  readonly executable: string;
  readonly interpreter: string;
  readonly remoteTmp: string;
  readonly become: boolean;
  readonly becomeMethod: string;
  readonly becomeUser: string;
  /** What flags and settings say of each become plugin. */
  readonly becomePlugins: Readonly<Record<"sudo" | "su" | "doas", BecomeSettings>>;
  readonly becomePassword: string | undefined;
  readonly sshArgs: string;
  readonly sshCommonArgs: string;
  readonly sshExtraArgs: string;
  readonly sshExecutable: string;
  readonly dockerExtraArgs: string;
  readonly podmanExtraArgs: string;
  readonly podmanExecutable: string;
  readonly chrootExe: string;
}

/** A file or role that an include asks for, on one host. */
export interface IncludeRequest {
  readonly kind: "tasks" | "role";
  /** Rendered arguments of the include. */
  readonly args: Dict;
  /** The loop variables in force, final values. */
  readonly locals: Dict;
  /** The item label when the include loops. */
  readonly label: string | undefined;
}

/** What set_stats adds to the end of the run. */
export interface CustomStats {
  readonly data: Dict;
  readonly perHost: boolean;
  readonly aggregate: boolean;
}

/** One host's outcome of a run command, for the strategy. */
export interface HostOutcome {
  readonly host: string;
  readonly status: Status;
  readonly ignored: boolean;
  readonly changed: boolean;
  readonly notify: readonly string[];
  readonly includes: readonly IncludeRequest[];
  /** The meta action to carry out, when its condition held. */
  readonly meta: string | undefined;
  readonly stats?: readonly CustomStats[];
  /** For a run_once task: what the other hosts of the batch must hear (encoded HostDelta). */
  readonly shared: Uint8Array | undefined;
  /** What delegate_facts changed on hosts of other shards (encoded HostDelta). */
  readonly elsewhere: readonly { readonly host: string; readonly delta: Uint8Array }[];
  /** What the debugger shows in front of what the user types; set when the result opens it. */
  readonly debug?: string;
}

/** Variables of a host that changed. */
export interface HostDelta {
  readonly facts: Dict | undefined;
  readonly included: Dict | undefined;
  readonly set: Dict | undefined;
  /** Names of `set` whose values have nothing from outside in them. */
  readonly trusted: readonly Value[];
  /** Names of `set` whose values are templates. */
  readonly templates: readonly Value[];
}

/** What `pause` shows, and what it waits for. Only the main thread talks to the terminal. */
export interface PauseRequest {
  readonly text: string;
  /** Undefined: until Enter is pressed. */
  readonly seconds: number | undefined;
  readonly echo: boolean;
}

export type PauseAnswer =
  | { readonly kind: "continued"; readonly input: string }
  | { readonly kind: "aborted" };

/** What the user may say of a task and its result in the debugger, apart from what the run itself obeys. */
export type DebugCommand = "print" | "update" | "execute";

/** Down: main thread to shard. */
export type ToShard =
  | { readonly kind: "init"; readonly init: ShardInit }
  | {
      readonly kind: "play";
      readonly play: Play;
      /** The hosts of the batch that are this shard's. */
      readonly own: readonly string[];
      /** The hosts of the batch, all shards. */
      readonly batch: readonly string[];
      readonly allHosts: readonly string[];
    }
  /** Tasks and roles that includes brought. */
  | { readonly kind: "tasks"; readonly tasks: readonly Task[]; readonly roles: readonly Role[] }
  | {
      readonly kind: "run";
      readonly run: number;
      readonly task: number;
      readonly hosts: readonly string[];
      /** Hosts of the play that have not failed. */
      readonly alive: readonly string[];
      /** Whether a failure becomes ansible_failed_task and ansible_failed_result. */
      readonly isRescued: boolean;
      /** Hosts to which the result is to be copied (run_once), all shards. */
      readonly copyTo: readonly string[];
      /** Whether the shard is to report the task's rendered name first. */
      readonly wantName: boolean;
      /** Puts the task again as the debugger left it for these hosts. */
      readonly again?: true;
    }
  /** Another shard's run_once result. */
  | { readonly kind: "share"; readonly hosts: readonly string[]; readonly delta: Uint8Array }
  /** The inventory as add_host, group_by and refresh_inventory have made it. */
  | { readonly kind: "inventory"; readonly inventory: Inventory }
  | {
      readonly kind: "inventory-changed";
      readonly request: number;
      readonly changed: boolean;
      readonly error: string | undefined;
    }
  /** Renders a keyword with the variables of a task on a host. */
  | {
      readonly kind: "render";
      readonly request: number;
      readonly task: number;
      readonly host: string;
      readonly alive: readonly string[];
      readonly value: Value;
    }
  | { readonly kind: "clear-facts"; readonly hosts: readonly string[] }
  | {
      readonly kind: "reset-connections";
      readonly request: number;
      readonly task: number;
      readonly hosts: readonly string[];
    }
  /** Another shard asks for the state of this shard's hosts. */
  | { readonly kind: "state-request"; readonly request: number; readonly since: number }
  | {
      readonly kind: "state-reply";
      readonly request: number;
      readonly states: readonly Uint8Array[];
    }
  | { readonly kind: "pause-reply"; readonly request: number; readonly answer: PauseAnswer }
  /** What the user says in the debugger about the last task of a host. */
  | {
      readonly kind: "debug";
      readonly request: number;
      readonly host: string;
      readonly command: DebugCommand;
      readonly text: string;
    }
  /** End of run: close connections, report costs. */
  | { readonly kind: "end" }
  /** Stop now. */
  | { readonly kind: "abort"; readonly reason: string };

/** Up: shard to main thread. */
export type FromShard =
  | { readonly kind: "ready" }
  | { readonly kind: "named"; readonly run: number; readonly name: string }
  | { readonly kind: "event"; readonly run: number; readonly event: RunEvent }
  | { readonly kind: "outcome"; readonly run: number; readonly outcome: HostOutcome }
  | { readonly kind: "state-request"; readonly request: number; readonly since: number }
  | { readonly kind: "state-reply"; readonly request: number; readonly state: Uint8Array }
  | {
      readonly kind: "inventory-change";
      readonly request: number;
      readonly change: InventoryChange;
    }
  | {
      readonly kind: "rendered";
      readonly request: number;
      readonly value: Value;
      readonly error: string | undefined;
    }
  | { readonly kind: "pause-request"; readonly request: number; readonly pause: PauseRequest }
  /** What the debugger has to show; empty when nothing. */
  | { readonly kind: "debugged"; readonly request: number; readonly text: string }
  | { readonly kind: "connections-reset"; readonly request: number }
  | { readonly kind: "ended"; readonly wire: ShardWire }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

/** Totals of a shard's connections. */
export interface ShardWire {
  readonly connections: number;
  readonly roundTrips: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
}

/** One end of the channel between main thread and shard. */
export interface ShardPort<Send, Receive> {
  send(message: Send): void;
  onMessage(listener: (message: Receive) => void): void;
}
