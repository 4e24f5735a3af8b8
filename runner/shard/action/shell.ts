import type { Action } from "./action.ts";
import { moduleCall } from "./module.ts";

/** shell: the command module with a shell (ansible/plugins/action/shell.py). */
export const shellAction: Action = {
  name: "shell",
  prepare(input) {
    return moduleCall(input, "command", new Map([...input.args, ["_uses_shell", true]]));
  },
};
