import { dirname } from "node:path";
import { isExtension } from "../template/extensions.ts";
import { findConfigFile, type IniFile, readIni } from "./config-file.ts";
import { DEFINITIONS, type Definition, type Place } from "./settings-table.ts";
import { LoadError } from "./source.ts";
import { unquote } from "./splitter.ts";

/** A value and where it came from: `default`, `env: NAME`, `FILE:LINE`, `flag`. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

/** Everything that ansible.cfg, ANSIBLE_* and the command line say, with defaults for the rest. */
export type Settings = {
  readonly [Name in keyof typeof DEFINITIONS]: Setting<
    (typeof DEFINITIONS)[Name] extends Definition<infer T> ? T : never
  >;
} & {
  /** The configuration file in use. */
  readonly configFile: string | undefined;
};

/** Values given on the command line, under the names of the settings they override. */
export type SettingFlags = {
  readonly [Name in keyof typeof DEFINITIONS]?:
    | ((typeof DEFINITIONS)[Name] extends Definition<infer T> ? T : never)
    | undefined;
};

export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly flags?: SettingFlags;
  readonly warn?: (text: string) => void;
}

/**
 * Settings of a run: command line over environment over configuration file over default. Unknown keys of the
 * file are ignored, as Ansible does.
 *
 * @throws LoadError for values of the wrong type, and for settings that skein does not follow.
 * Names, defaults and rank: `config/base.yml`, `config/manager.py`, `plugins/connection/ssh.py`.
 */
export function loadSettings(input: SettingsInput): Settings {
  const { env, cwd } = input;
  const configFile = findConfigFile(env, cwd, input.warn ?? (() => {}));
  const ini: IniFile = configFile === undefined ? new Map() : readIni(configFile);
  const home = env["ANSIBLE_HOME"] ?? ini.get("defaults")?.get("home")?.value ?? "~/.ansible";
  const place: Place = {
    cwd,
    configDir: configFile === undefined ? cwd : dirname(configFile),
    env,
    home,
  };
  const settings: Record<string, unknown> = { configFile };
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    settings[name] = resolve(
      name,
      definition as Definition<unknown>,
      input,
      ini,
      configFile,
      place,
    );
  }
  const complete = settings as unknown as Settings;
  rejectUnsupported(complete);
  return complete;
}

function resolve(
  name: string,
  definition: Definition<unknown>,
  input: SettingsInput,
  ini: IniFile,
  configFile: string | undefined,
  place: Place,
): Setting<unknown> {
  const flag = (input.flags as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (flag !== undefined) return { value: flag, source: "flag" };
  for (const variable of definition.env.toReversed()) {
    const text = input.env[variable];
    if (text === undefined) continue;
    const source = `env: ${variable}`;
    return { value: parsed(definition, text, place.cwd, place, source), source };
  }
  for (const entry of definition.ini.toReversed()) {
    const dot = entry.indexOf(".");
    const found = ini.get(entry.slice(0, dot))?.get(entry.slice(dot + 1));
    if (found === undefined) continue;
    const source = `${configFile}:${found.line}`;
    return {
      value: parsed(definition, found.value, place.configDir, place, source, entry),
      source,
    };
  }
  return { value: definition.fallback(place), source: "default" };
}

function parsed(
  definition: Definition<unknown>,
  text: string,
  base: string,
  place: Place,
  source: string,
  entry?: string,
): unknown {
  try {
    return definition.parse(unquote(text.trim()), base, place);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const line = Number(/:([0-9]+)$/.exec(source)?.[1]);
    const origin =
      entry === undefined
        ? undefined
        : { file: source.slice(0, source.lastIndexOf(":")), line, column: 1 };
    throw new LoadError(
      `Invalid value for ${entry ?? source.slice("env: ".length)}: ${error.message}`,
      origin,
      { kind: "options" },
    );
  }
}

/** Settings that would change what a run does, and that are not built. */
function rejectUnsupported(settings: Settings): void {
  const reject = (what: string, setting: Setting<unknown>, hint: string) => {
    throw new LoadError(
      `${what} (from ${setting.source}) is not supported by skein yet`,
      undefined,
      { hint, kind: "error" },
    );
  };
  if (settings.playbookVarsRoot.value !== "top") {
    reject(
      `playbook_vars_root = ${settings.playbookVarsRoot.value}`,
      settings.playbookVarsRoot,
      "Variables beside a playbook are those beside the file that the play stands in: use top.",
    );
  }
  if (settings.jinja2Extensions.value.length > 0) {
    const unknown = settings.jinja2Extensions.value.filter((name) => !isExtension(name));
    if (unknown.length > 0)
      reject(
        `jinja2_extensions = ${unknown.join(",")}`,
        settings.jinja2Extensions,
        "Remove the extension; jinja2.ext.do and jinja2.ext.loopcontrols are built in.",
      );
  }
}
