/**
 * The values that playbooks, templates and results are made of, with Python's distinctions kept
 * where they show.
 *
 * | Python      | here                                                            |
 * |-------------|-----------------------------------------------------------------|
 * | None        | `null`                                                          |
 * | bool        | `boolean`                                                       |
 * | int         | `number` that is a safe integer, else `bigint`                  |
 * | float       | `number` with a fraction, else `PyFloat` (1.0, inf, nan, 1e300) |
 * | str         | `string`                                                        |
 * | bytes       | `Uint8Array`                                                    |
 * | list        | `Array`                                                         |
 * | tuple       | `PyTuple`                                                       |
 * | dict        | `Map`, in insertion order, keys are values                      |
 *
 * A plain JavaScript object is never a value: objects reorder integer-like keys and inherit names.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyFloat
  | UnsafeText
  | Value[]
  | Dict;

/** A Python dict. */
export type Dict = Map<Value, Value>;

/** A float whose number alone would read as an int (1.0), or that has no number form (inf, nan). */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple: an array that prints with parentheses. */
export class PyTuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/**
 * Text that is never a template (`!unsafe`). Rendering replaces it by its plain string. As a final value
 * (a fact, a loop item) it is text that stays text although it reads as a list or dict: what to_json made.
 */
export class UnsafeText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The name of a Python class, where a template gave the class itself. */
export class ClassText extends UnsafeText {}

/** A float in its one canonical form: `number` where a fraction shows, `PyFloat` elsewhere. */
export function toFloat(value: number): number | PyFloat {
  return Number.isInteger(value) || !Number.isFinite(value) ? new PyFloat(value) : value;
}

/** Whether a value is a dict. */
export function isDict(value: unknown): value is Dict {
  return value instanceof Map;
}

/** A dict from pairs of a plain object, for literals in code; one level deep. */
export function dictOf(fields: Readonly<Record<string, Value>>): Dict {
  return new Map<Value, Value>(Object.entries(fields));
}
