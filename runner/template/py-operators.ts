import { PyFloat, PyTuple, toFloat, UnsafeText } from "../model/value.ts";
import { TemplateError, typeError, Undefined } from "./error.ts";
import { assertHashable, includes, indexOf, numberOf } from "./py-compare.ts";
import { complexPower } from "./py-complex.ts";
import { percentFormat } from "./py-format.ts";
import { makeSet } from "./py-list-methods.ts";
import { iterate } from "./py-sequence.ts";
import { PyIterator, PyObject, PySet, tupleOf, typeName } from "./py-types.ts";

/** No text or list made by one operator may be larger: a template must not take the controller down. */
const LARGEST_RESULT = 256 * 1024 * 1024;

/** Python's `left + right`. Throws TypeError for operands that cannot be added. */
export function add(left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return addNumbers(left, right);
  if (typeof left === "string" && typeof right === "string") return checkedText(left, right);
  failIfUndefined(left, right);
  if (left instanceof UnsafeText || right instanceof UnsafeText)
    return add(plain(left), plain(right));
  const result = arithmetic(left, right, ADD);
  if (result !== undefined) return result;
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left instanceof PyTuple === right instanceof PyTuple) {
      return left instanceof PyTuple ? tupleOf([...left, ...right]) : left.concat(right);
    }
  }
  const computed = computedByObject(left, right, "+");
  if (computed !== undefined) return computed;
  throw addError(left, right);
}

function addNumbers(left: number, right: number): unknown {
  const sum = left + right;
  if (Number.isInteger(left) && Number.isInteger(right)) {
    return Number.isSafeInteger(sum) ? sum : BigInt(left) + BigInt(right);
  }
  return toFloat(sum);
}

function checkedText(left: string, right: string): string {
  if (left.length + right.length > LARGEST_RESULT) throw tooLarge();
  return left + right;
}

function addError(left: unknown, right: unknown): TemplateError {
  const kind = typeName(left);
  if (typeof left === "string" || Array.isArray(left)) {
    return typeError(`can only concatenate ${kind} (not "${typeName(right)}") to ${kind}`);
  }
  return unsupported("+", left, right);
}

/** Python's `left - right`. */
export function subtract(left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return addNumbers(left, -right);
  failIfUndefined(left, right);
  const result = arithmetic(left, right, SUBTRACT);
  if (result !== undefined) return result;
  if (left instanceof PySet && right instanceof PySet) return setDifference(left, right.items);
  // Views of dicts are taken for sets, on either side.
  if (isSetView(left) || isSetView(right))
    return setDifference(makeSet(iterate(left)), iterate(right));
  const computed = computedByObject(left, right, "-");
  if (computed !== undefined) return computed;
  throw unsupported("-", left, right);
}

function setDifference(set: PySet, gone: readonly unknown[]): PySet {
  for (const item of gone) assertHashable(item);
  return new PySet(set.items.filter((item) => !includes(gone, item)));
}

function isSetView(value: unknown): boolean {
  return value instanceof PyIterator && /^dict_(keys|items)$/.test(value.pyType);
}

/** Python's `left * right`: numbers, and repetition of text and lists. */
export function multiply(left: unknown, right: unknown): unknown {
  failIfUndefined(left, right);
  const result = arithmetic(left, right, MULTIPLY);
  if (result !== undefined) return result;
  const [sequence, times] = isRepeatable(left) ? [left, right] : [right, left];
  if (isRepeatable(sequence)) {
    const count = indexOf(times);
    if (count !== undefined) return repeat(sequence, count);
    throw typeError(`can't multiply sequence by non-int of type '${typeName(times)}'`);
  }
  const computed = computedByObject(left, right, "*") ?? computedByObject(right, left, "*");
  if (computed !== undefined) return computed;
  throw unsupported("*", left, right);
}

function isRepeatable(value: unknown): value is string | unknown[] {
  return typeof value === "string" || Array.isArray(value);
}

function repeat(sequence: string | unknown[], count: number): unknown {
  if (Math.abs(count) >= 2 ** 63)
    throw new TemplateError("overflow", "cannot fit 'int' into an index-sized integer");
  const times = sequence.length === 0 ? 0 : Math.max(0, count);
  if (sequence.length * times > LARGEST_RESULT) throw tooLarge();
  if (typeof sequence === "string") return sequence.repeat(times);
  const items: unknown[] = [];
  for (let index = 0; index < times; index++) items.push(...sequence);
  return sequence instanceof PyTuple ? tupleOf(items) : items;
}

