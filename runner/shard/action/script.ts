import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import { openFile } from "../../vault/keyring.ts";
import { addLines, moduleResult } from "../module/module-result.ts";
import { textOf } from "../values.ts";
import { type Action, type ActionInput, done, failed, failedWith } from "./action.ts";

/** script: a local script run on the target, in one call (ansible/plugins/action/script.py). */
export const scriptAction: Action = {
  name: "script",
  prepare(input) {
    const { args, flags } = input;
    const raw = textOf(args.get("_raw_params") ?? args.get("cmd") ?? "").trim();
    if (raw === "") return failed("one of the following is required: cmd, free_form");
    const words = raw.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? [];
    const name = (words[0] ?? "").replace(/^(["'])(.*)\1$/, "$2");
    const rest = raw.slice((words[0] ?? "").length).trim();
    let path: string;
    try {
      path = input.findFile("files", name);
    } catch (error) {
      const { message } = error as Error;
      return failedWith(`ansible.errors.AnsibleFileNotFound: ${message}`, message);
    }
    if (flags.checkMode && !args.has("creates") && !args.has("removes")) {
      return done(
        dictOf({
          changed: false,
          skipped: true,
          msg: "Check mode is not supported for this task.",
        }),
      );
    }
    const command: Dict = new Map<Value, Value>([
      ["_uses_shell", true],
      ["strip_empty_ends", false],
    ]);
    for (const option of ["creates", "removes", "chdir"]) {
      const value = args.get(option);
      if (value !== undefined) command.set(option, value);
    }
    const executable = args.get("executable");
    const tty = reachedBySsh(input);
    const prefix = executable === undefined ? "" : `${textOf(executable)} `;
    // The agent writes the script and hands its path over in the environment, so that the command line is known now.
    command.set(
      "_raw_params",
      `${prefix}"$SKEIN_SCRIPT"${rest === "" ? "" : ` ${rest}`}${tty ? " 2>&1" : ""}`,
    );
    const { call, sources } = input.invoke("command", command);
    return {
      kind: "call",
      call: {
        ...call,
        isolation: "fork",
        files: [
          {
            argument: "env:SKEIN_SCRIPT",
            name: basename(path),
            mode: 0o700,
            content: openFile(readFileSync(path), path),
          },
        ],
      },
      sources,
      isModule: false,
      finish(result) {
        const data = moduleResult(result);
        const unmet = unmetOption(args, data);
        if (unmet !== undefined) return dictOf({ changed: false, skipped: true, msg: unmet });
        if (flags.checkMode) return dictOf({ changed: true });
        if (tty) mergeAsTerminal(data);
        // script shows less than command does.
        for (const key of [
          "cmd",
          "start",
          "end",
          "delta",
          "invocation",
          ...(data.get("msg") === "" ? ["msg"] : []),
        ])
          data.delete(key);
        if (data.get("skipped") !== true && data.has("rc")) data.set("changed", true);
        addLines(data);
        return data;
      },
    };
  },
};

/** Over ssh Ansible runs scripts on a terminal: both outputs are one, and lines end with CRLF. */
function reachedBySsh({ scope, task, options }: ActionInput): boolean {
  const variable = scope.get("ansible_connection");
  const named = typeof variable === "string" ? variable : task.connection;
  const transport = typeof named === "string" ? named : options.connection.transport;
  return transport !== "local" && !(task.delegateTo === "localhost");
}

function mergeAsTerminal(data: Dict): void {
  const text = data.get("stdout");
  if (typeof text === "string") data.set("stdout", text.replaceAll(/\r?\n/g, "\r\n"));
  data.delete("stdout_lines");
}

/** Why `creates` or `removes` kept the script from running, in script's words; the command module has its own. */
function unmetOption(args: Dict, data: Dict): string | undefined {
  if (!/^(Did|Would) not run command since/.test(textOf(data.get("msg") ?? ""))) return undefined;
  const creates = args.get("creates");
  if (creates !== undefined && !/does not exist/.test(textOf(data.get("msg") ?? ""))) {
    return `${textOf(creates)} exists, matching creates option`;
  }
  return `${textOf(args.get("removes") ?? "")} does not exist, matching removes option`;
}
