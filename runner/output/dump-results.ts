import { type Dict, isDict, type Value } from "../model/value.ts";
import { toJson } from "./json.ts";
import { isSecret, redactResult } from "./redact.ts";
import { toYaml } from "./yaml.ts";

export interface DumpOptions {
  readonly verbosity: number;
  readonly format: "json" | "yaml";
  /** callback_format_pretty: true forces, false forbids one value per line; undefined for the default of the format. */
  readonly pretty: boolean | undefined;
}

/**
 * A copy of a result with what callbacks may see of it: censored if it is secret, without what the status line
 * says already (`TaskResult.clean_copy` of ansible/executor/task_result.py).
 */
export function shownResult(result: Dict, action: string): Dict {
  if (isSecret(result)) return redactResult(result);
  const shown: Dict = new Map(result);
  shown.delete("failed");
  shown.delete("skipped");
  if (isDebug(action)) shown.delete("invocation");
  return shown;
}

/** Leaves in a debug task's result only what it was asked to show (`_clean_results` of ansible/plugins/callback/__init__.py). */
export function keepDebugOutput(result: Dict, action: string): boolean {
  if (!isDebug(action)) return false;
  if (result.has("msg")) {
    for (const key of [...result.keys()]) {
      if (typeof key !== "string" || (!DEBUG_KEYS.has(key) && !key.startsWith("_")))
        result.delete(key);
    }
  } else {
    for (const key of HIDDEN_IN_DEBUG) result.delete(key);
  }
  return true;
}

/**
 * A result as it stands behind `=>` (`_dump_results` of ansible/plugins/callback/__init__.py). The arguments of the module
 * and its differences are shown from -vvv on; from there, and for tasks that exist to show something, one value per line.
 *
 * @param indent what is asked for instead, unless the settings forbid it.
 */
export function dumpResult(result: Dict, options: DumpOptions, indent?: number): string {
  const abridged = abridge(result, options.verbosity);
  if (options.format === "yaml") return `\n${dumpYaml(abridged, options.pretty, indent)}`;
  const wish = indent ?? (isPretty(result, options) ? 4 : undefined);
  return toJson(abridged, {
    indent: options.pretty === false ? undefined : wish,
    hideInternal: true,
    ascii: false,
  });
}

/** A mapping of a difference as text, for comparing line by line (`_serialize_diff` of ansible/plugins/callback/__init__.py). */
export function dumpForDiff(value: Value, { format, pretty }: DumpOptions): string {
  if (format === "json")
    return `${toJson(value, { indent: 4, hideInternal: false, ascii: true })}\n`;
  return `${indentLines(toYaml(value, { indent: 4, lossy: pretty !== false }))}\n`;
}

function abridge(result: Dict, verbosity: number): Dict {
  const abridged: Dict = new Map(result);
  abridged.delete("exception");
  if (verbosity < 3) {
    abridged.delete("invocation");
    abridged.delete("diff");
  }
  return abridged;
}

function isPretty(result: Dict, { verbosity, pretty }: DumpOptions): boolean {
  if (pretty !== undefined) return pretty;
  const always = result.get("_ansible_verbose_always");
  return verbosity > 2 || (always !== undefined && always !== null && always !== false);
}

function dumpYaml(result: Dict, pretty: boolean | undefined, indent = 4): string {
  const lossy = pretty !== false;
  const shown = withoutInternal(result) as Dict;
  if (lossy) {
    for (const key of ["stdout", "stderr"]) {
      if (shown.has(key) && shown.has(`${key}_lines`)) shown.set(`${key}_lines`, "<omitted>");
    }
  }
  if (!lossy) return indentLines(toYaml(shown, { indent: 2, lossy }));
  // Two is the least that libyaml takes.
  return indentLines(toYaml(shown, { indent: Math.max(2, indent), lossy }), " ".repeat(indent));
}

/** A copy without keys that start with `_ansible_`, at every level. */
function withoutInternal(value: Value): Value {
  if (Array.isArray(value)) return Array.from(value, withoutInternal);
  if (!isDict(value)) return value;
  const copy: Dict = new Map();
  for (const [key, entry] of value) {
    if (typeof key !== "string" || !key.startsWith("_ansible_"))
      copy.set(key, withoutInternal(entry));
  }
  return copy;
}

/** Blank lines stay empty. */
function indentLines(text: string, blanks = "    "): string {
  return text.replace(/^(?=.*\S)/gm, blanks);
}

function isDebug(action: string): boolean {
  return (
    action === "debug" || action === "ansible.builtin.debug" || action === "ansible.legacy.debug"
  );
}

const DEBUG_KEYS: ReadonlySet<string> = new Set(["msg", "exception", "warnings", "deprecations"]);
const HIDDEN_IN_DEBUG = ["changed", "failed", "skipped", "invocation", "skip_reason"] as const;
