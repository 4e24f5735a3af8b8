import { PyTuple, toFloat, UnsafeText } from "../model/value.ts";
import { LenientUndefined, Undefined } from "../template/error.ts";
import { PyDate, PyDateTime, PyTimeDelta } from "../template/py-datetime.ts";
import { PySet } from "../template/py-types.ts";
import { MARK, PluginObject } from "./plugin-object.ts";

/**
 * The value that Python's `marshal.dumps(value, 2)` wrote.
 *
 * @param isMarked whether tuples with a mark stand for something else
 * @throws Error for types that values do not have (code, complex numbers), and for damaged bytes
 */
export function unmarshal(bytes: Buffer, isMarked: boolean): unknown {
  const reader = new Reader(bytes, isMarked);
  const value = reader.value();
  if (reader.at !== bytes.length) throw damaged();
  return value;
}

const NULL = Symbol("end of a dict");

class Reader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #isMarked: boolean;

  constructor(bytes: Buffer, isMarked: boolean) {
    this.#bytes = bytes;
    this.#isMarked = isMarked;
  }

  value(): unknown {
    const value = this.#any();
    if (value === NULL) throw damaged();
    return value;
  }

  #any(): unknown {
    const code = this.#bytes[this.at++];
    switch (code) {
      case 0x4e: // N
        return null;
      case 0x54: // T
        return true;
      case 0x46: // F
        return false;
      case 0x30: // 0
        return NULL;
      case 0x69: // i
        return this.#int32();
      case 0x6c: // l
        return this.#long();
      case 0x67: // g
        this.#need(8);
        this.at += 8;
        return toFloat(this.#bytes.readDoubleLE(this.at - 8));
      case 0x75: // u
        return this.#span(this.#size()).toString("utf8");
      case 0x73: // s
        return Uint8Array.from(this.#span(this.#size()));
      case 0x5b: // [
        return this.#items();
      case 0x28: // (
        return this.#tuple();
      case 0x3c: // <
      case 0x3e: // >
        return new PySet(this.#items());
      case 0x7b: // {
        return this.#dict();
      case undefined:
        throw damaged();
      default:
        throw new Error(
          `the plugin gave a value of a kind that templates do not have (marshal type '${String.fromCharCode(code)}')`,
        );
    }
  }

  #items(): unknown[] {
    const size = this.#size();
    const items: unknown[] = [];
    for (let index = 0; index < size; index++) items.push(this.value());
    return items;
  }

  #tuple(): unknown {
    const items = this.#items();
    if (this.#isMarked && items.length === 3 && items[0] === MARK)
      return revive(String(items[1]), items[2]);
    const tuple = new PyTuple();
    for (const item of items) tuple.push(item as never);
    return tuple;
  }

  #dict(): Map<unknown, unknown> {
    const dict = new Map<unknown, unknown>();
    for (;;) {
      const key = this.#any();
      if (key === NULL) return dict;
      dict.set(key, this.value());
    }
  }

  #long(): number | bigint {
    const size = this.#int32();
    const count = Math.abs(size);
    this.#need(2 * count);
    let value = 0n;
    for (let index = count - 1; index >= 0; index--)
      value = (value << 15n) | BigInt(this.#bytes.readUInt16LE(this.at + 2 * index));
    this.at += 2 * count;
    const signed = size < 0 ? -value : value;
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  #int32(): number {
    this.#need(4);
    this.at += 4;
    return this.#bytes.readInt32LE(this.at - 4);
  }

  #size(): number {
    const size = this.#int32();
    if (size < 0) throw damaged();
    return size;
  }

  #span(size: number): Buffer {
    this.#need(size);
    this.at += size;
    return this.#bytes.subarray(this.at - size, this.at);
  }

  #need(size: number): void {
    if (this.at + size > this.#bytes.length) throw damaged();
  }
}

function revive(kind: string, payload: unknown): unknown {
  const parts = payload as readonly unknown[];
  switch (kind) {
    case "undefined":
      return parts[1] === true
        ? new Undefined(null, String(parts[0]))
        : new LenientUndefined(null, String(parts[0]));
    case "datetime": {
      const [year, month, day, hour, minute, second, microsecond, offset] = parts as number[];
      const time = { year, month, day, hour, minute, second, microsecond } as PyDateTime["parts"];
      return new PyDateTime(typeof offset === "number" ? { ...time, offset } : time);
    }
    case "date": {
      const [year, month, day] = parts as number[];
      const midnight = { hour: 0, minute: 0, second: 0, microsecond: 0 };
      return new PyDate({ year, month, day, ...midnight } as PyDate["parts"]);
    }
    case "delta":
      return new PyTimeDelta(Number(payload));
    case "unsafe":
      return new UnsafeText(String(payload));
    case "kept": {
      const [number, type, text, repr] = parts;
      return new PluginObject(Number(number), String(type), String(text), String(repr));
    }
    default:
      throw damaged();
  }
}

function damaged(): Error {
  return new Error("what the plugin host wrote is damaged");
}
