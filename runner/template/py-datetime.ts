import { toFloat } from "../model/value.ts";
import { TemplateError, valueError } from "./error.ts";
import { numberOf } from "./py-compare.ts";
import { formatTime, parseTime, type TimeParts } from "./py-strftime.ts";
import { isFloat, PyFunction, PyObject, tupleOf } from "./py-types.ts";

/** Python's datetime.datetime. */
export class PyDateTime extends PyObject {
  readonly pyType = "datetime";
  readonly parts: TimeParts;

  constructor(parts: TimeParts) {
    super();
    this.parts = parts;
  }

  static fromDate(date: Date, utc: boolean): PyDateTime {
    const microsecond = date.getUTCMilliseconds() * 1000;
    return new PyDateTime(
      utc
        ? {
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
            day: date.getUTCDate(),
            hour: date.getUTCHours(),
            minute: date.getUTCMinutes(),
            second: date.getUTCSeconds(),
            microsecond,
          }
        : {
            year: date.getFullYear(),
            month: date.getMonth() + 1,
            day: date.getDate(),
            hour: date.getHours(),
            minute: date.getMinutes(),
            second: date.getSeconds(),
            microsecond,
          },
    );
  }

  /** Python's `datetime.strptime`. Throws ValueError. */
  static parse(text: string, format: string): PyDateTime {
    return new PyDateTime(parseTime(text, format));
  }

  override get pyQualifiedType(): string {
    return "datetime.datetime";
  }

  strftime(format: string): string {
    return formatTime(format, this.parts);
  }

  isoformat(separator = "T"): string {
    const { microsecond, offset } = this.parts;
    const fraction = microsecond === 0 ? "" : `.${String(microsecond).padStart(6, "0")}`;
    return (
      this.strftime(`%Y-%m-%d${separator}%H:%M:%S`) +
      fraction +
      (offset === undefined ? "" : zone(offset))
    );
  }

