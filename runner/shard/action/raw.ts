import { dictOf, type Value } from "../../model/value.ts";
import { decodeText } from "../decode-text.ts";
import { addLines } from "../module/module-result.ts";
import { textOf } from "../values.ts";
import { type Action, done } from "./action.ts";

/** raw: a command with no Python on the target (ansible/plugins/action/raw.py). */
export const rawAction: Action = {
  name: "raw",
  prepare({ args, flags, options }) {
    if (flags.checkMode) return done(dictOf({ skipped: true }));
    const command = textOf(args.get("_raw_params") ?? args.get("cmd") ?? "");
    const executable = textOf(args.get("executable") ?? options.connection.executable);
    return {
      kind: "steps",
      async run(io) {
        const { rc, stdout, stderr } = await io.exec(command, executable);
        const result = new Map<Value, Value>([
          ["rc", rc],
          ["stdout", decodeText(stdout)],
          ["stderr", decodeText(stderr)],
          ["changed", true],
        ]);
        addLines(result);
        if (rc !== 0) {
          result.set("failed", true);
          result.set("msg", "non-zero return code");
        }
        return result;
      },
    };
  },
};
