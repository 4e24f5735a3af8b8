import { PyFloat, PyTuple } from "../model/value.ts";
import { TemplateError, typeError, Undefined, valueError } from "./error.ts";
import { numberOf } from "./py-compare.ts";
import { pyRepr, pyStr, reprFloat } from "./py-repr.ts";
import { PyObject, typeName } from "./py-types.ts";

const PERCENT = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([diouxXeEfFgGcrsa%])?/g;

/** Python's `format % values`. Throws TypeError or ValueError as Python does. */
export function percentFormat(format: string, values: unknown): string {
  const args = values instanceof PyTuple ? [...values] : [values];
  const dict = values instanceof Map ? values : undefined;
  let next = 0;
  let named = false;
  const take = (): unknown => {
    if (next >= args.length) throw typeError("not enough arguments for format string");
    return args[next++];
  };
  const text = format.replace(
    PERCENT,
    (
      match,
      key: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      type: string | undefined,
      offset: number,
    ) => {
      if (type === undefined) {
        const at = offset + match.length;
        if (at >= format.length) throw valueError("incomplete format");
        const char = format[at] ?? "";
        throw valueError(
          `unsupported format character '${char}' (0x${char.charCodeAt(0).toString(16)}) at index ${at}`,
        );
      }
      const wide = width === "*" ? Number(take()) : width === undefined ? undefined : Number(width);
      const digits =
        precision === "*"
          ? Number(take())
          : match.includes(".") && !(key ?? "").includes(".")
            ? Number(precision ?? 0)
            : undefined;
      if (type === "%") return "%";
      let value: unknown;
      if (key !== undefined) {
        if (dict === undefined) throw typeError("format requires a mapping");
        named = true;
        value = dict.get(key);
        if (value === undefined) throw new TemplateError("key", `'${key}'`);
      } else value = take();
      return padPercent(percentValue(type, value, flags, digits), flags, wide, type);
    },
  );
  if (
    !named &&
    next < args.length &&
    dict === undefined &&
    // What can be asked for keys need not be used up: so does Python's list.
    !(Array.isArray(values) && !(values instanceof PyTuple)) &&
    !(values instanceof Undefined)
  ) {
    throw typeError("not all arguments converted during string formatting");
  }
  return text;
}

function percentValue(
  type: string,
  value: unknown,
  flags: string,
  digits: number | undefined,
): string {
  switch (type) {
    case "s":
      return cut(pyStr(value), digits);
    case "r":
      return cut(pyRepr(value), digits);
    case "a":
      return cut(asciiRepr(value), digits);
    case "c":
      return percentChar(value);
    default:
      return signed(percentNumber(type, value, flags, digits), flags);
  }
}

function percentChar(value: unknown): string {
  const code = numberOf(value);
  if (code !== undefined && typeName(value) !== "float") {
    if (code < 0 || code > 0x10ffff)
      throw new TemplateError("overflow", "%c arg not in range(0x110000)");
    return String.fromCodePoint(Number(code));
  }
  if (typeof value !== "string" || [...value].length !== 1)
    throw typeError("%c requires int or char");
  return value;
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined ? text : [...text].slice(0, digits).join("");
}

function percentNumber(
  type: string,
  value: unknown,
  flags: string,
  digits: number | undefined,
): string {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined) {
    const wanted = "xXo".includes(type) ? "an integer" : "a real number";
    const what = "eEfFgG".includes(type)
      ? `must be real number, not ${typeName(value)}`
      : `%${type} format: ${wanted} is required, not ${typeName(value)}`;
    throw typeError(what);
  }
  if ("eEfFgG".includes(type))
    return floatText(Number(number), type, digits ?? 6, flags.includes("#"));
  if ("xXo".includes(type) && typeName(value) === "float")
    throw typeError(`%${type} format: an integer is required, not float`);
  if (typeof number === "number" && !Number.isFinite(number))
    throw Number.isNaN(number)
      ? valueError("cannot convert float NaN to integer")
      : new TemplateError("overflow", "cannot convert float infinity to integer");
  const whole = typeof number === "bigint" ? number : BigInt(Math.trunc(number));
  const radix = { x: 16, X: 16, o: 8 }[type] ?? 10;
  const prefix = flags.includes("#") ? ({ x: "0x", X: "0X", o: "0o" }[type] ?? "") : "";
  const magnitude = (whole < 0n ? -whole : whole).toString(radix).padStart(digits ?? 0, "0");
  return `${whole < 0n ? "-" : ""}${prefix}${type === "X" ? magnitude.toUpperCase() : magnitude}`;
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) return text;
  return flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
}

