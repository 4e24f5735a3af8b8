import { type Dict, PyFloat, toFloat, type Value } from "../../model/value.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, failedWith, type Prepared } from "./action.ts";

/** pause: for a time, or until somebody presses Enter (ansible/plugins/action/pause.py). */
export const pauseAction: Action = {
  name: "pause",
  prepare(input) {
    const { args } = input;
    const problem = problemOf(args);
    if (problem !== undefined) return failedWith("NoneType: None", problem);
    const unit = isGiven(args.get("minutes")) ? "minutes" : "seconds";
    const amount = args.get(unit);
    const seconds = isGiven(amount)
      ? Math.max(1, toSeconds(amount) * (unit === "minutes" ? 60 : 1))
      : undefined;
    return pauseFor(input, seconds, unit === "minutes" || seconds === undefined);
  },
};

function pauseFor(
  { args, task, role }: ActionInput,
  seconds: number | undefined,
  inMinutes: boolean,
): Prepared {
  const echo = isTrue(args.get("echo") ?? true);
  const hidden = echo ? "" : " (output is hidden)";
  const prompt = args.get("prompt");
  const words = isGiven(prompt) ? textOf(prompt) : "Press enter to continue, Ctrl+C to interrupt";
  const name = task.name ?? task.action;
  const title = role === undefined ? name : `${role.name} : ${name}`;
  const question = `[${title.trim()}]\n${words}${hidden}:\n`;
  const text =
    seconds === undefined
      ? question
      : `Pausing for ${seconds} seconds${hidden}\n(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r\n${isGiven(prompt) ? question : ""}`;
  return {
    kind: "steps",
    async run(io) {
      const start = new Date();
      const answer = await io.pause({ text, seconds, echo });
      const stop = new Date();
      if (answer.kind === "aborted") {
        return new Map<Value, Value>([
          ["failed", true],
          ["msg", "user requested abort!"],
        ]);
      }
      const passed = (stop.getTime() - start.getTime()) / 1000;
      const shown = toFloat(Math.round((inMinutes ? passed / 60 : passed) * 100) / 100);
      const number = shown instanceof PyFloat ? shown.value.toFixed(1) : String(shown);
      return new Map<Value, Value>([
        ["changed", false],
        ["rc", 0],
        ["stderr", ""],
        ["stdout", `Paused for ${number} ${inMinutes ? "minutes" : "seconds"}`],
        ["start", localTime(start)],
        ["stop", localTime(stop)],
        ["delta", Math.floor(passed)],
        ["echo", echo],
        ["user_input", answer.input],
      ]);
    },
  };
}

const KNOWN = ["echo", "minutes", "prompt", "seconds"];

/** What is wrong with the arguments, in the words of ansible/module_utils/common/arg_spec.py. */
function problemOf(args: Dict): string | undefined {
  const unknown = [...args.keys()].map(textOf).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0)
    return `Unsupported parameters for (pause) module: ${unknown.join(", ")}. Supported parameters include: ${KNOWN.join(", ")}.`;
  if (isGiven(args.get("minutes")) && isGiven(args.get("seconds")))
    return "parameters are mutually exclusive: minutes|seconds";
  for (const name of ["minutes", "seconds"]) {
    const value = args.get(name);
    if (isGiven(value) && Number.isNaN(toSeconds(value))) {
      return `argument '${name}' is of type <class '${TEXT_CLASS}'> and we were unable to convert to int: invalid literal for int() with base 10: '${textOf(value)}'`;
    }
  }
  const echo = args.get("echo");
  if (
    typeof echo === "string" &&
    !/^(?:y|yes|on|1|true|t|n|no|off|0|false|f)$/i.test(echo.trim())
  ) {
    return `argument 'echo' is of type <class '${TEXT_CLASS}'> and we were unable to convert to bool: The value '${echo}' is not a valid boolean.`;
  }
  return undefined;
}

const TEXT_CLASS = "ansible.parsing.yaml.objects.AnsibleUnicode";

function isGiven(value: Value | undefined): value is Value {
  return value !== undefined && value !== null && value !== "";
}

/** Python's int(): numbers are cut, text has to be a whole number. */
function toSeconds(value: Value): number {
  if (typeof value === "number" || typeof value === "bigint") return Math.trunc(Number(value));
  if (value instanceof PyFloat) return Math.trunc(value.value);
  if (typeof value === "boolean") return value ? 1 : 0;
  const text = textOf(value).trim();
  return /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
}

function localTime(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}000`;
}