/** Python's `left / right`: always a float. */
export function divide(left: unknown, right: unknown): unknown {
  const computed = computedByObject(left, right, "/");
  if (computed !== undefined) return computed;
  const [a, b] = numbers(left, right, "/");
  if (Number(b) === 0)
    throw zeroDivision(isFloatOperand(left, right) ? "float division by zero" : "division by zero");
  const isExact = Number.isSafeInteger(Number(a)) && Number.isSafeInteger(Number(b));
  if (isExact || isFloatOperand(left, right)) return toFloat(Number(a) / Number(b));
  return toFloat(divideInts(BigInt(a), BigInt(b)));
}

/** Ints that are no floats are rounded once, after the division. */
function divideInts(dividend: bigint, divisor: bigint): number {
  const size = quotient(magnitude(dividend), magnitude(divisor));
  if (!Number.isFinite(size))
    throw new TemplateError("overflow", "integer division result too large for a float");
  return dividend < 0n === divisor < 0n ? size : -size;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Python's `left // right`: rounds towards minus infinity. */
export function floorDivide(left: unknown, right: unknown): unknown {
  const computed = computedByObject(left, right, "//");
  if (computed !== undefined) return computed;
  const [a, b] = numbers(left, right, "//");
  if (isFloatOperand(left, right)) {
    if (Number(b) === 0) throw zeroDivision("float floor division by zero");
    return toFloat(floatFloor(Number(a), Number(b)));
  }
  if (Number(b) === 0) throw zeroDivision("integer division or modulo by zero");
  if (typeof a === "number" && typeof b === "number") return (a - floatModulo(a, b)) / b || 0;
  const [x, y] = [BigInt(a), BigInt(b)];
  const quotient = x / y;
  return toInt(x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient);
}

/** Python's `left % right`: the sign of the divisor; text on the left is formatted. */
export function modulo(left: unknown, right: unknown): unknown {
  if (typeof left === "string") return percentFormat(left, right);
  if (left instanceof UnsafeText) return percentFormat(left.text, right);
  const computed = computedByObject(left, right, "%");
  if (computed !== undefined) return computed;
  const [a, b] = numbers(left, right, "%");
  if (isFloatOperand(left, right)) {
    if (Number(b) === 0) throw zeroDivision("float modulo");
    return toFloat(floatModulo(Number(a), Number(b)));
  }
  if (Number(b) === 0) throw zeroDivision("integer modulo by zero");
  if (typeof a === "number" && typeof b === "number") return floatModulo(a, b) || 0;
  const [x, y] = [BigInt(a), BigInt(b)];
  const rest = x % y;
  return toInt(rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest);
}

/** Whole, although the quotient itself may have been rounded up: 2.0 // 0.1 is 19 (float_floor_div of CPython). */
function floatFloor(left: number, right: number): number {
  const quotient = (left - floatModulo(left, right)) / right;
  if (quotient === 0 || !Number.isFinite(quotient))
    return quotient === 0 ? 0 * (left / right) : quotient;
  const whole = Math.floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

function floatModulo(left: number, right: number): number {
  const rest = left % right;
  if (rest === 0) return right < 0 ? -0 : 0;
  return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
}

/** Python's `left ** right`. */
export function power(left: unknown, right: unknown): unknown {
  const [a, b] = numbers(left, right, "** or pow()");
  if (isFloatOperand(left, right)) return floatPower(Number(a), Number(b));
  if (Number(b) < 0) return floatPower(Number(a), Number(b));
  const quick = Number(a) ** Number(b);
  if (Number.isSafeInteger(quick)) return quick;
  // The digits of the result decide the cost, not the operands.
  if (Number(b) * Math.log2(Math.abs(Number(a)) + 1) > 8 * 1024 * 1024) throw tooLarge();
  return toInt(BigInt(a) ** BigInt(b));
}

/** The same for a base that Jinja writes into its Python as a number: a minus in front then binds less than the power. */
export function powerOfConstant(left: unknown, right: unknown): unknown {
  const number = numberOf(left);
  const isNegative = number !== undefined && (number < 0 || Object.is(number, -0));
  return isNegative ? negate(power(negate(left), right)) : power(left, right);
}

function floatPower(base: number, exponent: number): unknown {
  if (base === 0 && exponent < 0) throw zeroDivision("0.0 cannot be raised to a negative power");
  const isComplex = base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent);
  if (isComplex) return complexPower(base, exponent);
  const result = exactPower(base, exponent);
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent))
    throw new TemplateError("overflow", "(34, 'Numerical result out of range')");
  return toFloat(result);
}

/**
 * A power as the C library rounds it: V8's own is off by the last bit now and then. A float is an int
 * times a power of two, so small whole exponents can be done exactly.
 */
