import type { Task } from "./play.ts";
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
  /** --diff entries of the result (`diff` key), present only when they are to be shown. */
  readonly diff: readonly Value[] | undefined;
  readonly ignoreErrors: boolean;
}

/** Everything that callbacks ever see, in the order the strategy accepted it. */
export type RunEvent =
  | { readonly kind: "playbook-start"; readonly file: string }
  | {
      readonly kind: "play-start";
      readonly name: string;
      readonly checkMode: boolean;
      /** Patterns, for callback plugins. */
      readonly hosts?: readonly string[];
    }
  | { readonly kind: "no-hosts-matched" }
  | { readonly kind: "no-hosts-remaining" }
  | {
      readonly kind: "task-start";
      readonly handler: boolean;
      /** Rendered, with the role in front (`web : install packages`). */
      readonly name: string;
      /** `/path/main.yml:12`, shown at -vv. */
      readonly path: string;
      readonly checkMode: boolean;
      /** For callback plugins; the screen shows what is above. */
      readonly task?: Task;
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
