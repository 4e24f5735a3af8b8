import type { ResultReport, RunEvent, TaskBanner } from "../model/event.ts";
import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import { customStatsLines } from "./custom-stats.ts";
import { type DiffOptions, diffText } from "./diff.ts";
import { createDisplay } from "./display.ts";
import {
  type DumpOptions,
  dumpForDiff,
  dumpResult,
  keepDebugOutput,
  shownResult,
} from "./dump-results.ts";
import type { Callback, OutputOptions, Sink } from "./options.ts";
import { recapLines } from "./recap.ts";
import { isSecret } from "./redact.ts";
import { deprecationMessage, deprecationsOf, warningsOf } from "./warning.ts";
import { wireLine } from "./wire.ts";

type Event<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

/**
 * Writes a run as Ansible's `default` callback does, byte for byte (ansible/plugins/callback/default.py of 2.14).
 *
 * @throws Error when a colour setting names no colour.
 */
export function createDefaultCallback(options: OutputOptions, sink: Sink): Callback {
  const {
    verbosity,
    checkMode,
    diffContext = 3,
    displaySkippedHosts = true,
    displayOkHosts = true,
    displayFailedStderr = false,
    checkModeMarkers = false,
    showPerHostStart = false,
    showTaskPathOnFailure = false,
    showCustomStats = false,
    actionWarnings = true,
  } = options;
  const display = createDisplay(options, sink);
  const dumpOptions: DumpOptions = {
    verbosity,
    format: options.resultFormat ?? "json",
    pretty: options.prettyResults,
  };
  const diffOptions: DiffOptions = {
    paint: display.paint,
    context: diffContext,
    dump: (value) => dumpForDiff(value, dumpOptions),
  };

  /** The task whose banner has not been shown yet, since none of its results has been. */
  let pendingTask: TaskBanner | undefined;
  /** The task whose banner was shown last. */
  let shownTask: number | undefined;
  let taskPath = "";

  function on(event: RunEvent): void {
    switch (event.kind) {
      case "playbook-start":
        onPlaybookStart(event.file);
        break;
      case "play-start":
        onPlayStart(event);
        break;
      case "no-hosts-matched":
        display.show("skipping: no hosts matched", "SKIP");
        break;
      case "no-hosts-remaining":
        display.banner("NO MORE HOSTS LEFT");
        break;
      case "task-start":
        if (event.lockstep) onTaskStart(event);
        break;
      case "task-turn":
        pendingTask = event.id === shownTask ? undefined : event;
        taskPath = event.path;
        break;
      case "host-start":
        if (showPerHostStart) display.show(` [started ${event.task} on ${event.host}]`, "OK");
        break;
      case "included":
        onIncluded(event);
        break;
      case "item":
        onItem(event);
        break;
      case "result":
        onResult(event);
        break;
      case "file-diff":
        showDiff(event);
        break;
      case "retry":
        onRetry(event);
        break;
      case "step":
        display.banner(event.text);
        break;
      case "debugger":
        display.show(event.text);
        break;
      case "async":
        onAsync(event);
        break;
      case "handler-notified":
        if (verbosity > 1) {
          const text = `NOTIFIED HANDLER ${event.handler} for ${event.host}`;
          display.showOnly(display.paint(text, "VERBOSE"));
        }
        break;
      case "verbose":
        display.verbose(event.level, event.host, event.text);
        break;
      case "warning":
        if (event.each === true) showTaskBanner();
        display.warning(event.text, event.each);
        break;
      case "deprecation":
        display.deprecation(event.text);
        break;
      case "error":
        display.error(event.text);
        break;
      case "stats":
        onStats(event);
        break;
      case "wire":
        display.show(wireLine(event.report), "VERBOSE");
        break;
      default:
        event satisfies never;
    }
  }

  function onPlaybookStart(file: string): void {
    if (verbosity > 1) display.banner(`PLAYBOOK: ${file.slice(file.lastIndexOf("/") + 1)}`);
    if (checkMode && checkModeMarkers) display.banner("DRY RUN");
  }

  function onPlayStart(event: Event<"play-start">): void {
    const name = event.name.trim();
    display.banner(`${name === "" ? "PLAY" : `PLAY [${name}]`}${checkMark(event.checkMode)}`);
  }

  function onTaskStart(event: TaskBanner): void {
    pendingTask = event;
    taskPath = event.path;
    if (displaySkippedHosts && displayOkHosts) showTaskBanner();
  }

  function showTaskBanner(): void {
    if (pendingTask === undefined) return;
    const { id, handler, name, args = "", path } = pendingTask;
    shownTask = id;
    const prefix = handler ? "RUNNING HANDLER" : "TASK";
    display.banner(`${prefix} [${name.trim()}${args}]${checkMark(pendingTask.checkMode)}`);
    if (verbosity >= 2 && path !== "") display.show(`task path: ${path}`, "DEBUG");
    pendingTask = undefined;
  }

  function checkMark(on: boolean): string {
    return on && checkModeMarkers ? " [CHECK MODE]" : "";
  }

  function onIncluded({ file, hosts, label }: Event<"included">): void {
    showTaskBanner();
    const item = label ? ` => (item=${label})` : "";
    display.show(`included: ${file} for ${hosts.join(", ")}${item}`, "SKIP");
  }

  function onItem(event: Event<"item">): void {
    const data = event.data && shownResult(event.data, event.action);
    const label = event.data !== undefined && isSecret(event.data) ? "None" : event.label;
    switch (event.status) {
      case "ok":
      case "changed": {
        if (INCLUDES.has(event.action)) return;
        if (event.status === "ok" && !displayOkHosts) return;
        showTaskBanner();
        if (data) keepDebugOutput(data, event.action);
        const line = `${event.status}: [${hostLabel(event)}] => (item=${label})`;
        display.show(line + verboseResult(data, 0), event.status === "ok" ? "OK" : "CHANGED");
        break;
      }
      case "skipped":
        if (!displaySkippedHosts) return;
        showTaskBanner();
        if (data) keepDebugOutput(data, event.action);
        display.show(
          `skipping: [${event.host}] => (item=${label}) ${verboseResult(data, 0)}`,
          "SKIP",
        );
        break;
      case "failed":
      case "unreachable": {
        showTaskBanner();
        const failure: Dict = data ?? new Map();
        keepDebugOutput(failure, event.action);
        showException(failure);
        showWarnings(failure);
        const line = `failed: [${hostLabel(event)}] (item=${label}) => ${dumpResult(failure, dumpOptions)}`;
        display.show(line, "ERROR", displayFailedStderr);
        break;
      }
      default:
        event.status satisfies never;
    }
  }

  function onResult(event: Event<"result">): void {
    const data = event.data && shownResult(event.data, event.action);
    switch (event.status) {
      case "ok":
      case "changed":
        onOk(event, data);
        break;
      case "skipped":
        onSkipped(event, data);
        break;
      case "failed":
        onFailed(event, data ?? new Map());
        break;
      case "unreachable":
        onUnreachable(event, data ?? new Map());
        break;
      default:
        event.status satisfies never;
    }
  }

  function onOk(event: Event<"result">, data: Dict | undefined): void {
    if (INCLUDES.has(event.action)) {
      showTaskBanner();
      return;
    }
    if (event.status === "ok" && !displayOkHosts) return;
    showTaskBanner();
    if (data) showWarnings(data);
    if (event.loop && !isHidden(event)) return;
    if (data) keepDebugOutput(data, event.action);
    const line = `${event.status}: [${hostLabel(event)}]${verboseResult(data, 0)}`;
    display.show(line, event.status === "ok" ? "OK" : "CHANGED");
  }

  function onSkipped(event: Event<"result">, data: Dict | undefined): void {
    if (!displaySkippedHosts) return;
    showTaskBanner();
    if (data) keepDebugOutput(data, event.action);
    data?.delete("results");
    display.show(`skipping: [${event.host}]${verboseResult(data, 0)}`, "SKIP");
  }

  function onFailed(event: Event<"result">, data: Dict): void {
    // Of a debug's loop the items' results are gone by now, so that it ends like a task without one.
    const isAlone = keepDebugOutput(data, event.action) || !event.loop || isHidden(event);
    showTaskBanner();
    showException(data);
    showWarnings(data);
    if (isAlone) {
      if (showTaskPathOnFailure && verbosity < 2 && taskPath !== "")
        display.show(`task path: ${taskPath}`, "DEBUG");
      const line = `fatal: [${hostLabel(event)}]: FAILED! => ${dumpResult(data, dumpOptions)}`;
      display.show(line, "ERROR", displayFailedStderr);
    }
    if (event.ignoreErrors) display.show("...ignoring", "SKIP");
  }

  function onUnreachable(event: Event<"result">, data: Dict): void {
    showTaskBanner();
    const line = `fatal: [${hostLabel(event)}]: UNREACHABLE! => ${dumpResult(data, dumpOptions)}`;
    display.show(line, "UNREACHABLE", displayFailedStderr);
    if (event.ignoreErrors) display.show("...ignoring", "SKIP");
  }

  function onRetry(event: Event<"retry">): void {
    const data = event.data && shownResult(event.data, "");
    const label = delegateLabel(event.host, delegateOf(event.data), undefined);
    const left = `(${event.retriesLeft} retries left).`;
    const result = verboseResult(data, 2).replace(/^ => /, "Result was: ");
    display.show(`FAILED - RETRYING: [${label}]: ${event.task} ${left}${result}`, "DEBUG");
  }

  function onAsync({ state, host, job, started, finished }: Event<"async">): void {
    const more = state === "poll" ? ` started=${String(started)} finished=${String(finished)}` : "";
    display.show(`ASYNC ${state.toUpperCase()} on ${host}: jid=${job}${more}`, "DEBUG");
  }

  function onStats({ hosts, custom }: Event<"stats">): void {
    display.banner("PLAY RECAP");
    for (const { shown, logged } of recapLines(hosts, display.paint, options.color))
      display.showOnly(shown, logged);
    display.showOnly("");
    if (showCustomStats && custom !== undefined && custom.size > 0) {
      display.banner("CUSTOM STATS: ");
      for (const line of customStatsLines(custom, dumpOptions)) display.show(line);
      display.showOnly("");
    }
    if (checkMode && checkModeMarkers) display.banner("DRY RUN");
  }

  /** ` => {...}` when the run is more verbose than `above`, or the task exists to show its result. */
  function verboseResult(data: Dict | undefined, above: number): string {
    if (data === undefined) return "";
    const always = data.get("_ansible_verbose_always") === true;
    if (verbosity <= above && !always) return "";
    if ((data.get("_ansible_verbose_override") ?? false) !== false) return "";
    return ` => ${dumpResult(data, dumpOptions)}`;
  }

  function showDiff(event: Event<"file-diff">): void {
    if (event.status !== "changed" || isHidden(event)) return;
    const text = diffText(event.diff, diffOptions);
    if (text === "") return;
    showTaskBanner();
    display.show(text);
  }

  /** Takes the traceback out of a result and shows it, or below -vvv its last line. */
  function showException(data: Dict): void {
    const exception = data.get("exception");
    if (exception === undefined) return;
    const traceback = exception instanceof UnsafeText ? exception.text : String(exception);
    const text =
      verbosity < 3
        ? `An exception occurred during task execution. To see the full traceback, use -vvv. The error was: ${lastLine(traceback)}`
        : `The full traceback is:\n${traceback}`;
    display.show(text, "ERROR", displayFailedStderr);
  }

  /** Takes warnings and deprecations out of a result and shows them. */
  function showWarnings(data: Dict): void {
    if (!actionWarnings) return;
    const warnings = warningsOf(data);
    const deprecations = deprecationsOf(data);
    for (const text of warnings) display.warning(text);
    if (warnings.length > 0) data.delete("warnings");
    for (const deprecation of deprecations) display.deprecation(deprecationMessage(deprecation));
    if (deprecations.length > 0) data.delete("deprecations");
  }

  return { on, close() {} };
}

