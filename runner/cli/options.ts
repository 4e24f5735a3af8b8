import { type ConfigOptions, parseConfigOptions } from "./config-command.ts";
import { ALIASES, createPlaybookCommand, type RawFlags, TOP_HELP } from "./help.ts";
import { type InventoryOptions, parseInventoryOptions } from "./inventory-options.ts";
import { parseFlags, UsageError, usageError } from "./parse-flags.ts";

/** What the command line asks for. */
export type Request =
  | { readonly kind: "playbook"; readonly options: RunOptions }
  | { readonly kind: "inventory"; readonly options: InventoryOptions }
  | { readonly kind: "config"; readonly options: ConfigOptions }
  /** Text for standard output, then exit 0. */
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  /** For the tools, which read these arguments themselves: `pcap ...` or `bench ...`. */
  | { readonly kind: "tools"; readonly args: readonly string[] };

/** The command line of a playbook run. What was not given is undefined, so that settings can decide. */
export interface RunOptions {
  readonly playbooks: readonly string[];
  /** Inventory sources as given; one with a comma is a list of hosts. */
  readonly inventory: readonly string[] | undefined;
  readonly limit: string | undefined;
  /** As given, in order: `key=value ...`, YAML, JSON or `@FILE`. */
  readonly extraVars: readonly string[];
  readonly tags: readonly string[] | undefined;
  readonly skipTags: readonly string[] | undefined;
  readonly check: true | undefined;
  readonly diff: true | undefined;
  readonly forceHandlers: true | undefined;
  readonly flushCache: boolean;
  readonly startAtTask: string | undefined;
  readonly step: boolean;
  /** Directories, those given last first, as Ansible searches them. */
  readonly modulePath: readonly string[] | undefined;
  readonly forks: number | undefined;
  readonly verbosity: number | undefined;
  readonly listHosts: boolean;
  readonly listTasks: boolean;
  readonly listTags: boolean;
  readonly syntaxCheck: boolean;
  readonly user: string | undefined;
  readonly connection: string | undefined;
  /** Seconds to wait for a connection. */
  readonly timeout: number | undefined;
  readonly privateKey: string | undefined;
  readonly askPass: true | undefined;
  readonly connectionPasswordFile: string | undefined;
  readonly sshCommonArgs: string | undefined;
  readonly sshExtraArgs: string | undefined;
  readonly sftpExtraArgs: string | undefined;
  readonly scpExtraArgs: string | undefined;
  readonly become: true | undefined;
  readonly becomeMethod: string | undefined;
  readonly becomeUser: string | undefined;
  readonly askBecomePass: true | undefined;
  readonly becomePasswordFile: string | undefined;
  /** `label@source` or `source`, in order. */
  readonly vaultIds: readonly string[] | undefined;
  readonly vaultPasswordFiles: readonly string[] | undefined;
  readonly askVaultPass: true | undefined;
  readonly shards: number | undefined;
  readonly wire: boolean;
}

/**
 * Understands `skein playbook ...`, `skein-playbook ...` and `ansible-playbook ...`.
 *
 * @param argv as in `process.argv`: the interpreter, the program, its arguments.
 * @param env only COLUMNS is read, for the width of help.
 * @throws UsageError for unknown commands and options, missing, contradictory and wrong values, and what is not supported yet.
 */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Request {
  const program = programName(argv[1]);
  const given = argv.slice(2);
  const columns = Number(env["COLUMNS"]) || 100;
  if (program.endsWith("-playbook")) return parsePlaybook(program, given, columns);
  if (program.endsWith("-inventory")) return parseInventoryOptions(program, given, columns);
  if (program.endsWith("-config")) return parseConfigOptions(program, given, columns);
  const [command, ...rest] = given;
  switch (command) {
    case "playbook":
      return parsePlaybook("skein playbook", rest, columns);
    case "pcap":
    case "bench":
      return { kind: "tools", args: given };
    case "config":
      return parseConfigOptions("skein config", rest, columns);
    case "inventory":
      return parseInventoryOptions("skein inventory", rest, columns);
    case "-h":
    case "--help":
    case "help":
      return { kind: "help", text: TOP_HELP };
    case "--version":
      return { kind: "version" };
    case undefined:
      throw new UsageError(
        `skein: error: no command is given; use one of: ${COMMANDS}\n\n${TOP_HELP}`,
      );
    default:
      throw new UsageError(unknownCommand(command));
  }
}

