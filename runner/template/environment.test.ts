import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PyFloat, PyTuple, UnsafeText, type Value } from "../model/value.ts";
import { createEnvironment, MISSING, type Scope, TemplateError } from "./environment.ts";
import { Undefined } from "./error.ts";

/** What testdata/make_rows.py wrote: rows with what the real Ansible made of them. */
interface Row {
  readonly template?: string;
  readonly when?: string | boolean;
  readonly file?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly native?: boolean;
  readonly vars?: unknown;
  readonly value?: unknown;
  readonly error?: string;
  readonly message?: string;
}

const testdata = join(import.meta.dirname, "testdata");
const environmentVariables = { HOME: "/home/tester", SKEIN_ROW: "from env", PATH: "/usr/bin:/bin" };
const environments = {
  text: createEnvironment({ env: environmentVariables }),
  native: createEnvironment({ env: environmentVariables, native: true }),
};

for (const file of readdirSync(join(testdata, "expected"))) {
  const table = JSON.parse(readFileSync(join(testdata, "expected", file), "utf8")) as {
    vars: unknown;
    rows: Row[];
  };
  const variables = decode(table.vars) as Map<string, unknown>;
  describe(`templates answer as Ansible does: ${file.replace(".json", "")}`, () => {
    it.each(table.rows.map((row, index) => [title(row), index] as const))("%s", (_title, index) => {
      const row = table.rows[index] as Row;
      const scope = scopeOf(
        new Map([
          ...variables,
          ...(row.vars === undefined ? [] : (decode(row.vars) as Map<string, unknown>)),
        ]),
        row.native === true,
      );
      const actual = outcome(() => evaluate(row, scope));
      const expected = row.error === undefined ? { value: row.value } : { message: row.message };
      expect(actual).toEqual(expected);
    });
  });
}

function title(row: Row): string {
  return (
    JSON.stringify(row.template ?? row.file ?? { when: row.when }) +
    (row.native === true ? " (native)" : "")
  );
}

function outcome(run: () => unknown): unknown {
  try {
    return { value: encode(run()) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { message: error.message };
  }
}

function evaluate(row: Row, scope: Scope): unknown {
  const environment = row.native === true ? environments.native : environments.text;
  if (row.when !== undefined) return environment.condition(row.when).test(scope);
  if (row.file !== undefined) {
    const options = Object.fromEntries(
      Object.entries(row.options ?? {}).map(([name, value]) => [
        name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
        value,
      ]),
    );
    const loader = (name: string) => {
      try {
        return { file: name, source: readFileSync(join(testdata, "templates", name), "utf8") };
      } catch {
        return undefined;
      }
    };
    return environment
      .file(row.file, { file: "row.j2", line: 1, column: 1 }, { ...options, loader })
      .renderText(scope);
  }
  return environment.compile(row.template ?? "").render(scope);
}

/** A scope as the engine has it: values are templated when they are asked for. */
function scopeOf(variables: ReadonlyMap<string, unknown>, native: boolean): Scope {
  const environment = native ? environments.native : environments.text;
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
    context: {
      searchPaths: [testdata],
      cwd: testdata,
      scopeVars: () => variables.keys(),
    },
  };
  return scope;
}

function decode(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  const [[kind, inner]] = Object.entries(value) as [[string, unknown]];
  switch (kind) {
    case "dict":
      return new Map((inner as unknown[][]).map((pair) => [decode(pair[0]), decode(pair[1])]));
    case "int":
      return BigInt(inner as string);
    case "float":
      return decodeFloat(inner as string);
    default:
      throw new Error(`testdata has a value of kind ${kind} among its variables`);
  }
}

function decodeFloat(text: string): unknown {
  const number = Number(text);
  return Number.isInteger(number) ? new PyFloat(number) : number;
}

function encode(value: unknown): unknown {
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

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}
