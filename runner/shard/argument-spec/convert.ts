import { homedir } from "node:os";
import { stringifyJson } from "../../model/json.ts";
import { type Dict, isDict, PyFloat, toFloat, type Value } from "../../model/value.ts";
import { parseLiteral } from "../../template/py-literal.ts";
import { pyStr } from "../../template/py-repr.ts";
import { typeName } from "../../template/py-types.ts";

/**
 * A value as the type that an argument specification names (check_type_* of
 * ansible/module_utils/common/validation.py).
 *
 * @param literal whether text stands in YAML as it is, which shows in messages.
 * @throws Error whose message says why it cannot be that type.
 */
export function convert(type: string, value: Value, literal: boolean): Value {
  const make = CONVERSIONS[type];
  if (make === undefined) throw new Error("'NoneType' object is not callable");
  const made = make(value);
  if (made === undefined)
    throw new Error(`${pythonClass(value, literal)} cannot be converted to ${NAMES[type]}`);
  return made;
}

/** `<class 'str'>` and the like, as messages show it. */
export function pythonClass(value: Value, literal: boolean): string {
  if (typeof value === "string" && literal)
    return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>";
  return `<class '${typeName(value)}'>`;
}

const NAMES: Readonly<Record<string, string>> = {
  list: "a list",
  dict: "a dict",
  bool: "a bool",
  int: "an int",
  float: "a float",
  json: "a json string",
  jsonarg: "a json string",
  bytes: "a Byte value",
  bits: "a Bit value",
};

const CONVERSIONS: Readonly<Record<string, (value: Value) => Value | undefined>> = {
  __proto__: null as never,
  str: toText,
  path: (value) => expand(toText(value)),
  raw: (value) => value,
  list: toList,
  dict: toDict,
  bool: toBoolean,
  int: toInteger,
  float: toNumber,
  json: toJsonText,
  jsonarg: toJsonText,
  bytes: (value) => toSize(value, /^b(?:yte)?s?$/i, "B"),
  bits: (value) => toSize(value, /^b(?:it)?s?$/i, "b"),
};

function toText(value: Value): string {
  return typeof value === "string" ? value : pyStr(value);
}

function expand(text: string): string {
  const named = text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain, braced) => {
    return process.env[String(plain ?? braced)] ?? whole;
  });
  return /^~(?=\/|$)/.test(named) ? (process.env["HOME"] ?? homedir()) + named.slice(1) : named;
}

function toList(value: Value): Value | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return value.split(",");
  return isNumber(value) ? [pyStr(value)] : undefined;
}

function toDict(value: Value): Value | undefined {
  if (isDict(value)) return value;
  if (typeof value !== "string") return undefined;
  if (value.startsWith("{")) {
    let parsed: unknown;
    try {
      parsed = parseLiteral(value, true);
    } catch {
      parsed = undefined;
    }
    if (!isDict(parsed)) throw new Error("unable to evaluate string as dictionary");
    return parsed;
  }
  if (!value.includes("="))
    throw new Error("dictionary requested, could not parse JSON or key=value");
  return pairs(value.trim());
}

/** `a=1, b="x y"`: blanks and commas outside of quotes part the pairs. */
function pairs(text: string): Dict {
  const dict: Dict = new Map();
  let field = "";
  let quote = "";
  const take = (): void => {
    if (field === "") return;
    const at = field.indexOf("=");
    if (at === -1)
      throw new Error("dictionary update sequence element #0 has length 1; 2 is required");
    dict.set(field.slice(0, at), field.slice(at + 1));
    field = "";
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\") field += text[++at] ?? "";
    else if (quote !== "" && char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (quote === "" && (char === "," || char === " ")) take();
    else field += char;
  }
  take();
  return dict;
}

const TRUE = ["y", "yes", "on", "1", "true", "t"];
const FALSE = ["n", "no", "off", "0", "false", "f"];

function toBoolean(value: Value): Value | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && !isNumber(value)) return undefined;
  const word = pyStr(value).trim().toLowerCase();
  if (TRUE.includes(word) || word === "1.0") return true;
  if (FALSE.includes(word) || word === "0.0") return false;
  throw new Error(
    `The value '${pyStr(value)}' is not a valid boolean.  Valid booleans include: ${[...TRUE, ...FALSE].map((each) => `'${each}'`).join(", ")}, 0, 1`,
  );
}

function toInteger(value: Value): Value | undefined {
  if (typeof value === "boolean" || typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) return undefined;
  const number = Number(value.replaceAll("_", ""));
  return Number.isSafeInteger(number) ? number : BigInt(value.trim().replaceAll("_", ""));
}

function toNumber(value: Value): Value | undefined {
  if (value instanceof PyFloat) return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return toFloat(Number(value));
  if (typeof value !== "string") return undefined;
  const text = value.trim().toLowerCase().replaceAll("_", "");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text)) return toFloat(Number(text));
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special === null) return undefined;
  const size = special[2] === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
  return toFloat(special[1] === "-" ? -size : size);
}

function toJsonText(value: Value): Value | undefined {
  if (typeof value === "string") return value.trim();
  return Array.isArray(value) || isDict(value) ? stringifyJson(value) : undefined;
}

const POWERS = "BKMGTPEZY";

/** `2 MB` as a number of bytes (or bits): powers of 1024. */
function toSize(value: Value, unit: RegExp, mark: "B" | "b"): Value | undefined {
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(pyStr(value));
  if (match === null || match[1] === "" || match[1] === ".") return undefined;
  const letters = match[2] ?? "";
  if (letters === "" || unit.test(letters)) return Math.round(Number(match[1]));
  const power = POWERS.indexOf(letters[0]!.toUpperCase());
  if (power <= 0) return undefined;
  const rest = letters.slice(1);
  if (rest !== "" && !(unit.test(rest) && (rest.length > 1 || rest === mark))) return undefined;
  return Math.round(Number(match[1]) * 1024 ** power);
}

function isNumber(value: Value): boolean {
  return ["int", "float", "bool"].includes(typeName(value));
}
