import type { Value } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import { textOf } from "../values.ts";
import { type Action, failedWith } from "./action.ts";

const OPTIONS: ReadonlySet<string> = new Set(["connect_timeout", "delay", "sleep", "timeout"]);

/** wait_for_connection: tries a ping over a new connection until one answers (ansible/plugins/action/wait_for_connection.py). */
export const waitForConnectionAction: Action = {
  name: "wait_for_connection",
  prepare(input) {
    const { args, task } = input;
    const unknown = [...args.keys()].map(textOf).filter((key) => !OPTIONS.has(key));
    if (unknown.length > 0) {
      return failedWith(
        "NoneType: None",
        `Invalid options for ${task.action}: ${unknown.join(",")}`,
      );
    }
    const number = (name: string, fallback: number): number => {
      const value = Number(args.get(name) ?? fallback);
      return Number.isFinite(value) ? value : fallback;
    };
    const delay = number("delay", 0);
    const pause = number("sleep", 1);
    const timeout = number("timeout", 600);
    return {
      kind: "steps",
      async run(io) {
        const start = performance.now();
        const elapsed = (): number => Math.floor((performance.now() - start) / 1000);
        await io.sleep(delay);
        for (;;) {
          let problem: string;
          try {
            const [result] = await io.batch([input.invoke("ping", new Map())], true);
            const data = moduleResult(result!);
            if (data.get("ping") === "pong")
              return new Map<Value, Value>([
                ["changed", false],
                ["elapsed", elapsed()],
              ]);
            problem = "ping test failed";
          } catch (error) {
            if (io.signal.aborted) throw error;
            problem = (error as Error).message;
          }
          if (elapsed() >= timeout) {
            return new Map<Value, Value>([
              ["failed", true],
              ["msg", `timed out waiting for ping module test: ${problem}`],
              ["elapsed", elapsed()],
            ]);
          }
          await io.reset();
          await io.sleep(pause);
        }
      },
    };
  },
};
