import type { Play, Task } from "./play.ts";
import type { HostStats, Status } from "./result.ts";
import type { Dict, Value } from "./value.ts";

/** What a result event shows about a task on a host, or about one loop item. */
export interface ResultReport {
  readonly host: string;
  /** The inventory name of the host that delegate_to named, when it was used. */
  readonly delegate: string | undefined;
  readonly status: Status;
  /** As written in the playbook, e.g. `debug`, `ansible.builtin.copy`. */
  readonly action: string;
  /**
   * The raw result, `_ansible_*` keys included (`_ansible_no_log`, `_ansible_verbose_always`, `_ansible_delegated_vars` ...). Left out when
   * nothing of it can be shown at the run's verbosity (ok, changed and skipped without -v, --diff, warnings or debug).
   */
  readonly data: Dict | undefined;
  readonly ignoreErrors: boolean;
  /** The task's name as this host renders it, for callback plugins, where that is not each host's. */
  readonly name?: string;
}

/** What is shown of a task before its results. */
export interface TaskBanner {
  /** Tells tasks apart. */
  readonly id: number;
  readonly handler: boolean;
  /** Rendered, with the role in front (`web : install packages`). */
  readonly name: string;
  /** ` name=value, ...`, where arguments are shown (`display_args_to_stdout`). */
  readonly args?: string;
  /** `/path/main.yml:12`, shown at -vv. */
  readonly path: string;
  readonly checkMode: boolean;
  /** For callback plugins; the screen shows what is above. */
  readonly task?: Task;
}

/** Everything that callbacks ever see, in the order the strategy accepted it. */
export type RunEvent =
  | {
      readonly kind: "playbook-start";
      readonly file: string;
      /** As on the command line. */
      readonly given?: string;
    }
  | {
      readonly kind: "play-start";
      readonly name: string;
      readonly checkMode: boolean;
      /** The rest is for callback plugins: patterns, `/path/site.yml:1`, the hosts of all batches and of this one, the play. */
      readonly hosts?: readonly string[];
      readonly path?: string;
      readonly allHosts?: readonly string[];
      readonly batch?: readonly string[];
      readonly play?: Play;
    }
  | { readonly kind: "no-hosts-matched" }
  | { readonly kind: "no-hosts-remaining" }
  /** A task begins; where hosts go their own ways, on one more host, and the screen shows it by `task-turn`. */
  | ({ readonly kind: "task-start"; readonly lockstep: boolean } & TaskBanner)
  /** Where hosts go their own ways: what follows is of this task, and what came before was of another. */
  | ({ readonly kind: "task-turn" } & TaskBanner)
  /** A host begins the task, which has this title (`TASK: web : install packages`), and this name for callback plugins. */
  | {
      readonly kind: "host-start";
      readonly host: string;
      readonly task: string;
      readonly name?: string;
    }
  /** An include was resolved for these hosts: `included: FILE for h1, h2 => (item=x)`. */
  | {
      readonly kind: "included";
      readonly file: string;
      readonly hosts: readonly string[];
      readonly label: string | undefined;
    }
  | ({ readonly kind: "item"; readonly label: string } & ResultReport)
  | ({
      readonly kind: "result";
      /** Whether items were reported before it. */
      readonly loop: boolean;
    } & ResultReport)
  | {
      readonly kind: "retry";
      readonly host: string;
      readonly task: string;
      readonly retriesLeft: number;
      readonly data: Dict | undefined;
    }
  /** What a task changed, or would change, in front of its result: with --diff, or where the task asks for it. */
  | ({ readonly kind: "file-diff"; readonly diff: readonly Value[] } & ResultReport)
  /** The user was asked whether to run a task (--step). */
  | { readonly kind: "step"; readonly text: string }
  /** What the debugger shows. */
  | { readonly kind: "debugger"; readonly text: string }
  /** A job was looked at, or is through. */
  | {
      readonly kind: "async";
      readonly state: "poll" | "ok" | "failed";
      readonly host: string;
      readonly job: string;
      readonly started: Value;
      readonly finished: Value;
    }
  /** A handler is due on a host. From a shard: the name or topic that the host's task notifies. */
  | { readonly kind: "handler-notified"; readonly handler: string; readonly host: string }
  /** Text at a verbosity: shown when the run is at least that verbose. */
  | {
      readonly kind: "verbose";
      readonly level: number;
      readonly host: string | undefined;
      readonly text: string;
    }
  /** Shown once, or, when it is about one occasion, each time. */
  | { readonly kind: "warning"; readonly text: string; readonly each?: boolean }
  | { readonly kind: "deprecation"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | {
      readonly kind: "stats";
      readonly hosts: ReadonlyMap<string, HostStats>;
      /** What set_stats gathered: by host, and for the whole run under "". */
      readonly custom?: ReadonlyMap<string, Dict>;
    }
  | { readonly kind: "wire"; readonly report: WireReport };

/** What the run cost, for --wire. */
export interface WireReport {
  readonly connections: number;
  readonly roundTrips: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  /** User and system seconds of the controller process. */
  readonly cpuSeconds: number;
}
