import { dirname, join } from "node:path";
import {
  type Dict,
  dictOf,
  isDict,
  PyFloat,
  PyTuple,
  toFloat,
  type Value,
} from "../model/value.ts";
import { createEnvironment, MISSING } from "../template/environment.ts";
import { findConfigFile, type IniFile, readIni } from "./config-file.ts";
import { expandPath } from "./path.ts";
import { LoadError, readText } from "./source.ts";
import { unquote } from "./splitter.ts";
import { parseYaml } from "./yaml.ts";

/** One setting as it stands. */
export interface ConfigValue {
  readonly name: string;
  /** `default`, `env: NAME`, or the configuration file. */
  readonly origin: string;
  readonly value: Value;
}

export interface ConfigInput {
  /** The directory of the installed Ansible: it knows its settings best. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Instead of the file that is found. */
  readonly file?: string | undefined;
  readonly warn: (text: string) => void;
}

/** The definitions of all settings of the installed Ansible, private ones left out. @throws LoadError */
export function configDefinitions(root: string): Dict {
  const file = join(root, "config", "base.yml");
  const all = parseYaml(readText(file), file, { origins: false });
  if (!isDict(all)) throw new LoadError(`${file} has no settings in it`);
  const known = new Map([...all].filter(([name]) => !String(name).startsWith("_")));
  for (const definition of known.values()) if (isDict(definition)) nameDeprecations(definition);
  known.set("CONFIG_FILE", dictOf({ default: null, type: "path" }));
  return known;
}

/** What is deprecated is so by ansible-core (`_add_base_defs_deprecations` of `config/manager.py`). */
function nameDeprecations(definition: Dict): void {
  const entries = ["ini", "env", "vars"].flatMap((kind) => entriesOf(definition.get(kind)));
  for (const entry of [definition, ...entries]) {
    const deprecated = entry.get("deprecated");
    if (isDict(deprecated)) deprecated.set("collection_name", "ansible.builtin");
  }
}

/** The configuration file in use; undefined when there is none. */
export function configFileOf(input: ConfigInput): string | undefined {
  return input.file ?? findConfigFile(input.env, input.cwd, input.warn);
}

/**
 * Every setting of Ansible with its value and where that came from, by name
 * (`ConfigManager.get_config_value_and_origin` of `config/manager.py`).
 *
 * @throws LoadError for values of the wrong type.
 */
export function configValues(input: ConfigInput): readonly ConfigValue[] {
  const file = configFileOf(input);
  const ini: IniFile = file === undefined ? new Map() : readIni(file);
  const definitions = configDefinitions(input.root);
  const environment = createEnvironment({ native: true });
  const known = new Map<string, ConfigValue>();

  const settingOf = (name: string): ConfigValue => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (name === "CONFIG_FILE") return { name, origin: "", value: file ?? null };
    const definition = definitions.get(name) as Dict;
    const written = writtenValue(definition, input.env, ini, file);
    const raw = written?.value ?? rendered(definition.get("default") ?? null);
    const origin = written?.origin ?? "default";
    const value = typedValue(name, definition, raw, origin);
    known.set(name, value);
    return value;
  };

  /** Defaults may be made from other settings. */
  const rendered = (fallback: Value): Value => {
    if (typeof fallback !== "string" || !/^\{\{.*\}\}$/s.test(fallback)) return fallback;
    try {
      return environment.renderValue(fallback, {
        get: (name) => {
          if (name === "REJECT_EXTS") return PyTuple.from(REJECTED);
          return definitions.has(name) ? settingOf(name).value : MISSING;
        },
        context: { searchPaths: [], cwd: input.cwd },
      });
    } catch {
      // Ansible leaves what it cannot render as it is.
      return fallback;
    }
  };

  const typedValue = (name: string, definition: Dict, raw: Value, origin: string): ConfigValue => {
    const type = String(definition.get("type") ?? "").toLowerCase();
    const base = origin.startsWith("/") ? dirname(origin) : input.cwd;
    try {
      return { name, origin, value: ofType(raw, type, base, input) };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (origin.startsWith("env:") && raw === "") {
        const fallback = rendered(definition.get("default") ?? null);
        return { name, origin: "default", value: ofType(fallback, type, input.cwd, input) };
      }
      throw new LoadError(
        `Invalid type for configuration option setting: ${name} (from ${origin}): ${error.message}`,
      );
    }
  };

  return [...definitions.keys()].map(String).sort().map(settingOf);
}

function writtenValue(
  definition: Dict,
  env: ConfigInput["env"],
  ini: IniFile,
  file: string | undefined,
): { readonly value: string; readonly origin: string } | undefined {
  let found: { readonly value: string; readonly origin: string } | undefined;
  for (const entry of entriesOf(definition.get("env"))) {
    const name = String(entry.get("name"));
    const value = env[name];
    if (value !== undefined) found = { value, origin: `env: ${name}` };
  }
  if (found !== undefined || file === undefined) return found;
  for (const entry of entriesOf(definition.get("ini"))) {
    const section = ini.get(String(entry.get("section") ?? "defaults"));
    const value = section?.get(String(entry.get("key")).toLowerCase())?.value;
    if (value !== undefined) found = { value, origin: file };
  }
  return found;
}

function entriesOf(value: Value | undefined): readonly Dict[] {
  return Array.isArray(value) ? value.filter(isDict) : [];
}

/** A value in the type of its setting (`ensure_type`). @throws TypeError */
function ofType(value: Value, type: string, base: string, { cwd, env }: ConfigInput): Value {
  if (value === null) return null;
  const toPath = (text: Value): string =>
    expandPath(String(text).replaceAll("{{CWD}}", cwd), base, env);
  switch (type) {
    case "bool":
    case "boolean":
      return /^(?:y|yes|on|1|true|t|1\.0)$/i.test(String(value).trim());
    case "int":
    case "integer":
      return toInteger(value);
    case "float":
      return toNumber(value);
    case "list":
      return typeof value === "string"
        ? value.split(",").map((item) => unquote(item.trim()))
        : splitText(value, ",");
    case "pathspec":
      return splitText(value, ":").map(toPath);
    case "pathlist":
      return splitText(value, ",").map((item) => toPath(String(item).trim()));
    case "path":
    case "tmp":
    case "temppath":
    case "tmppath":
      // Ansible makes a directory of its own in a tmppath; here nothing is made.
      return toPath(value);
    case "str":
    case "string":
      return unquote(value === true ? "True" : value === false ? "False" : String(value));
    default:
      return typeof value === "string" ? unquote(value) : value;
  }
}

/** What defaults call REJECT_EXTS (`constants.py`). */
const REJECTED = [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst"];

function splitText(value: Value, separator: string): Value[] {
  if (typeof value === "string") return value.split(separator);
  if (Array.isArray(value)) return value;
  throw new TypeError("a list is expected");
}

function toInteger(value: Value): Value {
  const text = String(value).trim();
  if (!/^[-+]?\d+$/.test(text))
    throw new TypeError(`invalid literal for int() with base 10: '${text}'`);
  return Number(text);
}

function toNumber(value: Value): Value {
  if (value instanceof PyFloat) return value;
  const number = Number(value);
  if (Number.isNaN(number)) throw new TypeError(`could not convert string to float: '${value}'`);
  return toFloat(number);
}
