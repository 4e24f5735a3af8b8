import type { RunEvent } from "../model/event.ts";

/** Something that is told everything that happens in a run, in order. */
export interface Callback {
  on(event: RunEvent): void;
  /** Writes what is held back. Nothing may be given to `on` afterwards. */
  close(): void;
}

/** Where text goes. Each call gets whole lines, line ends included. */
export interface Sink {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Takes each message as it is logged: without colours, line ends as they come. */
  log?(message: string): void;
}

/** What decides how events look. Names follow Ansible's settings. */
export interface OutputOptions {
  /** Number of -v. */
  readonly verbosity: number;
  readonly color: boolean;
  /** `COLOR_*` settings by name (`COLOR_OK: "green"`); those left out have Ansible's defaults. */
  readonly colors: Readonly<Record<string, string>>;
  /** Width of banners and warnings: 79, or a wider terminal's width less one. */
  readonly columns: number;
  /** Whether the whole run is in check mode (--check). */
  readonly checkMode: boolean;
  /** Lines of unchanged text around a difference: DIFF_CONTEXT, 3 by default. */
  readonly diffContext?: number;
  readonly displaySkippedHosts?: boolean;
  readonly displayOkHosts?: boolean;
  readonly displayFailedStderr?: boolean;
  readonly checkModeMarkers?: boolean;
  /** Whether each host is named when it begins a task. */
  readonly showPerHostStart?: boolean;
  /** SHOW_CUSTOM_STATS: whether what set_stats gathered is shown behind the recap. */
  readonly showCustomStats?: boolean;
  readonly showTaskPathOnFailure?: boolean;
  readonly resultFormat?: "json" | "yaml";
  /** callback_format_pretty; undefined for the default of the format. */
  readonly prettyResults?: boolean | undefined;
  /** ACTION_WARNINGS: whether warnings in results are shown as warnings. True by default. */
  readonly actionWarnings?: boolean;
  /** DEPRECATION_WARNINGS, true by default. */
  readonly deprecationWarnings?: boolean;
  /** VERBOSE_TO_STDERR, false by default. */
  readonly verboseToStderr?: boolean;
}
