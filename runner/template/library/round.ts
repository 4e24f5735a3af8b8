import { toFloat } from "../../model/value.ts";
import { filterError, typeError, Undefined } from "../error.ts";
import { numberOf } from "../py-compare.ts";
import { floatText } from "../py-format.ts";
import { toInt } from "../py-operators.ts";
import { isInt, typeName } from "../py-types.ts";

/** Jinja's `round`: common (half to even, as Python), ceil or floor. */
export function roundNumber(value: unknown, precision: number, method: unknown): unknown {
  if (method !== "common" && method !== "ceil" && method !== "floor") {
    throw filterError("method must be common, ceil or floor");
  }
  if (method !== "common" && value instanceof Undefined) value.fail();
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(
      method === "common"
        ? `type ${typeName(value)} doesn't define __round__ method`
        : `can't multiply sequence by non-int of type 'float'`,
    );
  }
  if (method === "common") {
    if (isInt(value) || typeof value === "boolean")
      return precision >= 0 ? toInt(BigInt(number)) : toInt(toTens(BigInt(number), -precision));
    return toFloat(toDigits(Number(number), precision));
  }
  const scale = 10 ** precision;
  const scaled = Number(number) * scale;
  // Python's ceil and floor give ints, which have no negative zero.
  return toFloat(((method === "ceil" ? Math.ceil(scaled) : Math.floor(scaled)) + 0) / scale);
}

/** An int rounded to a power of ten, halves to even. */
function toTens(value: bigint, digits: number): bigint {
  const unit = 10n ** BigInt(digits);
  const rest = ((value % unit) + unit) % unit;
  const low = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (low / unit) % 2n !== 0n);
  return isUp ? low + unit : low;
}

/** Correctly rounded decimals, halves to even: what CPython's float.__round__ gives. */
export function toDigits(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  if (value < 0 || Object.is(value, -0)) return -toDigits(-value, digits);
  if (digits < 0) {
    const scale = 10 ** -digits;
    return halfEven(value / scale) * scale;
  }
  if (digits === 0) return halfEven(value);
  if (digits > 20) return value;
  return Number(floatText(value, "f", digits));
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
