import { type Command, CommanderError } from "commander";
import { EXIT } from "./exit-code.ts";

/** The command line is wrong. `message` is for standard error: it says what, and how it is to be used. */
export class UsageError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What commander made of a command line. */
export type ParsedFlags<Flags> =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "flags"; readonly flags: Flags; readonly args: readonly string[] };

/**
 * Reads the arguments of a command.
 *
 * @param aliases other spellings of long options
 * @throws UsageError for what the command does not know
 */
export function parseFlags<Flags extends object>(
  command: Command,
  given: readonly string[],
  aliases: ReadonlyMap<string, string>,
): ParsedFlags<Flags> {
  let help = "";
  command.exitOverride().configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => {},
  });
  try {
    command.parse(expandNames(command, given, aliases), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: help };
    throw usageError(command, error.message.replace(/^error: /, ""));
  }
  return { kind: "flags", flags: command.opts<Flags>(), args: command.args };
}

/** An error that shows how the command is to be used. */
export function usageError(command: Command, message: string): UsageError {
  const name = command.name();
  return new UsageError(
    `Usage: ${name} ${command.usage()}\n${name}: error: ${message}\nTry '${name} --help' for all options.`,
  );
}

/** Replaces other spellings of long options, and unique beginnings of their names, as Python's argparse allows them. */
function expandNames(
  command: Command,
  given: readonly string[],
  aliases: ReadonlyMap<string, string>,
): string[] {
  const names = command.options.flatMap(({ short, long }) => [short ?? "", long ?? ""]);
  const own = [...aliases].filter(([, name]) => names.includes(name));
  const known = ["--help", ...names, ...own.map(([alias]) => alias)].filter((name) =>
    name.startsWith("--"),
  );
  const end = given.includes("--") ? given.indexOf("--") : given.length;
  return given.map((argument, index) => {
    const [, name, value = ""] = /^(--[^=]+)(=.*)?$/s.exec(argument) ?? [];
    if (index >= end || name === undefined || /\s/.test(name)) return argument;
    const exact = known.includes(name);
    const matches = new Set(
      known.filter((long) => long.startsWith(name)).map((long) => aliases.get(long) ?? long),
    );
    if (exact) return (aliases.get(name) ?? name) + value;
    if (matches.size > 1) {
      throw usageError(command, `${name} is short for several options: ${[...matches].join(", ")}`);
    }
    return ([...matches][0] ?? name) + value;
  });
}
