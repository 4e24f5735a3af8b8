import { PyFloat, UnsafeText } from "../model/value.ts";
import { typeError } from "./error.ts";
import { toInt } from "./py-operators.ts";
import { isFloat } from "./py-types.ts";

/** Where figures come from that nobody can foretell, or that a seed foretells. */
export interface Chance {
  /** A whole number from 0 to below the limit, which is more than 0. */
  below(limit: number | bigint): number | bigint;
}

/** SHA-512 of bytes, as hexadecimal text. */
type Sha512 = (data: Uint8Array) => string;

/** Chance out of numbers from 0 to below 1. */
export function systemChance(random: () => number): Chance {
  const word = (): bigint => BigInt(Math.floor(random() * WORD));
  return {
    below(limit) {
      if (typeof limit === "number") return Math.floor(random() * limit);
      let value = 0n;
      // Two words more than the limit has, so that the remainder favours nobody.
      for (let bits = limit; bits > 0n; bits >>= 32n) value = (value << 32n) | word();
      return toInt(((value << 64n) | (word() << 32n) | word()) % limit);
    },
  };
}

/**
 * The figures that Python's `random.Random(seed)` gives for the same seed (random.py of CPython 3.11, and the
 * Mersenne Twister of Matsumoto and Nishimura under it). Throws TypeError for what is no seed.
 */
export function seededChance(seed: unknown, sha512: Sha512): Chance {
  const twister = new MersenneTwister(keyOf(seed, sha512));
  return {
    below(limit) {
      const size = bitLength(limit);
      if (size <= 32) {
        let value = twister.next() >>> (32 - size);
        while (value >= limit) value = twister.next() >>> (32 - size);
        return value;
      }
      const most = BigInt(limit);
      let value = twister.bits(size);
      while (value >= most) value = twister.bits(size);
      return toInt(value);
    },
  };
}

/** An item of a sequence that is not empty. */
export function choose<T>(chance: Chance, items: readonly T[]): T {
  return items[Number(chance.below(items.length))] as T;
}

/** Brings a list into another order, in place. */
export function shuffleItems(chance: Chance, items: unknown[]): void {
  for (let index = items.length - 1; index > 0; index--) {
    const other = Number(chance.below(index + 1));
    [items[index], items[other]] = [items[other], items[index]];
  }
}

const WORD = 2 ** 32;

function bitLength(limit: number | bigint): number {
  return typeof limit === "number" && limit < WORD
    ? 32 - Math.clz32(limit)
    : BigInt(limit).toString(2).length;
}

/** The number that a seed stands for: text and bytes with their digest behind them. */
function keyOf(seed: unknown, sha512: Sha512): bigint {
  const text = seed instanceof UnsafeText ? seed.text : seed;
  if (typeof text === "string") return keyOf(new TextEncoder().encode(text), sha512);
  if (text instanceof Uint8Array) return BigInt(`0x${hexOf(text)}${sha512(text)}`);
  if (typeof text === "boolean") return text ? 1n : 0n;
  if (isFloat(text))
    return BigInt.asUintN(64, floatHash(text instanceof PyFloat ? text.value : text));
  if (typeof text === "number" || typeof text === "bigint") {
    const number = BigInt(text);
    return number < 0n ? -number : number;
  }
  throw typeError(
    "The only supported seed types are: None,\nint, float, str, bytes, and bytearray.",
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const PRIME = 2n ** 61n - 1n;

/** Python's hash of a float: the number modulo a prime, of which the powers of two repeat every 61. */
function floatHash(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value > 0 ? 314159n : -314159n;
  let mantissa = Math.abs(value);
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  const turn = BigInt(((exponent % 61) + 61) % 61);
  const hash = ((BigInt(mantissa) % PRIME) << turn) % PRIME;
  const signed = value < 0 ? -hash : hash;
  return signed === -1n ? -2n : signed;
}

const SIZE = 624;
const SHIFT = 397;

/** MT19937. */
class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #index = SIZE;

  constructor(key: bigint) {
    this.#seed(wordsOf(key));
  }

  /** The next 32 bits. */
  next(): number {
    if (this.#index === SIZE) this.#twist();
    let word = this.#state[this.#index++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** A number of that many bits: the first word is the lowest, and the last gives its highest bits. */
  bits(size: number): bigint {
    let value = 0n;
    for (let at = 0; at < size; at += 32) {
      const left = size - at;
      const word = left < 32 ? this.next() >>> (32 - left) : this.next();
      value |= BigInt(word) << BigInt(at);
    }
    return value;
  }

  #seed(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    for (let at = 1; at < SIZE; at++) {
      const before = state[at - 1]!;
      state[at] = Math.imul(before ^ (before >>> 30), 1812433253) + at;
    }
    let at = 1;
    const advance = (): void => {
      at++;
      if (at < SIZE) return;
      state[0] = state[SIZE - 1]!;
      at = 1;
    };
    const mixed = (factor: number): number => {
      const before = state[at - 1]!;
      return state[at]! ^ Math.imul(before ^ (before >>> 30), factor);
    };
    for (let step = 0; step < Math.max(SIZE, key.length); step++) {
      const turn = step % key.length;
      state[at] = mixed(1664525) + key[turn]! + turn;
      advance();
    }
    for (let step = 1; step < SIZE; step++) {
      state[at] = mixed(1566083941) - at;
      advance();
    }
    state[0] = 0x80000000;
  }

  #twist(): void {
    const state = this.#state;
    for (let at = 0; at < SIZE; at++) {
      const both = (state[at]! & 0x80000000) | (state[(at + 1) % SIZE]! & 0x7fffffff);
      const odd = (both & 1) === 0 ? 0 : 0x9908b0df;
      state[at] = state[(at + SHIFT) % SIZE]! ^ (both >>> 1) ^ odd;
    }
    this.#index = 0;
  }
}

/** A number in words of 32 bits, the lowest first; at least one. */
function wordsOf(key: bigint): number[] {
  const words: number[] = [];
  for (let rest = key; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}
