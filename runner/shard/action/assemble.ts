import { type Dict, dictOf } from "../../model/value.ts";
import { isTrue } from "../values.ts";
import { type Action, done, failedWith } from "./action.ts";
import { moduleCall } from "./module.ts";

/** assemble: a module for fragments on the target; those of the controller are the affair of ansible-core's plugin (ansible/plugins/action/assemble.py). */
export const assembleAction: Action = {
  name: "assemble",
  prepare(input) {
    const { args, flags } = input;
    if (flags.checkMode)
      return done(dictOf({ skipped: true, msg: "check mode is not supported for this task." }));
    if (!isGiven(args, "src") || !isGiven(args, "dest"))
      return failedWith("NoneType: None", "src and dest are required");
    if (!isTrue(args.get("remote_src") ?? true)) return { kind: "plugin", input };
    const own: Dict = new Map(args);
    own.delete("remote_src");
    own.delete("decrypt");
    return moduleCall(input, "assemble", own);
  },
};

function isGiven(args: Dict, name: string): boolean {
  const value = args.get(name);
  return value !== undefined && value !== null;
}
