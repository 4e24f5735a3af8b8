import { type Dict, dictOf, isDict } from "../../model/value.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, done, failed, failedWith } from "./action.ts";

/** set_stats (ansible/plugins/action/set_stats.py): figures for the end of the run, shown with show_custom_stats. */
export const setStatsAction: Action = {
  name: "set_stats",
  prepare({ args, task }) {
    const unknown = [...args.keys()].map(textOf).filter((key) => !KNOWN.has(key));
    if (unknown.length > 0)
      return failedWith(
        "NoneType: None",
        `Invalid options for ${task.action}: ${unknown.sort().join(",")}`,
      );
    const given = args.get("data") ?? new Map();
    if (!isDict(given)) return failed("The 'data' option needs to be a dictionary/hash");
    const data: Dict = new Map();
    for (const [key, value] of given) {
      const name = textOf(key);
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        return failed(
          `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
        );
      }
      data.set(name, value);
    }
    const perHost = isTrue(args.get("per_host") ?? false);
    const aggregate = isTrue(args.get("aggregate") ?? true);
    return done(
      dictOf({
        ansible_stats: dictOf({ data, per_host: perHost, aggregate }),
        changed: false,
      }),
      { stats: { data, perHost, aggregate } },
    );
  },
};

const KNOWN = new Set(["aggregate", "data", "per_host"]);
