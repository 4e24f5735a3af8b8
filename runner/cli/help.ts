import { Command, Option } from "commander";

/** What the command line of a playbook run looks like to commander, before it means anything. */
export interface RawFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly extraVars?: readonly string[];
  readonly check?: true;
  readonly diff?: true;
  readonly step?: true;
  readonly forceHandlers?: true;
  readonly flushCache?: true;
  readonly modulePath?: readonly string[];
  readonly listHosts?: true;
  readonly listTasks?: true;
  readonly listTags?: true;
  readonly syntaxCheck?: true;
  readonly verbose?: number;
  readonly user?: string;
  readonly connection?: string;
  readonly timeout?: string;
  readonly keyFile?: string;
  readonly askPass?: true;
  readonly connectionPasswordFile?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly sftpExtraArgs?: string;
  readonly scpExtraArgs?: string;
  readonly become?: true;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly askBecomePass?: true;
  readonly becomePasswordFile?: string;
  readonly vaultId?: readonly string[];
  readonly askVaultPassword?: true;
  readonly vaultPasswordFile?: readonly string[];
  readonly forks?: string;
  readonly shards?: string;
  readonly wire?: true;
}

/** The command `NAME`, with all flags of a playbook run, in the groups in which help shows them. */
export function createPlaybookCommand(name: string, columns: number): Command {
  const command = new Command(name)
    .usage("[options] playbook...")
    .description("Runs Ansible playbooks on the hosts that they name.")
    .argument("[playbook...]", "playbooks to run, one after the other")
    .configureHelp({ helpWidth: columns, showGlobalOptions: false })
    .helpOption("-h, --help", "show this help and exit")
    .addHelpText("after", EXIT_CODES)
    .allowExcessArguments(true);
  for (const [group, options] of GROUPS) {
    for (const option of options) command.addOption(option.helpGroup(group));
  }
  return command;
}

/** Other spellings of long options. ansible-playbook has them, help leaves them out. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["--inventory-file", "--inventory"],
  ["--conn-pass-file", "--connection-password-file"],
  ["--become-pass-file", "--become-password-file"],
  ["--ask-vault-pass", "--ask-vault-password"],
  ["--vault-pass-file", "--vault-password-file"],
]);

/** What `skein --help` says. */
export const TOP_HELP = `Usage: skein COMMAND [options] ...

Runs Ansible playbooks at large host counts.

Commands:
  playbook     run playbooks; the same as skein-playbook (skein playbook --help shows its options)
  inventory    show an inventory as Ansible understands it
  config       show settings, and where each value comes from
  bench        compare a playbook's cost, or what it does, under ansible-playbook and under skein (skein bench --help)
  pcap         say what a capture holds (skein pcap report --help)
  help         show this help

Options:
  -h, --help   show this help and exit
  --version    show the version and exit
`;

const EXIT_CODES = `
Exit codes: 0 all went well, 1 an error before or between tasks, 2 hosts failed or the command line is wrong,
4 hosts were unreachable or a playbook cannot be read, 5 bad options, 99 interrupted, 250 a bug in skein.
Settings come from ansible.cfg and ANSIBLE_* as for ansible-playbook; what is given here outranks them.`;

/** Collects the values of an option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Counts how often a flag is given. */
function count(_: string, previous: number | undefined): number {
  return (previous ?? 0) + 1;
}

/** The option that names inventories. */
export function inventoryOption(): Option {
  return new Option(
    "-i, --inventory <source>",
    "inventory file or directory, or a list of hosts with a comma (host,); may be repeated",
  ).argParser(collect);
}

/** The options that give vault secrets. */
export function vaultOptions(): readonly Option[] {
  return [
    new Option(
      "--vault-id <id>",
      "label@source of a vault password: a file, a script, or prompt; may be repeated",
    ).argParser(collect),
    new Option("-J, --ask-vault-password", "ask for the vault password").conflicts(
      "vaultPasswordFile",
    ),
    new Option(
      "--vault-password-file <file>",
      "file with the vault password, or script that prints it; may be repeated",
    ).argParser(collect),
  ];
}

const GROUPS: readonly (readonly [heading: string, options: readonly Option[]])[] = [
  [
    "What to run, and where:",
    [
      inventoryOption(),
      new Option(
        "-l, --limit <pattern>",
        "only hosts that also match this pattern, or that @FILE lists",
      ),
      new Option(
        "-t, --tags <tags>",
        "only tasks with one of these tags (comma separated); may be repeated",
      ).argParser(collect),
      new Option(
        "--skip-tags <tags>",
        "only tasks with none of these tags; may be repeated",
      ).argParser(collect),
      new Option(
        "--start-at-task <name>",
        "begin with the first task of this name, or that fits this pattern",
      ),
    ],
  ],
  [
    "How to run it:",
    [
      new Option(
        "-e, --extra-vars <vars>",
        "variables that outrank all others: key=value ..., YAML, JSON, or @FILE; may be repeated",
      ).argParser(collect),
      new Option("-C, --check", "change nothing, and tell what would change"),
      new Option("-D, --diff", "show differences in files that change"),
      new Option("--force-handlers", "run notified handlers even on hosts that fail"),
      new Option("--flush-cache", "forget cached facts first"),
      new Option(
        "-M, --module-path <paths>",
        "directories with modules, separated by colons; may be repeated",
      ).argParser(collect),
      new Option("-f, --forks <number>", "how many hosts to work on at a time"),
      new Option("--step", "ask before each task"),
    ],
  ],
  [
    "What to show:",
    [
      new Option("-v, --verbose", "tell more; -vvvv tells most").argParser(count),
      new Option("--list-hosts", "list the hosts of each play and run nothing"),
      new Option("--list-tasks", "list the tasks of each play and run nothing"),
      new Option("--list-tags", "list the tags of each play and run nothing"),
      new Option("--syntax-check", "read the playbooks and run nothing"),
      new Option("--version", "show the version and exit"),
    ],
  ],
  [
    "Connection:",
    [
      new Option("-u, --user <name>", "log in as this account"),
      new Option("-c, --connection <type>", "kind of connection: ssh, local, docker, ..."),
      new Option("-T, --timeout <seconds>", "give up connecting after this time"),
      new Option("--private-key, --key-file <file>", "private key to log in with"),
      new Option("-k, --ask-pass", "ask for the login password").conflicts(
        "connectionPasswordFile",
      ),
      new Option("--connection-password-file <file>", "file with the login password"),
      new Option("--ssh-common-args <args>", "arguments for every ssh"),
      new Option("--ssh-extra-args <args>", "more arguments for ssh"),
      new Option("--sftp-extra-args <args>", "accepted for ansible-playbook's sake"),
      new Option("--scp-extra-args <args>", "accepted for ansible-playbook's sake"),
    ],
  ],
  [
    "Becoming another user:",
    [
      new Option("-b, --become", "run tasks as another user"),
      new Option("--become-method <method>", "by sudo, su, doas, ..."),
      new Option("--become-user <name>", "which user to become"),
      new Option("-K, --ask-become-pass", "ask for the password for it").conflicts(
        "becomePasswordFile",
      ),
      new Option("--become-password-file <file>", "file with the password for it"),
    ],
  ],
  ["Vault:", [...vaultOptions()]],
  [
    "Only in skein:",
    [
      new Option("--shards <number>", "how many threads to spread the hosts over"),
      new Option(
        "--wire",
        "show at the end what the run cost: connections, round trips, bytes, processor time",
      ),
    ],
  ],
];
