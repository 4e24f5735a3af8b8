import { dictOf } from "../../model/value.ts";
import { textOf } from "../values.ts";
import { type Action, done, failed } from "./action.ts";

/** include_tasks: the main thread loads the file; here it is only named. */
export const includeTasksAction: Action = {
  name: "include_tasks",
  prepare({ args }) {
    const file = args.get("file") ?? args.get("_raw_params");
    if (file === undefined || textOf(file).trim() === "")
      return failed("No include file was specified for include_tasks");
    const name = textOf(file).trim();
    const rest = new Map([...args].filter(([key]) => key !== "_raw_params"));
    return done(dictOf({ include: name, include_args: rest }), {
      include: { kind: "tasks", args: new Map([...args, ["_raw_params", name]]) },
    });
  },
};

/** include_role. */
export const includeRoleAction: Action = {
  name: "include_role",
  prepare({ args }) {
    const name = args.get("name") ?? args.get("role");
    if (name === undefined) return failed("'name' is a required field for include_role.");
    return done(dictOf({ include_args: args }), { include: { kind: "role", args } });
  },
};

/** meta: carried out by the main thread; only its condition belongs here. */
export const metaAction: Action = {
  name: "meta",
  prepare({ args }) {
    return done(new Map(), { meta: textOf(args.get("_raw_params") ?? "noop").trim() });
  },
};