export function exactPower(base: number, exponent: number): number {
  const quick = base ** exponent;
  const times = Math.abs(exponent);
  if (!Number.isInteger(exponent) || times > 64 || times < 1) return quick;
  if (!Number.isFinite(base) || !Number.isFinite(quick)) return quick;
  let mantissa = base;
  let twos = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    twos++;
  }
  const scale = twos * times;
  const power = BigInt(mantissa) ** BigInt(times);
  if (scale > 900 || power === 0n) return quick;
  if (exponent > 0) return Number(power) / 2 ** scale;
  const size = quotient(1n << BigInt(scale), magnitude(power));
  return power < 0n ? -size : size;
}

/** The float nearest to a fraction of positive numbers: more digits than it has, and in the last of them whether there are others. */
function quotient(dividend: bigint, divisor: bigint): number {
  const shift = Math.max(0, bits(divisor) - bits(dividend) + 66);
  const shifted = dividend << BigInt(shift);
  const digits = (shifted / divisor) << 1n;
  const isExact = shifted % divisor === 0n;
  return Number(isExact ? digits : digits | 1n) / 2 ** (shift + 1);
}

function bits(value: bigint): number {
  return value.toString(16).length * 4;
}

/** Python's `-value`. */
export function negate(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 0 : -value;
  if (value instanceof PyFloat) return new PyFloat(-value.value);
  if (value instanceof Undefined) return value.fail();
  if (value instanceof PyObject && "pyNegate" in value)
    return (value as PyObject & { pyNegate(): unknown }).pyNegate();
  const number = numberOf(value);
  if (number === undefined) throw typeError(`bad operand type for unary -: '${typeName(value)}'`);
  return toInt(-BigInt(number));
}

/** Python's `+value`. */
export function positive(value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  if (typeof value === "boolean") return value ? 1 : 0;
  if (numberOf(value) === undefined)
    throw typeError(`bad operand type for unary +: '${typeName(value)}'`);
  return value;
}

/** A bigint in its one form: a number where it is safe. */
export function toInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

interface Arithmetic {
  readonly ints: (left: bigint, right: bigint) => bigint;
  readonly floats: (left: number, right: number) => number;
}
const ADD: Arithmetic = { ints: (a, b) => a + b, floats: (a, b) => a + b };
const SUBTRACT: Arithmetic = { ints: (a, b) => a - b, floats: (a, b) => a - b };
const MULTIPLY: Arithmetic = { ints: (a, b) => a * b, floats: (a, b) => a * b };

function arithmetic(left: unknown, right: unknown, operator: Arithmetic): unknown {
  const a = numberOf(left);
  if (a === undefined) return undefined;
  const b = numberOf(right);
  if (b === undefined) return undefined;
  if (isFloatOperand(left, right)) return toFloat(operator.floats(Number(a), Number(b)));
  if (typeof a === "number" && typeof b === "number") {
    const quick = operator.floats(a, b);
    if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick;
  }
  return toInt(operator.ints(BigInt(a), BigInt(b)));
}

function isFloatOperand(left: unknown, right: unknown): boolean {
  return isFloatValue(left) || isFloatValue(right);
}

function isFloatValue(value: unknown): boolean {
  return value instanceof PyFloat || (typeof value === "number" && !Number.isInteger(value));
}

function numbers(
  left: unknown,
  right: unknown,
  operator: string,
): [number | bigint, number | bigint] {
  failIfUndefined(left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) throw unsupported(operator, left, right);
  return [a, b];
}

/** What dates and the like know to compute themselves. */
interface Computing {
  pyCompute(operator: string, other: unknown): unknown;
}

function computedByObject(left: unknown, right: unknown, operator: string): unknown {
  return left instanceof PyObject && "pyCompute" in left
    ? (left as PyObject & Computing).pyCompute(operator, right)
    : undefined;
}

function plain(value: unknown): unknown {
  return value instanceof UnsafeText ? value.text : value;
}

function failIfUndefined(left: unknown, right: unknown): void {
  if (left instanceof Undefined) left.fail();
  if (right instanceof Undefined) right.fail();
}

function unsupported(operator: string, left: unknown, right: unknown): TemplateError {
  return typeError(
    `unsupported operand type(s) for ${operator}: '${qualifiedName(left)}' and '${qualifiedName(right)}'`,
  );
}

/** Classes that are written in C say where they are from. */
function qualifiedName(value: unknown): string {
  const name = value instanceof PyObject ? value.pyQualifiedType : "";
  return name.startsWith("datetime.") ? name : typeName(value);
}

function zeroDivision(message: string): TemplateError {
  return new TemplateError("zero-division", message);
}

function tooLarge(): TemplateError {
  return new TemplateError(
    "limit",
    "the result of this operation is larger than 256 MB; build it in smaller parts",
  );
}
