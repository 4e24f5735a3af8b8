import type { Dict } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import type { ActionInput, Prepared } from "./action.ts";

/** One call of a module, its printed result as the task's. */
export function moduleCall(input: ActionInput, name: string, args: Dict): Prepared {
  const { call, sources } = input.invoke(name, args);
  return { kind: "call", call, sources, finish: moduleResult };
}
