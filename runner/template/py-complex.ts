import { numberOf } from "./py-compare.ts";
import { reprFloat } from "./py-repr.ts";
import { PyObject } from "./py-types.ts";

/** A complex number: what a power of a negative number is, as far as templates show and add to it. */
export class PyComplex extends PyObject {
  readonly pyType = "complex";
  readonly #real: number;
  readonly #imaginary: number;

  constructor(real: number, imaginary: number) {
    super();
    this.#real = real;
    this.#imaginary = imaginary;
  }

  pyGet(name: string): unknown {
    if (name === "real") return this.#real;
    return name === "imag" ? this.#imaginary : undefined;
  }

  pyCompute(operator: string, other: unknown): unknown {
    const number = numberOf(other);
    if (number === undefined) return undefined;
    const by = Number(number);
    if (operator === "+") return new PyComplex(this.#real + by, this.#imaginary);
    if (operator === "-") return new PyComplex(this.#real - by, this.#imaginary);
    return operator === "*" ? new PyComplex(this.#real * by, this.#imaginary * by) : undefined;
  }

  override pyRepr(): string {
    const imaginary = `${part(this.#imaginary)}j`;
    if (Object.is(this.#real, 0)) return imaginary;
    return `(${part(this.#real)}${imaginary.startsWith("-") ? "" : "+"}${imaginary})`;
  }
}

/** `base ** exponent` of a negative base and an exponent that is not whole (complex_pow of CPython). */
export function complexPower(base: number, exponent: number): PyComplex {
  const length = Math.abs(base) ** exponent;
  const angle = Math.PI * exponent;
  return new PyComplex(length * Math.cos(angle), length * Math.sin(angle));
}

function part(value: number): string {
  return reprFloat(value).replace(/\.0$/, "");
}
