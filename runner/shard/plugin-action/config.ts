import type { ShardOptions } from "../../pool/messages.ts";
import type { Secret } from "../../vault/keyring.ts";

/** What an action host is told once (python/skein_actions.py): where things are, what the command line said, and what is secret. */
export function actionConfig(
  options: ShardOptions,
  secrets: readonly Secret[],
): ReadonlyMap<string, unknown> {
  const { connection } = options;
  return new Map<string, unknown>([
    ["root", options.installation.root],
    ["basedir", options.playbookDir],
    ["playbook_dirs", options.plugins.playbookDirs],
    ["verbosity", options.verbosity],
    ["secrets", secrets.map(({ id, password }) => [id, password])],
    [
      "passwords",
      new Map([
        ["conn_pass", connection.password ?? ""],
        ["become_pass", connection.becomePassword ?? ""],
      ]),
    ],
    ["flags", flagsOf(options)],
  ]);
}

/** `context.CLIARGS`: flags where there are any, else what the settings say, which they outrank anyway. */
export function flagsOf(options: ShardOptions): ReadonlyMap<string, unknown> {
  const { connection } = options;
  const args = (text: string): string | null => (text === "" ? null : text);
  return new Map<string, unknown>([
    // What Ansible takes for `smart`, after it has asked the ssh of this machine.
    ["connection", connection.transport === "smart" ? "ssh" : connection.transport],
    ["remote_user", connection.remoteUser ?? null],
    ["private_key_file", connection.privateKeyFile ?? null],
    ["timeout", connection.timeout],
    ["ssh_common_args", args(connection.sshCommonArgs)],
    ["ssh_extra_args", args(connection.sshExtraArgs)],
    ["become", connection.become],
    ["become_method", connection.becomeMethod],
    // Without the flag it is left to the become plugin, whose default this is.
    ["become_user", connection.becomeUser === "root" ? null : connection.becomeUser],
    ["check", options.checkMode],
    ["diff", options.diffMode],
    ["verbosity", options.verbosity],
    ["forks", options.forks],
    ["inventory", options.inventorySources],
    ["subset", options.limit ?? null],
    ["tags", options.runTags],
    ["skip_tags", options.skipTags],
    ["extra_vars", []],
    ["start_at_task", null],
    ["step", false],
    ["force_handlers", false],
    ["flush_cache", false],
    ["syntax", false],
  ]);
}
