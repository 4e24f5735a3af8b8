import type { PyFloat } from "../model/value.ts";
import { define } from "./define.ts";
import { numberOf } from "./py-compare.ts";
import type { Callable } from "./py-types.ts";

const conjugate = define("", (_run, self) => (typeof self === "boolean" ? Number(self) : self));

/** Methods of int that templates meet. */
export const INT_METHODS: ReadonlyMap<string, Callable> = new Map([
  [
    "bit_length",
    define("", (_run, self) => {
      const whole = BigInt(self as number | bigint | boolean);
      return whole === 0n ? 0 : whole.toString(2).replace("-", "").length;
    }),
  ],
  ["conjugate", conjugate],
]);

/** Methods of float that templates meet. */
export const FLOAT_METHODS: ReadonlyMap<string, Callable> = new Map([
  ["is_integer", define("", (_run, self) => Number.isInteger(Number(numberOf(self))))],
  ["conjugate", conjugate],
]);

/** Attributes of numbers that are no methods. */
export function numberAttribute(value: number | bigint | boolean | PyFloat, name: string): unknown {
  switch (name) {
    case "real":
    case "numerator":
      return typeof value === "boolean" ? Number(value) : value;
    case "imag":
      return 0;
    case "denominator":
      return 1;
    default:
      return undefined;
  }
}
