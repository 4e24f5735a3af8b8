import { define } from "../define.ts";
import { filterError, TemplateError } from "../error.ts";
import { decodeText, encodeText } from "../py-bytes.ts";
import { numberOf, truth } from "../py-compare.ts";
import { PyDateTime } from "../py-datetime.ts";
import { percentFormat } from "../py-format.ts";
import { pyStr } from "../py-repr.ts";
import { iterate } from "../py-sequence.ts";
import { formatTime } from "../py-strftime.ts";
import { type Callable, typeName } from "../py-types.ts";
import type { Run } from "../run.ts";
import { sharedObjects } from "../sharing.ts";
import { int, parseFloatText } from "./filters.ts";
import { dumpJson, type JsonOptions, parseJson } from "./json.ts";
import { dumpYaml, type YamlOptions } from "./yaml-dump.ts";
import { loadYaml, loadYamlDocuments } from "./yaml-load.ts";

/** Filters between values and written forms: JSON, YAML, base64, times. */
export const FORMAT_FILTERS: Readonly<Record<string, Callable>> = {
  to_json: define("a **kw", (_run, value, kw) => dumpJson(value, jsonOptions(keywords(kw), {}))),
  to_nice_json: define(
    "a indent? sort_keys? **kw",
    (_run, value, indent = 4, sortKeys = true, kw = new Map()) =>
      dumpJson(
        value,
        jsonOptions(keywords(kw), {
          ...(indent === null ? {} : { indent: typeof indent === "string" ? indent : int(indent) }),
          sortKeys: truth(sortKeys),
          separators: [",", ": "],
        }),
      ),
  ),
  from_json: define("s", (_run, text) => fromJson(text)),
  to_yaml: define("a **kw", (run, value, kw) => toYaml(run, "to_yaml", value, keywords(kw), {})),
  to_nice_yaml: define("a indent? **kw", (run, value, indent = 4, kw = new Map()) =>
    toYaml(run, "to_nice_yaml", value, keywords(kw), { indent: int(indent), flow: false }),
  ),
  from_yaml: define("data", (_run, data) => (typeof data === "string" ? loadYaml(data) : data)),
  from_yaml_all: define("data", (_run, data) =>
    typeof data === "string" ? loadYamlDocuments(data) : data,
  ),
  b64encode: define("string encoding?", (_run, value, encoding = "utf-8") =>
    toBase64(value instanceof Uint8Array ? value : encodeText(pyStr(value), pyStr(encoding))),
  ),
  b64decode: define("string encoding?", (_run, value, encoding = "utf-8") =>
    decodeText(fromBase64(pyStr(value)), pyStr(encoding)),
  ),
  to_datetime: define("string format?", (_run, text, format = "%Y-%m-%d %H:%M:%S") =>
    PyDateTime.parse(pyStr(text), pyStr(format)),
  ),
  strftime: define("string_format second? utc?", (run, format, second = null, utc = false) =>
    strftime(run, pyStr(format), second, truth(utc)),
  ),
};

function keywords(kw: unknown): ReadonlyMap<string, unknown> {
  return kw as ReadonlyMap<string, unknown>;
}

function jsonOptions(kw: ReadonlyMap<string, unknown>, base: JsonOptions): JsonOptions {
  const options: { -readonly [K in keyof JsonOptions]: JsonOptions[K] } = { ...base };
  for (const [name, value] of kw) {
    switch (name) {
      case "indent":
        if (value !== null) options.indent = typeof value === "string" ? value : int(value);
        break;
      case "sort_keys":
        options.sortKeys = truth(value);
        break;
      case "ensure_ascii":
        options.ensureAscii = truth(value);
        break;
      case "allow_nan":
        options.allowNan = truth(value);
        break;
      case "separators": {
        const [item, key] = iterate(value).map(pyStr);
        options.separators = [item ?? ", ", key ?? ": "];
        break;
      }
      case "vault_to_text":
      case "preprocess_unsafe":
      case "skipkeys":
      case "check_circular":
        break;
      default:
        throw new TemplateError(
          "type",
          `JSONEncoder.__init__() got an unexpected keyword argument '${name}'`,
        );
    }
  }
  return options;
}

function fromJson(text: unknown): unknown {
  if (typeof text !== "string" && !(text instanceof Uint8Array)) {
    throw new TemplateError(
      "type",
      `the JSON object must be str, bytes or bytearray, not ${typeName(text)}`,
    );
  }
  return parseJson(typeof text === "string" ? text : decodeText(text, "utf-8"));
}

function toYaml(
  run: Run,
  name: string,
  value: unknown,
  kw: ReadonlyMap<string, unknown>,
  base: YamlOptions,
): string {
  try {
    const aliases = (met: ReadonlySet<object>) => sharedObjects(run, met);
    return dumpYaml(value, { ...yamlOptions(kw, base), aliases });
  } catch (thrown) {
    const error = TemplateError.from(thrown);
    throw filterError(`${name} - ${error.message}. ${error.message}`);
  }
}

function yamlOptions(kw: ReadonlyMap<string, unknown>, base: YamlOptions): YamlOptions {
  const options: { -readonly [K in keyof YamlOptions]: YamlOptions[K] } = { flow: null, ...base };
  for (const [name, value] of kw) {
    switch (name) {
      case "indent":
        options.indent = int(value);
        break;
      case "width":
        options.width = Number.isFinite(Number(numberOf(value)))
          ? int(value)
          : Number.MAX_SAFE_INTEGER;
        break;
      case "default_flow_style":
        options.flow = value === null ? null : truth(value);
        break;
      case "sort_keys":
        options.sortKeys = truth(value);
        break;
      case "allow_unicode":
        options.unicode = truth(value);
        break;
      case "explicit_start":
        options.explicitStart = truth(value);
        break;
      case "explicit_end":
        options.explicitEnd = truth(value);
        break;
      case "default_style":
        options.style = value === null ? undefined : (pyStr(value) as YamlOptions["style"]);
        break;
      default:
        throw filterError(`dump_all() got an unexpected keyword argument '${name}'`);
    }
  }
  return options;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  // Python drops what is outside the alphabet and insists on the padding.
  const clean = text.replace(/[^A-Za-z0-9+/=]/g, "").replace(/=+$/, (padding) => padding);
  const body = clean.replace(/=.*$/, "");
  const padding = clean.length - body.length;
  if (body.length % 4 === 1)
    throw new TemplateError(
      "value",
      `Invalid base64-encoded string: number of data characters (${body.length}) cannot be 1 more than a multiple of 4`,
    );
  if (body.length % 4 !== 0 && padding < 4 - (body.length % 4))
    throw new TemplateError("value", "Incorrect padding");
  return Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
}

function strftime(run: Run, format: string, second: unknown, utc: boolean): string {
  let date = run.engine.outside.now();
  if (second !== null) {
    const seconds = typeof second === "string" ? parseFloatText(second) : numberOf(second);
    if (seconds === undefined)
      throw filterError(percentFormat("Invalid value for epoch value (%s)", second));
    date = new Date(Math.floor(Number(seconds)) * 1000);
    if (Number.isNaN(date.getTime()))
      throw new TemplateError("overflow", "timestamp out of range for platform time_t");
  }
  const { parts } = PyDateTime.fromDate(date, utc);
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const zone = utc || offset === 0 ? (utc ? "GMT" : "UTC") : "";
  return formatTime(format, { ...parts, offset }, zone);
}
