import type { Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import { textOf } from "./values.ts";

/** A variable of the host the task runs on, or MISSING. */
export type ReadVar = (name: string) => unknown;

/** The first of the variables that has a value. */
export function firstOf(read: ReadVar, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = read(name);
    if (value !== MISSING && value !== null && value !== undefined && value !== "")
      return textOrNone(value as Value);
  }
  return undefined;
}

export function textOrNone(value: Value | undefined): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value);
}
