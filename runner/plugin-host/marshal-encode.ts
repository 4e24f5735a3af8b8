import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { LenientUndefined, Undefined } from "../template/error.ts";
import { PyDate, PyDateTime, PyTimeDelta } from "../template/py-datetime.ts";
import { PyIterator, PyRange, PySet, tupleOf, typeName } from "../template/py-types.ts";
import { MARK, PluginObject } from "./plugin-object.ts";

/** Gives a dict that is made as it is read (hostvars) a number, by which the host can ask for what is in it. */
export type NumberLazy = (dict: ReadonlyMap<unknown, unknown>) => readonly [number, number];

/** Bytes of a value in Python's marshal, version 2, and whether some of it travels as marked tuples. */
export interface Marshalled {
  readonly bytes: Uint8Array;
  readonly isMarked: boolean;
}

/**
 * A value as Python's `marshal.loads` reads it. That form is used since Python reads it at the speed of C without anything
 * installed, and since it has what JSON lacks: tuples, sets, bytes, ints of any size, keys of any kind.
 *
 * @throws TypeError for what has no meaning outside of its template (loops, macros)
 */
export function marshal(value: unknown, numberLazy: NumberLazy): Marshalled {
  const writer = new Writer(numberLazy);
  writer.put(value);
  return { bytes: writer.bytes(), isMarked: writer.isMarked };
}

const FIRST_SIZE = 4096;

class Writer {
  isMarked = false;
  #buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #at = 0;
  readonly #numberLazy: NumberLazy;

  constructor(numberLazy: NumberLazy) {
    this.#numberLazy = numberLazy;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  put(value: unknown): void {
    if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") {
      if (Number.isInteger(value)) this.#integer(value);
      else this.#float(value);
    } else if (value === null || value === undefined) this.#code("N");
    else if (typeof value === "boolean") this.#code(value ? "T" : "F");
    else if (typeof value === "object") this.#object(value);
    else if (typeof value === "bigint") this.#long(value);
    else throw unfit(value);
  }

  #object(value: object): void {
    if (value instanceof PyTuple) this.#items("(", value);
    else if (Array.isArray(value)) this.#items("[", value);
    else if (value instanceof Map) this.#dict(value);
    else if (value instanceof PyFloat) this.#float(value.value);
    else if (value instanceof Uint8Array) this.#sized("s", value);
    else if (value instanceof PySet) this.#items("<", value.items);
    else if (value instanceof PyIterator) this.#items("[", value.items);
    else if (value instanceof PyRange) this.#items("[", [...value]);
    else this.#marked(value);
  }

  #marked(value: object): void {
    if (value instanceof UnsafeText) this.#mark("unsafe", value.text);
    else if (value instanceof Undefined)
      this.#mark("undefined", tupleOf([value.message, !(value instanceof LenientUndefined)]));
    else if (value instanceof PluginObject) this.#mark("kept", value.number);
    else if (value instanceof PyDateTime) {
      const { year, month, day, hour, minute, second, microsecond, offset } = value.parts;
      const parts = [year, month, day, hour, minute, second, microsecond, offset ?? null];
      this.#mark("datetime", tupleOf(parts));
    } else if (value instanceof PyDate) {
      this.#mark("date", tupleOf([value.parts.year, value.parts.month, value.parts.day]));
    } else if (value instanceof PyTimeDelta) this.#mark("delta", value.microseconds);
    else throw unfit(value);
  }

  #mark(kind: string, payload: unknown): void {
    this.isMarked = true;
    this.#items("(", [MARK, kind, payload]);
  }

  #dict(dict: Map<unknown, unknown>): void {
    const isLazy = dict.constructor !== Map;
    if (isLazy) {
      this.#mark("lazy", tupleOf(this.#numberLazy(dict)));
      return;
    }
    this.#code("{");
    for (const [key, value] of dict) {
      this.put(key);
      this.put(value);
    }
    this.#code("0");
  }

  #items(code: string, items: readonly unknown[]): void {
    this.#head(code, items.length);
    for (const item of items) this.put(item);
  }

  #text(text: string): void {
    const most = text.length * 3;
    this.#grow(5 + most);
    const size = this.#buffer.write(text, this.#at + 5, "utf8");
    this.#head("u", size);
    this.#at += size;
  }

  #sized(code: string, bytes: Uint8Array): void {
    this.#grow(5 + bytes.length);
    this.#head(code, bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #integer(value: number): void {
    if (value !== (value | 0)) {
      this.#long(BigInt(value));
      return;
    }
    this.#grow(5);
    this.#buffer[this.#at] = 0x69;
    this.#at = this.#buffer.writeInt32LE(value, this.#at + 1);
  }

  /** Digits of 15 bits, lowest first; the sign is that of their number. */
  #long(value: bigint): void {
    const digits: number[] = [];
    for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 15n)
      digits.push(Number(rest & 0x7fffn));
    this.#grow(5 + 2 * digits.length);
    this.#head("l", value < 0n ? -digits.length : digits.length);
    for (const digit of digits) this.#at = this.#buffer.writeUInt16LE(digit, this.#at);
  }

  #float(value: number): void {
    this.#grow(9);
    this.#buffer[this.#at] = 0x67;
    this.#at = this.#buffer.writeDoubleLE(value, this.#at + 1);
  }

  #head(code: string, size: number): void {
    this.#grow(5);
    this.#buffer[this.#at] = code.charCodeAt(0);
    this.#at = this.#buffer.writeInt32LE(size, this.#at + 1);
  }

  #code(code: string): void {
    this.#grow(1);
    this.#buffer[this.#at++] = code.charCodeAt(0);
  }

  #grow(more: number): void {
    const wanted = this.#at + more;
    if (wanted <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function unfit(value: unknown): TypeError {
  return new TypeError(`a ${typeName(value)} cannot be given to a plugin in Python`);
}
