import { pcapReport } from "../pcaps/command.ts";
import { readCompare, readConform, USAGE } from "./user/arguments.ts";
import { compare, type ToolContext } from "./user/compare.ts";
import { conform } from "./user/conform.ts";

const HELP = `Usage: skein pcap report FILE      what a capture holds
       skein bench compare ...     a playbook's cost under ansible-playbook and under skein
       skein bench conform ...     what ansible-playbook and skein do differently

Each has --help.
`;

/**
 * The tools' commands, as `skein` starts them: `args` begins with `pcap` or `bench`.
 *
 * @returns the exit code: 0, 1 for a budget that is exceeded or a difference, 2 when something is wrong with the arguments or
 * could not be done.
 */
export async function runTools(args: readonly string[], context: ToolContext): Promise<number> {
  const [group, command, ...rest] = args;
  const asksHelp = rest.includes("--help") || rest.includes("-h");
  try {
    switch (`${group} ${command}`) {
      case "pcap report":
        return await pcapReport(rest, context);
      case "bench compare":
        if (asksHelp) return help(USAGE.compare, context);
        return await compare(readCompare(rest), context);
      case "bench conform":
        if (asksHelp) return help(USAGE.conform, context);
        return await conform(readConform(rest), context);
      default:
        if (command === "--help" || command === "-h") return help(HELP, context);
        context.stderr(
          `skein: error: there is no command ${args.slice(0, 2).join(" ")}\n\n${HELP}`,
        );
        return 2;
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.stderr(`error: ${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
}

function help(text: string, context: ToolContext): number {
  context.stdout(text);
  return 0;
}
