import type { PyFloat } from "../model/value.ts";
import { define } from "./define.ts";
import { numberOf } from "./py-compare.ts";
import type { Callable } from "./py-types.ts";

/** Methods of int and float that templates meet. */
export const NUMBER_METHODS: ReadonlyMap<string, Callable> = new Map([
  [
    "bit_length",
    define("", (_run, self) =>
      Number(self) === 0
        ? 0
        : BigInt(Math.trunc(Number(self)))
            .toString(2)
            .replace("-", "").length,
    ),
  ],
  ["is_integer", define("", (_run, self) => Number.isInteger(Number(numberOf(self))))],
  ["conjugate", define("", (_run, self) => self)],
]);

/** Attributes of numbers that are no methods. */
export function numberAttribute(value: number | bigint | PyFloat, name: string): unknown {
  switch (name) {
    case "real":
    case "numerator":
      return value;
    case "imag":
      return 0;
    case "denominator":
      return 1;
    default:
      return undefined;
  }
}
