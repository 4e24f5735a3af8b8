import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PyFloat, PyTuple, UnsafeText, type Value } from "../../model/value.ts";
import {
  createEnvironment,
  type Environment,
  MISSING,
  type Scope,
  TemplateError,
} from "../environment.ts";
import { Undefined } from "../error.ts";

/** A question that both engines answer: one of `template`, `when` and `file`. See testdata/make_rows.py. */
export interface Row {
  readonly template?: string;
  readonly when?: string | boolean;
  readonly file?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly native?: boolean;
  /** No extension of Jinja is there; rows have `do` and `loopcontrols` else. */
  readonly bare?: boolean;
  /** Encoded, see {@link encode}. */
  readonly vars?: unknown;
}

/** What one of the engines made of a row. */
export interface Answer {
  readonly value?: unknown;
  /** The class of the error; only Python tells it. */
  readonly error?: string;
  readonly message?: string;
  /** Python gave up waiting. */
  readonly slow?: boolean;
}

export type Variables = ReadonlyMap<string, unknown>;

export const TESTDATA = join(import.meta.dirname, "../testdata");

const environmentVariables = { HOME: "/home/tester", SKEIN_ROW: "from env", PATH: "/usr/bin:/bin" };
const extensions = ["jinja2.ext.do", "jinja2.ext.loopcontrols"];
const options = { env: environmentVariables, extensions };
const environments = {
  text: createEnvironment(options),
  native: createEnvironment({ ...options, native: true }),
  bare: createEnvironment({ env: environmentVariables }),
};

/** What this engine makes of a row. Throws whatever is no TemplateError: that is a mistake of the engine. */
export function answerRow(row: Row, variables: Variables): Answer {
  const own = row.vars === undefined ? [] : (decode(row.vars) as Map<string, unknown>);
  try {
    return {
      value: encode(evaluate(row, scopeOf(new Map([...variables, ...own]), environmentOf(row)))),
    };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { message: error.message };
  }
}

function environmentOf(row: Row): Environment {
  if (row.bare === true) return environments.bare;
  return row.native === true ? environments.native : environments.text;
}

function evaluate(row: Row, scope: Scope): unknown {
  const environment = environmentOf(row);
  if (row.when !== undefined) return environment.condition(row.when).test(scope);
  if (row.file === undefined) return environment.compile(row.template ?? "").render(scope);
  const options = Object.fromEntries(
    Object.entries(row.options ?? {}).map(([name, value]) => [
      name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
  return environment
    .file(row.file, { file: "row.j2", line: 1, column: 1 }, { ...options, loader })
    .renderText(scope);
}

function loader(name: string): { file: string; source: string } | undefined {
  try {
    return { file: name, source: readFileSync(join(TESTDATA, "templates", name), "utf8") };
  } catch {
    return undefined;
  }
}

/** A scope as the engine has it: values are templated when they are asked for. */
function scopeOf(variables: Variables, environment: Environment): Scope {
  const rendered = (name: string): unknown => {
    const value = variables.get(name) as Value | undefined;
    const how = { keys: false, boxed: true };
    return value === undefined ? MISSING : environment.renderValue(value, scope, undefined, how);
  };
  const scope: Scope = {
    get(name) {
      try {
        const value = rendered(name);
        return value instanceof UnsafeText ? value.text : value;
      } catch (error) {
        if (error instanceof TemplateError && error.kind === "undefined") {
          return new Undefined(name, `${String(variables.get(name))}: ${error.message}`);
        }
        throw error;
      }
    },
    keeps: (name) => rendered(name) instanceof UnsafeText,
    raw: (name) => variables.get(name) ?? (variables.has(name) ? null : MISSING),
    context: { searchPaths: [TESTDATA], cwd: TESTDATA, scopeVars: () => variables.keys() },
  };
  return scope;
}

/** A value from its JSON form, which testdata/judge.py writes and reads too. */
export function decode(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  const [[kind, inner]] = Object.entries(value) as [[string, unknown]];
  switch (kind) {
    case "dict":
      return new Map((inner as unknown[][]).map((pair) => [decode(pair[0]), decode(pair[1])]));
    case "tuple": {
      const tuple = new PyTuple();
      tuple.push(...((inner as unknown[]).map(decode) as Value[]));
      return tuple;
    }
    case "int":
      return BigInt(inner as string);
    case "float":
      return decodeFloat(inner as string);
    default:
      throw new Error(`a value of kind ${kind} cannot be a variable`);
  }
}

function decodeFloat(text: string): unknown {
  const number = text === "inf" ? Number.POSITIVE_INFINITY : Number(text);
  return Number.isInteger(number) || !Number.isFinite(number) ? new PyFloat(number) : number;
}

/** A value as JSON that keeps Python's distinctions. Throws for what must not leave a template. */
export function encode(value: unknown): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { int: String(value) };
  if (value instanceof PyFloat) return { float: floatText(value.value) };
  if (typeof value === "number")
    return Number.isInteger(value) ? value : { float: floatText(value) };
  if (value instanceof PyTuple) return { tuple: Array.from(value, encode) };
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map)
    return { dict: [...value].map(([key, inner]) => [encode(key), encode(inner)]) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  throw new Error(`a template gave a value that is none: ${String(value)}`);
}

// Both sides' floats are numbers to the comparer: only how they print must not differ, and rows print them.
function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}