function padPercent(text: string, flags: string, width: number | undefined, type: string): string {
  const size = [...text].length;
  if (width === undefined || size >= Math.abs(width)) return text;
  const fill = Math.abs(width) - size;
  if (flags.includes("-") || width < 0) return text + " ".repeat(fill);
  if (!flags.includes("0") || "srac".includes(type)) return " ".repeat(fill) + text;
  const sign = /^[-+ ]?(0[xXo])?/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(fill) + text.slice(sign.length);
}

function asciiRepr(value: unknown): string {
  return pyRepr(value).replace(/[^\x20-\x7e]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

/** A float in the notation of one of e, E, f, F, g, G. */
export function floatText(value: number, type: string, digits: number, alternate = false): string {
  const upper = type === type.toUpperCase();
  let text: string;
  if (!Number.isFinite(value)) text = reprFloat(value);
  else if (type === "f" || type === "F") text = fixed(value, digits);
  else if (type === "e" || type === "E") text = exponential(value, digits);
  else text = general(value, digits === 0 ? 1 : digits, alternate);
  if (alternate && Number.isFinite(value)) text = withPoint(text);
  return upper ? text.toUpperCase() : text;
}

/** The alternate form has a point even where nothing is behind it. */
function withPoint(text: string): string {
  return text.includes(".") ? text : text.replace(/^[^e]+/, "$&.");
}

function fixed(value: number, digits: number): string {
  // toFixed gives exponents from 1e21 up, where the number is an integer anyway.
  if (Math.abs(value) < 1e21)
    return withSign(value, fixedDigits(Math.abs(value), Math.min(digits, 100)));
  return BigInt(value).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
}

/** Decimals of a positive number, exact ties to even as Python does; toFixed takes them upwards. */
function fixedDigits(value: number, digits: number): string {
  const up = value.toFixed(digits);
  const exact = value.toFixed(Math.min(100, digits + 30)).replace(/0+$/, "");
  const isTie = exact.length - exact.indexOf(".") - 1 === digits + 1 && exact.endsWith("5");
  if (!isTie || /[02468]$/.test(up)) return up;
  // The even neighbour is one unit of the last digit below.
  const units = BigInt(up.replace(".", "")) - 1n;
  const text = String(units).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function withSign(value: number, magnitude: string): string {
  return value < 0 || Object.is(value, -0) ? `-${magnitude}` : magnitude;
}

function exponential(value: number, digits: number): string {
  if (Object.is(value, -0)) return `-${exponential(0, digits)}`;
  const [mantissa, exponent] = exponentialDigits(value, Math.min(digits, 100)).split("e") as [
    string,
    string,
  ];
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${mantissa}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}

/** As toExponential, which takes ties upwards where Python takes them to even. */
function exponentialDigits(value: number, digits: number): string {
  const up = value.toExponential(digits);
  const [mantissa = "", exponent] = value.toExponential(Math.min(100, digits + 30)).split("e");
  const [whole = "", decimals = ""] = mantissa.replace(/0+$/, "").split(".");
  if (decimals.length !== digits + 1 || !decimals.endsWith("5")) return up;
  const down = digits === 0 ? whole : `${whole}.${decimals.slice(0, -1)}`;
  return /[02468]$/.test(down) ? `${down}e${exponent}` : up;
}

function general(value: number, digits: number, alternate: boolean): string {
  if (value === 0) return withSign(value, alternate ? `0.${"0".repeat(digits - 1)}` : "0");
  const exponent = Number(value.toExponential(Math.min(digits, 101) - 1).split("e")[1]);
  const text =
    exponent < -4 || exponent >= digits
      ? exponential(value, digits - 1)
      : fixed(value, Math.max(0, digits - 1 - exponent));
  if (alternate || !text.includes(".")) return text;
  return text.includes("e") ? text.replace(/\.?0+e/, "e") : text.replace(/\.?0+$/, "");
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

/** Python's `format(value, spec)`. Throws ValueError for a bad spec. */
export function formatValue(value: unknown, spec: string): string {
  if (value instanceof PyObject && "pyFormat" in value && spec !== "") {
    return (value as PyObject & { pyFormat(spec: string): string }).pyFormat(spec);
  }
  if (spec === "") return pyStr(value);
  const found = SPEC.exec(spec);
  if (found === null)
    throw valueError(
      typeof value === "string" ? "Invalid format specifier" : "Invalid format specifier",
    );
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = found;
  const number = numberOf(value);
  if (number === undefined && typeof value !== "string" && typeof value !== "boolean") {
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  let body: string;
  if (number === undefined) {
    if (type !== undefined && type !== "s") {
      throw valueError(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
    }
    if (sign !== undefined) throw valueError("Sign not allowed in string format specifier");
    if (alternate !== undefined)
      throw valueError("Alternate form (#) not allowed in string format specifier");
    if (grouping !== undefined) throw valueError(`Cannot specify '${grouping}' with 's'.`);
    if (align === "=") throw valueError("'=' alignment not allowed in string format specifier");
    body = cut(pyStr(value), precision === undefined ? undefined : Number(precision));
  } else {
    body = formatNumber(
      value,
      number,
      type,
      precision === undefined ? undefined : Number(precision),
      grouping,
      alternate !== undefined,
    );
    body = signed(body, sign ?? "");
  }
  const place =
    align ?? (zero !== undefined && number !== undefined ? "=" : number === undefined ? "<" : ">");
  return pad(body, fill ?? (zero === undefined ? " " : "0"), place, Number(width ?? 0));
}

function formatNumber(
  value: unknown,
  number: number | bigint,
  type: string | undefined,
  digits: number | undefined,
  grouping: string | undefined,
  alternate: boolean,
): string {
  const isFloat =
    value instanceof PyFloat || (typeof value === "number" && !Number.isInteger(value));
  if (type === "%") return `${group(fixed(Number(number) * 100, digits ?? 6), grouping)}%`;
  if (type !== undefined && "eEfFgG".includes(type)) {
    return group(floatText(Number(number), type, digits ?? 6, alternate), grouping);
  }
  if (isFloat) {
    if (type === "n") return floatText(Number(number), "g", digits ?? 6, alternate);
    if (type !== undefined)
      throw valueError(`Unknown format code '${type}' for object of type 'float'`);
    if (digits === undefined) return group(reprFloat(Number(number)), grouping);
    const text = floatText(Number(number), "g", digits);
    return group(/[.en]/.test(text) ? text : `${text}.0`, grouping);
  }
  if (type === "c") return String.fromCodePoint(Number(number));
  const radix = { x: 16, X: 16, o: 8, b: 2, d: 10, n: 10 }[type ?? "d"];
  if (radix === undefined)
    throw valueError(`Unknown format code '${type}' for object of type 'int'`);
  const whole = BigInt(number);
  const magnitude = (whole < 0n ? -whole : whole).toString(radix);
  const prefix = alternate ? ({ x: "0x", X: "0X", o: "0o", b: "0b" }[type ?? "d"] ?? "") : "";
  return `${whole < 0n ? "-" : ""}${prefix}${group(type === "X" ? magnitude.toUpperCase() : magnitude, grouping, radix === 10 ? 3 : 4)}`;
}

function group(text: string, grouping: string | undefined, size = 3): string {
  if (grouping === undefined) return text;
  const [, sign = "", whole = "", rest = ""] = /^(-?)([\da-fA-F]+)(.*)$/s.exec(text) ?? [];
  if (whole === "") return text;
  const parts: string[] = [];
  for (let end = whole.length; end > 0; end -= size)
    parts.unshift(whole.slice(Math.max(0, end - size), end));
  return sign + parts.join(grouping) + rest;
}

function pad(text: string, fill: string, align: string, width: number): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  switch (align) {
    case "<":
      return text + fill.repeat(missing);
    case "^":
      return fill.repeat(missing >> 1) + text + fill.repeat(missing - (missing >> 1));
    case "=": {
      const sign = /^[-+ ]?(0[xXob])?/.exec(text)?.[0] ?? "";
      return sign + fill.repeat(missing) + text.slice(sign.length);
    }
    default:
      return fill.repeat(missing) + text;
  }
}

/** How `{a.b[0]}` reaches into values; given by the runtime, which knows attributes. */
export interface Reach {
  attribute(value: unknown, name: string): unknown;
  item(value: unknown, key: unknown): unknown;
}

/** Python's `text.format(*args, **kwargs)`. Throws ValueError, KeyError or IndexError as Python does. */
export function strFormat(
  text: string,
  args: readonly unknown[],
  kwargs: ReadonlyMap<unknown, unknown>,
  reach: Reach,
): string {
  let automatic = 0;
  let numbering: "automatic" | "manual" | undefined;
  const expand = (source: string, depth: number): string => {
    let out = "";
    for (let at = 0; at < source.length; at++) {
      const char = source[at];
      if (char === "{" || char === "}") {
        if (source[at + 1] === char) {
          out += char;
          at++;
        } else if (char === "}") throw valueError("Single '}' encountered in format string");
        else {
          const end = closingBrace(source, at);
          out += field(source.slice(at + 1, end), depth);
          at = end;
        }
      } else out += char;
    }
    return out;
  };
  const field = (source: string, depth: number): string => {
    const [, name = "", conversion, spec = ""] =
      /^((?:[^!:[]|\[[^\]]*\])*)(?:!(.))?(?::(.*))?$/s.exec(source) ?? [];
    const [, first = "", rest = ""] = /^([^.[]*)(.*)$/s.exec(name) ?? [];
    let value: unknown;
    if (/^\d*$/.test(first)) {
      const wanted = first === "" ? "automatic" : "manual";
      if (numbering !== undefined && numbering !== wanted) {
        const [from, to] =
          wanted === "manual"
            ? ["automatic field numbering", "manual field specification"]
            : ["manual field specification", "automatic field numbering"];
        throw valueError(`cannot switch from ${from} to ${to}`);
      }
      numbering = wanted;
      const index = first === "" ? automatic++ : Number(first);
      if (index >= args.length) {
        throw new TemplateError(
          "index",
          `Replacement index ${index} out of range for positional args tuple`,
        );
      }
      value = args[index];
    } else {
      value = kwargs.get(first);
      if (value === undefined) throw new TemplateError("key", `'${first}'`);
    }
    for (const [, attribute, key] of rest.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
      value =
        attribute !== undefined
          ? reach.attribute(value, attribute)
          : reach.item(value, /^\d+$/.test(key ?? "") ? Number(key) : key);
    }
    if (conversion !== undefined)
      value =
        conversion === "r" ? pyRepr(value) : conversion === "a" ? asciiRepr(value) : pyStr(value);
    return formatValue(value, depth < 2 ? expand(spec, depth + 1) : spec);
  };
  return expand(text, 0);
}

function closingBrace(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source[at] === "{") depth++;
    else if (source[at] === "}" && --depth === 0) return at;
  }
  throw valueError("expected '}' before end of string");
}