function programName(path: string | undefined): string {
  const base = (path ?? "skein").split("/").at(-1)!;
  return base.replace(/\.[cm]?[jt]s$/, "");
}

function unknownCommand(command: string): string {
  const known = `there is no command ${JSON.stringify(command)}; the commands are: ${COMMANDS}`;
  const hint = /\.ya?ml$/.test(command) ? ` (to run it: skein playbook ${command})` : "";
  return `skein: error: ${known}${hint}`;
}

function parsePlaybook(name: string, given: readonly string[], columns: number): Request {
  const command = createPlaybookCommand(name, columns);
  const parsed = parseFlags<RawFlags & { readonly version?: true }>(command, given, ALIASES);
  if (parsed.kind === "help") return parsed;
  const { flags, args } = parsed;
  if (flags.version) return { kind: "version" };
  const fail = (message: string): UsageError => usageError(command, message);
  return { kind: "playbook", options: Object.freeze(toRunOptions(args, flags, fail)) };
}

function toRunOptions(
  playbooks: readonly string[],
  flags: RawFlags,
  fail: (message: string) => UsageError,
): RunOptions {
  if (playbooks.length === 0) throw fail("no playbook is given");
  for (const [key, flag, advice] of UNSUPPORTED) {
    if (flags[key] !== undefined) throw fail(`${flag} is not supported yet; ${advice}`);
  }
  const positive = (flag: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    if (!/^\s*\+?0*[1-9]\d{0,8}\s*$/.test(text)) {
      throw fail(`${flag} takes a whole number of at least 1, not ${JSON.stringify(text)}`);
    }
    return Number(text);
  };
  return {
    playbooks,
    inventory: flags.inventory,
    limit: flags.limit,
    extraVars: flags.extraVars ?? [],
    tags: splitTags(flags.tags),
    skipTags: splitTags(flags.skipTags),
    check: flags.check,
    diff: flags.diff,
    forceHandlers: flags.forceHandlers,
    flushCache: flags.flushCache ?? false,
    startAtTask: flags.startAtTask,
    step: flags.step ?? false,
    modulePath: modulePath(flags.modulePath),
    forks: positive("--forks", flags.forks),
    verbosity: flags.verbose,
    listHosts: flags.listHosts ?? false,
    listTasks: flags.listTasks ?? false,
    listTags: flags.listTags ?? false,
    syntaxCheck: flags.syntaxCheck ?? false,
    user: flags.user,
    connection: flags.connection,
    timeout: positive("--timeout", flags.timeout),
    privateKey: flags.keyFile,
    askPass: flags.askPass,
    connectionPasswordFile: flags.connectionPasswordFile,
    sshCommonArgs: flags.sshCommonArgs,
    sshExtraArgs: flags.sshExtraArgs,
    sftpExtraArgs: flags.sftpExtraArgs,
    scpExtraArgs: flags.scpExtraArgs,
    become: flags.become,
    becomeMethod: flags.becomeMethod,
    becomeUser: flags.becomeUser,
    askBecomePass: flags.askBecomePass,
    becomePasswordFile: flags.becomePasswordFile,
    vaultIds: flags.vaultId,
    vaultPasswordFiles: flags.vaultPasswordFile,
    askVaultPass: flags.askVaultPassword,
    shards: positive("--shards", flags.shards),
    wire: flags.wire ?? false,
  };
}

function splitTags(given: readonly string[] | undefined): readonly string[] | undefined {
  return given && [...new Set(given.flatMap((tags) => tags.split(",").map((tag) => tag.trim())))];
}

function modulePath(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.toReversed().flatMap((paths) => paths.split(":").filter((path) => path !== ""));
}

const COMMANDS = "playbook, inventory, config, bench, pcap, help";

/** Options of ansible-playbook that would change what runs, and so must not be ignored. */
const UNSUPPORTED: readonly (readonly [key: keyof RawFlags, flag: string, advice: string])[] = [];
