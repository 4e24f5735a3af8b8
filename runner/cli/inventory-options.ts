import { Command, Option } from "commander";
import { ALIASES, collect, inventoryOption, vaultOptions } from "./help.ts";
import { parseFlags, UsageError } from "./parse-flags.ts";

/** The command line of `skein inventory`. */
export interface InventoryOptions {
  readonly action:
    | { readonly kind: "list" }
    | { readonly kind: "host"; readonly host: string }
    | { readonly kind: "graph"; readonly group: string; readonly vars: boolean };
  readonly format: "json" | "yaml" | "toml";
  readonly export: true | undefined;
  readonly output: string | undefined;
  readonly inventory: readonly string[] | undefined;
  readonly playbookDir: string | undefined;
  readonly extraVars: readonly string[];
  readonly verbosity: number | undefined;
  readonly vaultIds: readonly string[] | undefined;
  readonly vaultPasswordFiles: readonly string[] | undefined;
  readonly askVaultPass: true | undefined;
}

interface Flags {
  readonly list?: true;
  readonly host?: string;
  readonly graph?: true;
  readonly yaml?: true;
  readonly toml?: true;
  readonly vars?: true;
  readonly export?: true;
  readonly output?: string;
  readonly inventory?: readonly string[];
  readonly playbookDir?: string;
  readonly extraVars?: readonly string[];
  readonly verbose?: number;
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPassword?: true;
}

/**
 * Understands the arguments of `ansible-inventory`.
 *
 * @throws UsageError, with Ansible's exit code 5 where an action is missing or there are several.
 */
export function parseInventoryOptions(
  name: string,
  given: readonly string[],
  columns: number,
):
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "inventory"; readonly options: InventoryOptions } {
  const parsed = parseFlags<Flags>(createCommand(name, columns), given, ALIASES);
  if (parsed.kind === "help") return parsed;
  const { flags, args } = parsed;
  const action = actionOf(flags, args[0] ?? "all");
  const options: InventoryOptions = {
    action,
    format: flags.yaml ? "yaml" : flags.toml ? "toml" : "json",
    export: flags.export,
    output: flags.output,
    inventory: flags.inventory,
    playbookDir: flags.playbookDir,
    extraVars: flags.extraVars ?? [],
    verbosity: flags.verbose,
    vaultIds: flags.vaultId,
    vaultPasswordFiles: flags.vaultPasswordFile,
    askVaultPass: flags.askVaultPassword,
  };
  return { kind: "inventory", options };
}

const OPTIONS_ERROR = 5;

function actionOf(flags: Flags, pattern: string): InventoryOptions["action"] {
  const actions: InventoryOptions["action"][] = [];
  if (flags.list) actions.push({ kind: "list" });
  if (flags.host !== undefined && flags.host !== "")
    actions.push({ kind: "host", host: flags.host });
  if (flags.graph) actions.push({ kind: "graph", group: pattern, vars: flags.vars ?? false });
  const [action] = actions;
  if (action === undefined) {
    throw new UsageError(
      "ERROR! No action selected, at least one of --host, --graph or --list needs to be specified.",
      OPTIONS_ERROR,
    );
  }
  if (actions.length > 1) {
    throw new UsageError(
      "ERROR! Conflicting options used, only one of --host, --graph or --list can be used at the same time.",
      OPTIONS_ERROR,
    );
  }
  return action;
}

function createCommand(name: string, columns: number): Command {
  const command = new Command(name)
    .usage("[options] [host|group]")
    .description("Shows an inventory as Ansible understands it.")
    .argument("[pattern]", "the group that --graph starts from")
    .configureHelp({ helpWidth: columns, showGlobalOptions: false })
    .helpOption("-h, --help", "show this help and exit");
  const own = [
    new Option("--list", "all hosts and groups, as an inventory script prints them"),
    new Option("--host <host>", "the variables of one host"),
    new Option("--graph", "groups and hosts as a tree"),
    new Option("--vars", "with --graph: variables too"),
    new Option("-y, --yaml", "YAML instead of JSON"),
    new Option("--toml", "TOML instead of JSON"),
    new Option("--export", "with --list: variables where they are defined"),
    new Option("--output <file>", "write to this file"),
    new Option(
      "--playbook-dir <directory>",
      "take group_vars/ and host_vars/ of this directory too",
    ),
    new Option(
      "-e, --extra-vars <vars>",
      "variables that outrank all others: key=value ..., YAML, JSON, or @FILE; may be repeated",
    ).argParser(collect),
    new Option("-v, --verbose", "tell more").argParser(
      (_: string, previous: number | undefined) => (previous ?? 0) + 1,
    ),
  ];
  for (const option of [inventoryOption(), ...own, ...vaultOptions()]) command.addOption(option);
  return command;
}
