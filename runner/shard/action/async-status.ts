import { type Dict, dictOf, type Value } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import { textOf } from "../values.ts";
import { type Action, type ActionInput, failed, type Prepared } from "./action.ts";

/** async_status (ansible/plugins/action/async_status.py): what became of a job. */
export const asyncStatusAction: Action = {
  name: "async_status",
  prepare(input) {
    const { args, task } = input;
    const unknown = [...args.keys()].map(textOf).filter((key) => key !== "jid" && key !== "mode");
    if (unknown.length > 0) {
      return failed(
        `Unsupported parameters for (${task.action}) module: ${unknown.join(", ")}. Supported parameters include: jid, mode.`,
      );
    }
    const job = args.get("jid");
    if (job === undefined || job === null) return failed("missing required arguments: jid");
    const mode = textOf(args.get("mode") ?? "status");
    if (mode !== "status" && mode !== "cleanup")
      return failed(`value of mode must be one of: status, cleanup, got: ${mode}`);
    return asyncStatus(input, textOf(job), mode);
  },
};

/** A look at a job, or the removal of its file; `input` is the task's that asks. */
export function asyncStatus(input: ActionInput, job: string, mode: "status" | "cleanup"): Prepared {
  return {
    kind: "steps",
    async run(io) {
      const named = input.flags.environment["ANSIBLE_ASYNC_DIR"] ?? input.asyncDir;
      const dir = named.startsWith("~") ? (await io.home()) + named.slice(1) : named;
      const path = `${dir.replace(/\/+$/, "")}/${job}`;
      const call = input.invoke("async_status", dictOf({ jid: job, mode, _async_dir: dir }), {
        job: undefined,
      });
      const [result] = await io.batch([call], true);
      const own = moduleResult(result!);
      const data: Dict = new Map<Value, Value>([
        ["started", mode === "cleanup" ? 0 : 1],
        ["finished", 0],
        ["stdout", ""],
        ["stderr", ""],
        ["stdout_lines", []],
        ["stderr_lines", []],
        ["ansible_job_id", job],
        [mode === "cleanup" ? "erased" : "results_file", path],
      ]);
      for (const [key, value] of own) data.set(key, value);
      return data;
    },
  };
}