  pyGet(name: string): unknown {
    const { parts } = this;
    if (name in parts && name !== "offset") return parts[name as keyof TimeParts];
    switch (name) {
      case "strftime":
        return new PyFunction(name, ["format"], (_run, format) => this.strftime(String(format)));
      case "isoformat":
        return new PyFunction(name, ["sep?"], (_run, sep = "T") => this.isoformat(String(sep)));
      case "timestamp":
        return new PyFunction(name, [], () => toFloat(this.#epochMicroseconds(true) / 1e6));
      case "weekday":
        return new PyFunction(name, [], () => (this.#weekday() + 6) % 7);
      case "isoweekday":
        return new PyFunction(name, [], () => this.#weekday() || 7);
      case "toordinal":
        return new PyFunction(
          name,
          [],
          () => Math.floor(this.#epochMicroseconds(false) / 86_400e6) + 719_163,
        );
      case "date":
        return new PyFunction(name, [], () => new PyDate(this.parts));
      case "timetuple":
        return new PyFunction(name, [], () =>
          tupleOf([parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second]),
        );
      case "replace":
        return new PyFunction(
          name,
          ["**kwargs"],
          (_run, kwargs) =>
            new PyDateTime({ ...parts, ...Object.fromEntries(kwargs as Map<string, number>) }),
        );
      default:
        return undefined;
    }
  }

  #weekday(): number {
    return new Date(Date.UTC(this.parts.year, this.parts.month - 1, this.parts.day)).getUTCDay();
  }

  #epochMicroseconds(local: boolean): number {
    const { year, month, day, hour, minute, second, microsecond, offset } = this.parts;
    const zoned = offset !== undefined || !local;
    const milliseconds = zoned
      ? Date.UTC(year, month - 1, day, hour, minute, second) - (offset ?? 0) * 60_000
      : new Date(year, month - 1, day, hour, minute, second).getTime();
    return milliseconds * 1000 + microsecond;
  }

  pyOrder(other: object): number | undefined {
    if (!(other instanceof PyDateTime)) return undefined;
    return this.#epochMicroseconds(false) - other.#epochMicroseconds(false);
  }

  pyCompute(operator: string, other: unknown): unknown {
    if (operator === "-" && other instanceof PyDateTime) {
      return new PyTimeDelta(this.#epochMicroseconds(false) - other.#epochMicroseconds(false));
    }
    if (other instanceof PyTimeDelta) {
      const shift = operator === "-" ? -other.microseconds : other.microseconds;
      const moved = this.#epochMicroseconds(false) + shift;
      const date = PyDateTime.fromDate(new Date(Math.floor(moved / 1000)), true).parts;
      return new PyDateTime({
        ...date,
        microsecond: ((moved % 1_000_000) + 1_000_000) % 1_000_000,
        offset: this.parts.offset,
      });
    }
    return undefined;
  }

  pyFormat(spec: string): string {
    return this.strftime(spec);
  }

  override pyStr(): string {
    return this.isoformat(" ");
  }

  override pyRepr(): string {
    const { year, month, day, hour, minute, second, microsecond } = this.parts;
    const rest = microsecond !== 0 ? [second, microsecond] : second !== 0 ? [second] : [];
    return `datetime.datetime(${[year, month, day, hour, minute, ...rest].join(", ")})`;
  }
}

/** Python's datetime.date. */
export class PyDate extends PyObject {
  readonly pyType = "date";
  readonly parts: TimeParts;
  constructor(parts: TimeParts) {
    super();
    this.parts = { ...parts, hour: 0, minute: 0, second: 0, microsecond: 0 };
  }
  override get pyQualifiedType(): string {
    return "datetime.date";
  }
  pyGet(name: string): unknown {
    if (name === "year" || name === "month" || name === "day") return this.parts[name];
    if (name === "strftime")
      return new PyFunction(name, ["format"], (_run, format) =>
        formatTime(String(format), this.parts),
      );
    if (name === "isoformat") return new PyFunction(name, [], () => this.pyStr());
    return undefined;
  }
  isoformat(): string {
    return this.pyStr();
  }
  override pyStr(): string {
    return formatTime("%Y-%m-%d", this.parts);
  }
  override pyRepr(): string {
    return `datetime.date(${this.parts.year}, ${this.parts.month}, ${this.parts.day})`;
  }
}

const DAY = 86_400_000_000;

/** Python's datetime.timedelta. */
export class PyTimeDelta extends PyObject {
  readonly pyType = "timedelta";
  readonly microseconds: number;
  pyAbsolute(): PyTimeDelta {
    return new PyTimeDelta(Math.abs(this.microseconds));
  }
  pyNegate(): PyTimeDelta {
    return new PyTimeDelta(-this.microseconds);
  }
  pyTruth(): boolean {
    return this.microseconds !== 0;
  }
  constructor(microseconds: number) {
    super();
    this.microseconds = microseconds;
  }
  override get pyQualifiedType(): string {
    return "datetime.timedelta";
  }
  get #split(): { readonly days: number; readonly seconds: number; readonly rest: number } {
    const days = Math.floor(this.microseconds / DAY);
    const within = this.microseconds - days * DAY;
    return { days, seconds: Math.floor(within / 1e6), rest: within % 1e6 };
  }
  pyGet(name: string): unknown {
    const { days, seconds, rest } = this.#split;
    switch (name) {
      case "days":
        return days;
      case "seconds":
        return seconds;
      case "microseconds":
        return rest;
      case "total_seconds":
        return new PyFunction(name, [], () => toFloat(this.microseconds / 1e6));
      default:
        return undefined;
    }
  }
  pyOrder(other: object): number | undefined {
    return other instanceof PyTimeDelta ? this.microseconds - other.microseconds : undefined;
  }
  pyCompute(operator: string, other: unknown): unknown {
    const own = BigInt(this.microseconds);
    if (other instanceof PyTimeDelta)
      return computeSpans(operator, own, BigInt(other.microseconds));
    const number = numberOf(other);
    if (number === undefined) return undefined;
    if (isFloat(other)) {
      if (operator === "/" && Number(number) === 0) throw zeroDivision("division by zero");
      const [top, bottom] = ratioOf(Number(number));
      if (operator === "*") return span(nearest(own * top, bottom));
      return operator === "/" ? span(nearest(own * bottom, top)) : undefined;
    }
    const by = BigInt(number);
    if (operator === "*") return span(own * by);
    if (operator !== "/" && operator !== "//") return undefined;
    if (by === 0n) throw zeroDivision("integer division or modulo by zero");
    return span(operator === "/" ? nearest(own, by) : floored(own, by));
  }
  override pyStr(): string {
    const { days, seconds, rest } = this.#split;
    const two = (number: number): string => String(number).padStart(2, "0");
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const fraction = rest === 0 ? "" : `.${String(rest).padStart(6, "0")}`;
    return `${days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `}${clock}${fraction}`;
  }
  override pyRepr(): string {
    const { days, seconds, rest } = this.#split;
    const parts = [
      days !== 0 && `days=${days}`,
      seconds !== 0 && `seconds=${seconds}`,
      rest !== 0 && `microseconds=${rest}`,
    ].filter((part) => part !== false);
    return `datetime.timedelta(${parts.length === 0 ? "0" : parts.join(", ")})`;
  }
}

/** What two spans of time give. */
function computeSpans(operator: string, left: bigint, right: bigint): unknown {
  switch (operator) {
    case "+":
      return span(left + right);
    case "-":
      return span(left - right);
    case "/":
    case "//":
    case "%":
      if (right === 0n) throw zeroDivision("division by zero");
      if (operator === "/") return toFloat(Number(left) / Number(right));
      return operator === "//"
        ? Number(floored(left, right))
        : span(left - floored(left, right) * right);
    default:
      return undefined;
  }
}

function span(microseconds: bigint): PyTimeDelta {
  return new PyTimeDelta(Number(microseconds));
}

function zeroDivision(message: string): TemplateError {
  return new TemplateError("zero-division", message);
}

/** A float as a fraction. */
function ratioOf(value: number): [bigint, bigint] {
  if (!Number.isFinite(value))
    throw Number.isNaN(value)
      ? valueError("cannot convert NaN to integer ratio")
      : new TemplateError("overflow", "cannot convert Infinity to integer ratio");
  let [top, bottom] = [value, 1n];
  for (; !Number.isInteger(top); bottom *= 2n) top *= 2;
  return [BigInt(top), bottom];
}

function floored(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

/** The quotient rounded to the nearest whole number, halves to even. */
function nearest(left: bigint, right: bigint): bigint {
  const low = floored(left, right);
  const rest = (left - low * right) * 2n;
  const [twice, whole] = right < 0n ? [-rest, -right] : [rest, right];
  return twice > whole || (twice === whole && low % 2n !== 0n) ? low + 1n : low;
}

function zone(minutes: number): string {
  const sign = minutes < 0 ? "-" : "+";
  const size = Math.abs(minutes);
  return `${sign}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}
