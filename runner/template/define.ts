import type { Callable, Invoke } from "./py-types.ts";

/** A filter, test, function or method: its parameters as words ("value default? *args"), and what it does. */
export function define(params: string, invoke: Invoke): Callable {
  return { params: params === "" ? [] : params.split(" "), invoke };
}
