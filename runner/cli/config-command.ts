import { accessSync, constants } from "node:fs";
import { Command, Option } from "commander";
import {
  type ConfigInput,
  configDefinitions,
  configFileOf,
  configValues,
} from "../load/config-values.ts";
import { findInstallation } from "../load/installation.ts";
import { expandPath } from "../load/path.ts";
import { readText } from "../load/source.ts";
import { warningText } from "../output/warning.ts";
import { dumpYaml } from "../template/library/yaml-dump.ts";
import { pyStr } from "../template/py-repr.ts";
import { EXIT } from "./exit-code.ts";
import { type ParsedFlags, parseFlags, UsageError } from "./parse-flags.ts";
import type { World } from "./world.ts";

/** The command line of `skein config`. */
export interface ConfigOptions {
  readonly action: "dump" | "list" | "view";
  readonly onlyChanged: boolean;
  /** Instead of the configuration file that is found. */
  readonly file: string | undefined;
}

/**
 * Understands the arguments of `ansible-config`, as far as they are about Ansible's own settings.
 *
 * @throws UsageError
 */
export function parseConfigOptions(
  name: string,
  given: readonly string[],
  columns: number,
):
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "config"; readonly options: ConfigOptions } {
  interface Flags {
    readonly config?: string;
    readonly onlyChanged?: true;
    readonly type?: string;
  }
  const command = new Command(name)
    .usage("dump|list|view [options]")
    .description("Shows settings, and where each value comes from.")
    .argument("<action>", "dump: values; list: what can be set; view: the configuration file")
    .configureHelp({ helpWidth: columns, showGlobalOptions: false })
    .helpOption("-h, --help", "show this help and exit")
    .addOption(new Option("-c, --config <file>", "this configuration file"))
    .addOption(new Option("--only-changed", "with dump: only what is not the default"))
    .addOption(new Option("-t, --type <type>", "base: Ansible's own settings"));
  const aliases = new Map([["--changed-only", "--only-changed"]]);
  const parsed: ParsedFlags<Flags> = parseFlags<Flags>(command, given, aliases);
  if (parsed.kind === "help") return parsed;
  const [action = ""] = parsed.args;
  if (action !== "dump" && action !== "list" && action !== "view") {
    throw new UsageError(
      `${name}: error: there is no action ${JSON.stringify(action)}; the actions are dump, list and view`,
    );
  }
  const { config, onlyChanged, type = "base" } = parsed.flags;
  if (type !== "base") throw new UsageError(otherType(name, action, type));
  return {
    kind: "config",
    options: { action, onlyChanged: onlyChanged ?? false, file: config },
  };
}

function otherType(name: string, action: string, type: string): string {
  if (!PLUGIN_TYPES.has(type))
    return `${name}: error: there is no type ${JSON.stringify(type)}; the type is base`;
  return `${name}: error: settings of plugins are not shown by skein: use ansible-config ${action} -t ${type}, or -t base for Ansible's own`;
}

/** Types of which `ansible-config` shows settings (CONFIGURABLE_PLUGINS of `constants.py`). */
const PLUGIN_TYPES: ReadonlySet<string> = new Set([
  "all",
  "become",
  "cache",
  "callback",
  "cliconf",
  "connection",
  "httpapi",
  "inventory",
  "lookup",
  "netconf",
  "shell",
  "vars",
]);

const OPTIONS_ERROR = 5;

/**
 * Prints settings as `ansible-config` does (`cli/config.py`). What can be set is read from the installed Ansible.
 *
 * @returns the exit code.
 * @throws LoadError, UsageError
 */
export function runConfig(options: ConfigOptions, world: World): number {
  const { stdout, stderr } = world.terminal;
  const { root } = findInstallation(world.env);
  const input: ConfigInput = {
    root,
    env: world.env,
    cwd: world.cwd,
    file: givenFile(options, world),
    warn: (text) => stderr(`${warningText(text, world.terminal.columns)}\n`),
  };
  switch (options.action) {
    case "dump": {
      const shown = configValues(input).filter(
        ({ origin }) => !options.onlyChanged || origin !== "default",
      );
      for (const { name, origin, value } of shown) stdout(`${name}(${origin}) = ${pyStr(value)}\n`);
      return EXIT.ok;
    }
    case "list":
      stdout(
        `${dumpYaml(configDefinitions(root), { flow: false, unicode: false, aliases: (met) => met })}`,
      );
      return EXIT.ok;
    case "view": {
      const file = configFileOf(input);
      if (file === undefined) throw new Error("Invalid or no config file was supplied");
      const text = readText(file);
      stdout(text.endsWith("\n") ? text : `${text}\n`);
      return EXIT.ok;
    }
  }
}

function givenFile({ file }: ConfigOptions, world: World): string | undefined {
  if (file === undefined) return undefined;
  const path = expandPath(file, world.cwd, world.env);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new UsageError(
      `ERROR! The provided configuration file is missing or not accessible: ${path}`,
      OPTIONS_ERROR,
    );
  }
  return path;
}
