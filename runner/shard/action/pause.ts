import type { Value } from "../../model/value.ts";
import { textOf } from "../values.ts";
import { type Action, failed } from "./action.ts";

/** pause for a time (ansible/plugins/action/pause.py); waiting for a key needs a terminal of the main thread and is refused. */
export const pauseAction: Action = {
  name: "pause",
  prepare({ args }) {
    const unknown = [...args.keys()]
      .map(textOf)
      .filter((key) => !["seconds", "minutes", "prompt", "echo"].includes(key));
    if (unknown.length > 0)
      return failed(
        `Unsupported parameters for (pause) module: ${unknown.join(", ")}. Supported parameters include: echo, minutes, prompt, seconds.`,
      );
    const unit = args.has("minutes") ? 60 : 1;
    const amount = Number(args.get("minutes") ?? args.get("seconds"));
    if (!args.has("minutes") && !args.has("seconds")) {
      return failed(
        "pause without seconds or minutes waits for a key, which is not supported by skein yet: give seconds",
      );
    }
    if (!Number.isFinite(amount)) return failed("non-integer value given for prompt duration");
    const seconds = Math.max(0, amount * unit);
    return {
      kind: "steps",
      async run(io) {
        const start = new Date();
        await io.sleep(seconds);
        const stop = new Date();
        const delta = Math.floor((stop.getTime() - start.getTime()) / 1000);
        return new Map<Value, Value>([
          ["changed", false],
          ["rc", 0],
          ["stderr", ""],
          [
            "stdout",
            `Paused for ${unit === 60 ? Math.round((delta / 60) * 100) / 100 : delta}${Number.isInteger(delta) && unit === 1 ? ".0" : ""} ${unit === 60 ? "minutes" : "seconds"}`,
          ],
          ["start", localTime(start)],
          ["stop", localTime(stop)],
          ["delta", delta],
          ["echo", true],
          ["user_input", ""],
        ]);
      },
    };
  },
};

function localTime(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}000`;
}
