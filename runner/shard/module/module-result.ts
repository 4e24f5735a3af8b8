import type { CallResult } from "#router";
import { JsonError, parseJson } from "../../model/json-reader.ts";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { decodeText } from "../decode-text.ts";

/** Said by a module that did not finish in time, until its task's name is known. */
export const TIMED_OUT = "the module did not finish in time and was killed";

/**
 * What a finished call means as a module's result: the JSON it printed, or a MODULE FAILURE that shows what it printed instead
 * (ansible/plugins/action/__init__.py, _parse_returned_data and _execute_module).
 */
export function moduleResult(result: CallResult): Dict {
  const stdout = decodeText(result.stdout);
  switch (result.outcome) {
    case "ran":
      return parsePrinted(stdout, decodeText(result.stderr), result.rc);
    case "timeout":
      return dictOf({ changed: false, failed: true, msg: TIMED_OUT });
    case "cancelled":
      return failure("The task was cancelled before the module finished.");
    case "lost":
      return dictOf({
        failed: true,
        msg: `MODULE FAILURE\nThe module's process ended without a result (${describeExit(result.rc)}).`,
        module_stdout: stdout,
        module_stderr: decodeText(result.stderr),
        rc: result.rc,
      });
    case "not-run":
      return failure("The module was not run because an earlier call failed.");
    case "agent-error":
      return dictOf({
        failed: true,
        msg: `MODULE FAILURE\nSee stdout/stderr for the exact error`,
        module_stdout: stdout,
        module_stderr: decodeText(result.stderr),
        rc: result.rc,
      });
  }
}

/** Adds `stdout_lines` and `stderr_lines` to a result that has the texts. */
export function addLines(data: Dict): void {
  for (const name of ["stdout", "stderr"]) {
    const text = data.get(name);
    if (typeof text === "string" && !data.has(`${name}_lines`))
      data.set(`${name}_lines`, splitLines(text));
  }
}

/** Python's str.splitlines. */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function parsePrinted(stdout: string, stderr: string, rc: number): Dict {
  const json = jsonIn(stdout);
  if (json !== undefined) {
    const { value, warnings } = json;
    if (warnings.length > 0) {
      const known = value.get("warnings");
      value.set("warnings", [...(Array.isArray(known) ? known : []), ...warnings]);
    }
    // Keys of ours must not come from a target.
    for (const key of [...value.keys()]) {
      if (typeof key === "string" && key.startsWith("_ansible_") && !ALLOWED_INTERNAL.has(key))
        value.delete(key);
    }
    // An interpreter is found by whoever asks, not by a module.
    const facts = value.get("ansible_facts");
    if (isDict(facts)) {
      for (const key of [...facts.keys()])
        if (typeof key === "string" && /^(?:ansible_)?discovered_interpreter_/.test(key))
          facts.delete(key);
    }
    addLines(value);
    return value;
  }
  const data = dictOf({
    failed: true,
    msg: "MODULE FAILURE\nSee stdout/stderr for the exact error",
    rc,
  });
  data.set("module_stdout", stdout);
  data.set("module_stderr", stderr);
  if (/^Traceback/m.test(stderr)) data.set("exception", stderr);
  return data;
}

/** Internal keys that modules may set (ansible/vars/clean.py). */
const ALLOWED_INTERNAL = new Set([
  "_ansible_verbose_always",
  "_ansible_verbose_override",
  "_ansible_suppress_tmpdir_delete",
]);

interface Printed {
  readonly value: Dict;
  readonly warnings: readonly string[];
}

/** The JSON object in what a module printed, with noise before and behind it allowed (ansible/module_utils/json_utils.py). */
function jsonIn(stdout: string): Printed | undefined {
  const whole = tryParse(stdout.trim());
  if (whole !== undefined) return { value: whole, warnings: [] };
  const lines = stdout.split("\n");
  const first = lines.findIndex((line) => /^\s*\{/.test(line));
  if (first < 0) return undefined;
  let last = lines.length - 1;
  while (last >= first && !lines[last]!.trimEnd().endsWith("}")) last--;
  if (last < first) return undefined;
  const value = tryParse(
    lines
      .slice(first, last + 1)
      .join("\n")
      .trim(),
  );
  if (value === undefined) return undefined;
  const junk = lines.slice(last + 1).filter((line) => line.trim() !== "");
  const warnings =
    junk.length > 0
      ? [`Module invocation had junk after the JSON data: ${junk.join("\n").trim()}`]
      : [];
  return { value, warnings };
}

function tryParse(text: string): Dict | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: Value = parseJson(text);
    return isDict(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function failure(msg: string): Dict {
  return dictOf({ failed: true, msg });
}

function describeExit(rc: number): string {
  return rc < 0 ? `killed by signal ${-rc}` : `exit code ${rc}`;
}