/** `host`, `host -> delegate`, or with the address that the delegate is reached by. */
function hostLabel({ host, delegate, data }: ResultReport): string {
  if (delegate === undefined) return host;
  const delegated = data?.get("_ansible_delegated_vars");
  return delegateLabel(
    host,
    delegate,
    isDict(delegated) ? delegated.get("ansible_host") : undefined,
  );
}

function delegateLabel(
  host: string,
  delegate: string | undefined,
  address: Value | undefined,
): string {
  if (delegate === undefined || delegate === host) return host;
  const text = address instanceof UnsafeText ? address.text : address;
  return text === undefined || text === delegate
    ? `${host} -> ${delegate}`
    : `${host} -> ${delegate}(${String(text)})`;
}

/** Retries have no delegate of their own: it is where results have it, too. */
function delegateOf(data: Dict | undefined): string | undefined {
  const delegated = data?.get("_ansible_delegated_vars");
  const name = isDict(delegated) ? delegated.get("ansible_delegated_host") : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Hidden results have no `results` either, so that a loop's end is shown as if it were no loop. */
function isHidden({ data }: ResultReport): boolean {
  return data !== undefined && isSecret(data);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!;
}

function spellings(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((name) => [name, `ansible.builtin.${name}`, `ansible.legacy.${name}`]),
  );
}

/** Tasks that only show their banner: what they bring in is shown by `included`. */
const INCLUDES = spellings(["include", "include_tasks", "include_role"]);
