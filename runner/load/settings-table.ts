import { GROUP_VARS_SOURCES } from "../model/host.ts";
import { expandPath } from "./path.ts";
import { unquote } from "./splitter.ts";

/** Where relative paths of a value start, and what `~` and `$NAME` mean. */
export interface Place {
  readonly cwd: string;
  readonly configDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** One setting: its default, how its text is read, and its names. */
export interface Definition<T> {
  readonly fallback: (place: Place) => T;
  readonly parse: (text: string, base: string, place: Place) => T;
  readonly env: readonly string[];
  /** `section.key`, later ones first in rank. */
  readonly ini: readonly string[];
}

const bool = (
  fallback: boolean,
  env: readonly string[],
  ini: readonly string[],
): Definition<boolean> => ({
  fallback: () => fallback,
  parse: parseBool,
  env,
  ini,
});
const integer = <F extends number | undefined>(
  fallback: F,
  env: readonly string[],
  ini: readonly string[],
): Definition<number | F> => ({
  fallback: () => fallback,
  parse: parseInteger,
  env,
  ini,
});
const text = <F extends string | undefined>(
  fallback: F,
  env: readonly string[],
  ini: readonly string[],
): Definition<string | F> => ({
  fallback: () => fallback,
  parse: (value) => value,
  env,
  ini,
});
/** Options of a become plugin: its own names outrank the general ones. */
const becomeOption = (plugin: string, name: string, key: string): Definition<string | undefined> =>
  text(
    undefined,
    [
      `ANSIBLE_BECOME_${name.toUpperCase()}`,
      `ANSIBLE_${plugin.toUpperCase()}_${name.toUpperCase()}`,
    ],
    [`privilege_escalation.become_${name}`, `${plugin}_become_plugin.${key}`],
  );
const becomeUser = (plugin: string): Definition<string> => ({
  ...becomeOption(plugin, "user", "user"),
  fallback: () => "root",
  parse: (value) => value,
});
const becomePassword = (plugin: string): Definition<string | undefined> =>
  text(
    undefined,
    ["ANSIBLE_BECOME_PASS", `ANSIBLE_${plugin.toUpperCase()}_PASS`],
    [`${plugin}_become_plugin.password`],
  );
const choice = <C extends string>(
  choices: readonly [C, ...C[]],
  env: readonly string[],
  ini: readonly string[],
): Definition<C> => ({
  fallback: () => choices[0],
  parse: (value) => {
    const found = choices.find((each) => each === value.toLowerCase());
    if (found === undefined) throw new TypeError(`'${value}' is none of ${choices.join(", ")}`);
    return found;
  },
  env,
  ini,
});
const list = (
  fallback: readonly string[],
  env: readonly string[],
  ini: readonly string[],
): Definition<readonly string[]> => ({
  fallback: () => fallback,
  parse: (value) => splitList(value),
  env,
  ini,
});
const path = (env: readonly string[], ini: readonly string[]): Definition<string | undefined> => ({
  fallback: () => undefined,
  parse: (value, base, place) => expandPath(value.replace("{{CWD}}", place.cwd), base, place.env),
  env,
  ini,
});
/** Directories separated by colons. `HOME` at the start of a default is ANSIBLE_HOME. */
const paths = (
  fallback: readonly string[],
  env: readonly string[],
  ini: readonly string[],
): Definition<readonly string[]> => ({
  fallback: (place) =>
    fallback.map((each) => expandPath(each.replace(/^HOME/, place.home), place.cwd, place.env)),
  parse: (value, base, place) =>
    value
      .split(":")
      .filter((each) => each !== "")
      .map((each) => expandPath(each, base, place.env)),
  env,
  ini,
});

/** Every setting. Names and defaults: `config/base.yml`, `plugins/connection/ssh.py`, `plugins/callback/default.py`. */
export const DEFINITIONS = {
  inventory: {
    fallback: () => ["/etc/ansible/hosts"],
    parse: (value, base, place) => splitInventory(value, base, place),
    env: ["ANSIBLE_INVENTORY"],
    ini: ["defaults.inventory"],
  } as Definition<readonly string[]>,
  inventoryIgnoreExtensions: list(
    [
      ".pyc",
      ".pyo",
      ".swp",
      ".bak",
      "~",
      ".rpm",
      ".md",
      ".txt",
      ".rst",
      ".orig",
      ".ini",
      ".cfg",
      ".retry",
    ],
    ["ANSIBLE_INVENTORY_IGNORE"],
    ["defaults.inventory_ignore_extensions", "inventory.ignore_extensions"],
  ),
  inventoryIgnorePatterns: list(
    [],
    ["ANSIBLE_INVENTORY_IGNORE_REGEX"],
    ["defaults.inventory_ignore_patterns", "inventory.ignore_patterns"],
  ),
  inventoryEnabled: list(
    ["host_list", "script", "auto", "yaml", "ini", "toml"],
    ["ANSIBLE_INVENTORY_ENABLED"],
    ["inventory.enable_plugins"],
  ),
  inventoryAnyUnparsedIsFailed: bool(
    false,
    ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"],
    ["inventory.any_unparsed_is_failed"],
  ),
  inventoryUnparsedIsFailed: bool(
    false,
    ["ANSIBLE_INVENTORY_UNPARSED_FAILED"],
    ["inventory.unparsed_is_failed"],
  ),
  inventoryUnparsedWarning: bool(
    true,
    ["ANSIBLE_INVENTORY_UNPARSED_WARNING"],
    ["inventory.inventory_unparsed_warning"],
  ),
  inventoryExport: bool(false, ["ANSIBLE_INVENTORY_EXPORT"], ["inventory.export"]),
  hostPatternMismatch: choice(
    ["warning", "error", "ignore"],
    ["ANSIBLE_HOST_PATTERN_MISMATCH"],
    ["inventory.host_pattern_mismatch"],
  ),
  groupNameTransform: choice(
    ["never", "always", "ignore", "silently"],
    ["ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS"],
    ["defaults.force_valid_group_names"],
  ),
  forks: integer(5, ["ANSIBLE_FORKS"], ["defaults.forks"]),
  remoteUser: text(undefined, ["ANSIBLE_REMOTE_USER"], ["defaults.remote_user"]),
  remotePort: integer(undefined, ["ANSIBLE_REMOTE_PORT"], ["defaults.remote_port"]),
  askPass: bool(false, ["ANSIBLE_ASK_PASS"], ["defaults.ask_pass"]),
  connectionPasswordFile: path(
    ["ANSIBLE_CONNECTION_PASSWORD_FILE"],
    ["defaults.connection_password_file"],
  ),
  privateKeyFile: path(["ANSIBLE_PRIVATE_KEY_FILE"], ["defaults.private_key_file"]),
  hostKeyChecking: bool(
    true,
    ["ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_SSH_HOST_KEY_CHECKING"],
    ["defaults.host_key_checking", "ssh_connection.host_key_checking"],
  ),
  timeout: integer(
    10,
    ["ANSIBLE_TIMEOUT", "ANSIBLE_SSH_TIMEOUT"],
    ["defaults.timeout", "ssh_connection.timeout"],
  ),
  transport: text("smart", ["ANSIBLE_TRANSPORT"], ["defaults.transport"]),
  sshExecutable: text("ssh", ["ANSIBLE_SSH_EXECUTABLE"], ["ssh_connection.ssh_executable"]),
  sshArgs: text(
    "-C -o ControlMaster=auto -o ControlPersist=60s",
    ["ANSIBLE_SSH_ARGS"],
    ["ssh_connection.ssh_args"],
  ),
  sshCommonArgs: text("", ["ANSIBLE_SSH_COMMON_ARGS"], ["ssh_connection.ssh_common_args"]),
  sshExtraArgs: text("", ["ANSIBLE_SSH_EXTRA_ARGS"], ["ssh_connection.ssh_extra_args"]),
  sshRetries: integer(0, ["ANSIBLE_SSH_RETRIES"], ["connection.retries", "ssh_connection.retries"]),
  sshUseTty: bool(true, ["ANSIBLE_SSH_USETTY"], ["ssh_connection.usetty"]),
  controlPath: text(undefined, ["ANSIBLE_SSH_CONTROL_PATH"], ["ssh_connection.control_path"]),
  pipelining: bool(
    false,
    ["ANSIBLE_PIPELINING", "ANSIBLE_SSH_PIPELINING"],
    ["defaults.pipelining", "connection.pipelining", "ssh_connection.pipelining"],
  ),
  dockerExtraArgs: text("", [], ["docker_connection.extra_cli_args"]),
  podmanExtraArgs: text("", ["ANSIBLE_PODMAN_EXTRA_ARGS"], ["defaults.podman_extra_args"]),
  podmanExecutable: text("podman", ["ANSIBLE_PODMAN_EXECUTABLE"], []),
  chrootExe: text("chroot", ["ANSIBLE_CHROOT_EXE"], ["chroot_connection.exe"]),
  become: bool(false, ["ANSIBLE_BECOME"], ["privilege_escalation.become"]),
  becomeMethod: text("sudo", ["ANSIBLE_BECOME_METHOD"], ["privilege_escalation.become_method"]),
  becomeUser: text("root", ["ANSIBLE_BECOME_USER"], ["privilege_escalation.become_user"]),
  sudoUser: becomeUser("sudo"),
  sudoExe: becomeOption("sudo", "exe", "executable"),
  sudoFlags: becomeOption("sudo", "flags", "flags"),
  sudoPassword: becomePassword("sudo"),
  suUser: becomeUser("su"),
  suExe: becomeOption("su", "exe", "executable"),
  suFlags: becomeOption("su", "flags", "flags"),
  suPassword: becomePassword("su"),
  doasUser: becomeUser("doas"),
  doasExe: becomeOption("doas", "exe", "executable"),
  doasFlags: becomeOption("doas", "flags", "flags"),
  doasPassword: becomePassword("doas"),
  becomeAskPass: bool(false, ["ANSIBLE_BECOME_ASK_PASS"], ["privilege_escalation.become_ask_pass"]),
  becomePasswordFile: path(["ANSIBLE_BECOME_PASSWORD_FILE"], ["defaults.become_password_file"]),
  becomeAllowSameUser: bool(
    false,
    ["ANSIBLE_BECOME_ALLOW_SAME_USER"],
    ["privilege_escalation.become_allow_same_user"],
  ),
  vaultIdentity: text("default", ["ANSIBLE_VAULT_IDENTITY"], ["defaults.vault_identity"]),
  vaultIdentityList: list([], ["ANSIBLE_VAULT_IDENTITY_LIST"], ["defaults.vault_identity_list"]),
  vaultIdMatch: bool(false, ["ANSIBLE_VAULT_ID_MATCH"], ["defaults.vault_id_match"]),
  vaultPasswordFile: path(["ANSIBLE_VAULT_PASSWORD_FILE"], ["defaults.vault_password_file"]),
  askVaultPass: bool(false, ["ANSIBLE_ASK_VAULT_PASS"], ["defaults.ask_vault_pass"]),
  verbosity: integer(0, ["ANSIBLE_VERBOSITY"], ["defaults.verbosity"]),
  gathering: choice(
    ["implicit", "explicit", "smart"],
    ["ANSIBLE_GATHERING"],
    ["defaults.gathering"],
  ),
  gatherSubset: list([], ["ANSIBLE_GATHER_SUBSET"], ["defaults.gather_subset"]),
  gatherTimeout: integer(undefined, ["ANSIBLE_GATHER_TIMEOUT"], ["defaults.gather_timeout"]),
  factPath: text(undefined, ["ANSIBLE_FACT_PATH"], ["defaults.fact_path"]),
  injectFacts: bool(true, ["ANSIBLE_INJECT_FACT_VARS"], ["defaults.inject_facts_as_vars"]),
  rolesPath: paths(
    ["HOME/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"],
    ["ANSIBLE_ROLES_PATH"],
    ["defaults.roles_path"],
  ),
  collectionsPaths: paths(
    ["HOME/collections", "/usr/share/ansible/collections"],
    ["ANSIBLE_COLLECTIONS_PATHS", "ANSIBLE_COLLECTIONS_PATH"],
    ["defaults.collections_paths", "defaults.collections_path"],
  ),
  library: paths(
    ["HOME/plugins/modules", "/usr/share/ansible/plugins/modules"],
    ["ANSIBLE_LIBRARY"],
    ["defaults.library"],
  ),
  moduleUtils: paths(
    ["HOME/plugins/module_utils", "/usr/share/ansible/plugins/module_utils"],
    ["ANSIBLE_MODULE_UTILS"],
    ["defaults.module_utils"],
  ),
  actionPlugins: paths(
    ["HOME/plugins/action", "/usr/share/ansible/plugins/action"],
    ["ANSIBLE_ACTION_PLUGINS"],
    ["defaults.action_plugins"],
  ),
  connectionPlugins: paths(
    ["HOME/plugins/connection", "/usr/share/ansible/plugins/connection"],
    ["ANSIBLE_CONNECTION_PLUGINS"],
    ["defaults.connection_plugins"],
  ),
  filterPlugins: paths(
    ["HOME/plugins/filter", "/usr/share/ansible/plugins/filter"],
    ["ANSIBLE_FILTER_PLUGINS"],
    ["defaults.filter_plugins"],
  ),
  testPlugins: paths(
    ["HOME/plugins/test", "/usr/share/ansible/plugins/test"],
    ["ANSIBLE_TEST_PLUGINS"],
    ["defaults.test_plugins"],
  ),
  lookupPlugins: paths(
    ["HOME/plugins/lookup", "/usr/share/ansible/plugins/lookup"],
    ["ANSIBLE_LOOKUP_PLUGINS"],
    ["defaults.lookup_plugins"],
  ),
  callbackPlugins: paths(
    ["HOME/plugins/callback", "/usr/share/ansible/plugins/callback"],
    ["ANSIBLE_CALLBACK_PLUGINS"],
    ["defaults.callback_plugins"],
  ),
  varsPlugins: paths(
    ["HOME/plugins/vars", "/usr/share/ansible/plugins/vars"],
    ["ANSIBLE_VARS_PLUGINS"],
    ["defaults.vars_plugins"],
  ),
  /** Seconds that a plugin in Python may take; skein's own, 0 is for ever. */
  pluginTimeout: integer(300, ["SKEIN_PLUGIN_TIMEOUT"], ["skein.plugin_timeout"]),
  /** Where the events of the bus are written, one line of JSON each; skein's own. */
  traceFile: path(["SKEIN_TRACE"], ["skein.trace"]),
  pluginFilters: path([], ["defaults.plugin_filters_cfg"]),
  factsModules: list(["smart"], ["ANSIBLE_FACTS_MODULES"], ["defaults.facts_modules"]),
  hashBehaviour: choice(
    ["replace", "merge"],
    ["ANSIBLE_HASH_BEHAVIOUR"],
    ["defaults.hash_behaviour"],
  ),
  forceHandlers: bool(false, ["ANSIBLE_FORCE_HANDLERS"], ["defaults.force_handlers"]),
  errorOnMissingHandler: bool(
    true,
    ["ANSIBLE_ERROR_ON_MISSING_HANDLER"],
    ["defaults.error_on_missing_handler"],
  ),
  errorOnUndefinedVars: bool(
    true,
    ["ANSIBLE_ERROR_ON_UNDEFINED_VARS"],
    ["defaults.error_on_undefined_vars"],
  ),
  jinja2Native: bool(false, ["ANSIBLE_JINJA2_NATIVE"], ["defaults.jinja2_native"]),
  jinja2Extensions: list([], ["ANSIBLE_JINJA2_EXTENSIONS"], ["defaults.jinja2_extensions"]),
  ansibleManaged: text("Ansible managed", [], ["defaults.ansible_managed"]),
  interpreterPython: text("auto", ["ANSIBLE_PYTHON_INTERPRETER"], ["defaults.interpreter_python"]),
  remoteTmp: text(
    "~/.ansible/tmp",
    ["ANSIBLE_REMOTE_TEMP", "ANSIBLE_REMOTE_TMP"],
    ["defaults.remote_tmp"],
  ),
  executable: text("/bin/sh", ["ANSIBLE_EXECUTABLE"], ["defaults.executable"]),
  keepRemoteFiles: bool(false, ["ANSIBLE_KEEP_REMOTE_FILES"], ["defaults.keep_remote_files"]),
  diffAlways: bool(false, ["ANSIBLE_DIFF_ALWAYS"], ["diff.always"]),
  diffContext: integer(3, ["ANSIBLE_DIFF_CONTEXT"], ["diff.context"]),
  maxDiffSize: integer(104448, ["ANSIBLE_MAX_DIFF_SIZE"], ["defaults.max_diff_size"]),
  tagsRun: list([], ["ANSIBLE_RUN_TAGS"], ["tags.run"]),
  tagsSkip: list([], ["ANSIBLE_SKIP_TAGS"], ["tags.skip"]),
  displaySkippedHosts: bool(
    true,
    ["ANSIBLE_DISPLAY_SKIPPED_HOSTS"],
    ["defaults.display_skipped_hosts"],
  ),
  displayOkHosts: bool(true, ["ANSIBLE_DISPLAY_OK_HOSTS"], ["defaults.display_ok_hosts"]),
  displayFailedStderr: bool(
    false,
    ["ANSIBLE_DISPLAY_FAILED_STDERR"],
    ["defaults.display_failed_stderr"],
  ),
  displayArgsToStdout: bool(
    false,
    ["ANSIBLE_DISPLAY_ARGS_TO_STDOUT"],
    ["defaults.display_args_to_stdout"],
  ),
  showTaskPathOnFailure: bool(
    false,
    ["ANSIBLE_SHOW_TASK_PATH_ON_FAILURE"],
    ["defaults.show_task_path_on_failure"],
  ),
  checkModeMarkers: bool(false, ["ANSIBLE_CHECK_MODE_MARKERS"], ["defaults.check_mode_markers"]),
  showPerHostStart: bool(false, ["ANSIBLE_SHOW_PER_HOST_START"], ["defaults.show_per_host_start"]),
  showCustomStats: bool(false, ["ANSIBLE_SHOW_CUSTOM_STATS"], ["defaults.show_custom_stats"]),
  resultFormat: choice(
    ["json", "yaml"],
    ["ANSIBLE_CALLBACK_RESULT_FORMAT"],
    ["defaults.callback_result_format"],
  ),
  formatPretty: {
    fallback: () => undefined,
    parse: parseBool,
    env: ["ANSIBLE_CALLBACK_FORMAT_PRETTY"],
    ini: ["defaults.callback_format_pretty"],
  } as Definition<boolean | undefined>,
  stdoutCallback: text("default", ["ANSIBLE_STDOUT_CALLBACK"], ["defaults.stdout_callback"]),
  callbacksEnabled: list(
    [],
    ["ANSIBLE_CALLBACK_WHITELIST", "ANSIBLE_CALLBACKS_ENABLED"],
    ["defaults.callback_whitelist", "defaults.callbacks_enabled"],
  ),
  logPath: path(["ANSIBLE_LOG_PATH"], ["defaults.log_path"]),
  noLog: bool(false, ["ANSIBLE_NO_LOG"], ["defaults.no_log"]),
  noTargetSyslog: bool(false, ["ANSIBLE_NO_TARGET_SYSLOG"], ["defaults.no_target_syslog"]),
  syslogFacility: text("LOG_USER", ["ANSIBLE_SYSLOG_FACILITY"], ["defaults.syslog_facility"]),
  retryFilesEnabled: bool(false, ["ANSIBLE_RETRY_FILES_ENABLED"], ["defaults.retry_files_enabled"]),
  retryFilesSavePath: path(["ANSIBLE_RETRY_FILES_SAVE_PATH"], ["defaults.retry_files_save_path"]),
  nocolor: bool(false, ["ANSIBLE_NOCOLOR", "NO_COLOR"], ["defaults.nocolor"]),
  forceColor: bool(false, ["ANSIBLE_FORCE_COLOR"], ["defaults.force_color"]),
  nocows: bool(false, ["ANSIBLE_NOCOWS"], ["defaults.nocows"]),
  verboseToStderr: bool(false, ["ANSIBLE_VERBOSE_TO_STDERR"], ["defaults.verbose_to_stderr"]),
  ...colorDefinitions(),
  anyErrorsFatal: bool(false, ["ANSIBLE_ANY_ERRORS_FATAL"], ["defaults.any_errors_fatal"]),
  taskTimeout: integer(0, ["ANSIBLE_TASK_TIMEOUT"], ["defaults.task_timeout"]),
  factCaching: text("memory", ["ANSIBLE_CACHE_PLUGIN"], ["defaults.fact_caching"]),
  factCachingConnection: text(
    undefined,
    ["ANSIBLE_CACHE_PLUGIN_CONNECTION"],
    ["defaults.fact_caching_connection"],
  ),
  factCachingPrefix: text("", ["ANSIBLE_CACHE_PLUGIN_PREFIX"], ["defaults.fact_caching_prefix"]),
  factCachingTimeout: integer(
    86400,
    ["ANSIBLE_CACHE_PLUGIN_TIMEOUT"],
    ["defaults.fact_caching_timeout"],
  ),
  pollInterval: integer(15, ["ANSIBLE_POLL_INTERVAL"], ["defaults.poll_interval"]),
  localhostWarning: bool(true, ["ANSIBLE_LOCALHOST_WARNING"], ["defaults.localhost_warning"]),
  deprecationWarnings: bool(
    true,
    ["ANSIBLE_DEPRECATION_WARNINGS"],
    ["defaults.deprecation_warnings"],
  ),
  systemWarnings: bool(true, ["ANSIBLE_SYSTEM_WARNINGS"], ["defaults.system_warnings"]),
  validateActionGroupMetadata: bool(
    true,
    ["ANSIBLE_VALIDATE_ACTION_GROUP_METADATA"],
    ["defaults.validate_action_group_metadata"],
  ),
  enableTaskDebugger: bool(
    false,
    ["ANSIBLE_ENABLE_TASK_DEBUGGER"],
    ["defaults.enable_task_debugger"],
  ),
  taskDebuggerIgnoreErrors: bool(
    true,
    ["ANSIBLE_TASK_DEBUGGER_IGNORE_ERRORS"],
    ["defaults.task_debugger_ignore_errors"],
  ),
  actionWarnings: bool(true, ["ANSIBLE_ACTION_WARNINGS"], ["defaults.action_warnings"]),
  commandWarnings: bool(false, ["ANSIBLE_COMMAND_WARNINGS"], ["defaults.command_warnings"]),
  duplicateYamlKey: choice(
    ["warn", "error", "ignore"],
    ["ANSIBLE_DUPLICATE_YAML_DICT_KEY"],
    ["defaults.duplicate_dict_key"],
  ),
  varsPluginStage: choice(
    ["demand", "start"],
    ["ANSIBLE_RUN_VARS_PLUGINS"],
    ["defaults.run_vars_plugins"],
  ),
  hostGroupVarsStage: {
    fallback: () => undefined,
    parse: (value) => {
      const found = (["all", "task", "inventory"] as const).find((each) => each === value);
      if (found === undefined) throw new TypeError(`'${value}' is none of all, task, inventory`);
      return found;
    },
    env: ["ANSIBLE_VARS_PLUGIN_STAGE"],
    ini: ["vars_host_group_vars.stage"],
  } as Definition<"all" | "task" | "inventory" | undefined>,
  varsPluginsEnabled: list(
    ["host_group_vars"],
    ["ANSIBLE_VARS_ENABLED"],
    ["defaults.vars_plugins_enabled"],
  ),
  variablePrecedence: list(GROUP_VARS_SOURCES, ["ANSIBLE_PRECEDENCE"], ["defaults.precedence"]),
  playbookVarsRoot: choice(
    ["top", "bottom", "all"],
    ["ANSIBLE_PLAYBOOK_VARS_ROOT"],
    ["defaults.playbook_vars_root"],
  ),
  strategy: text("linear", ["ANSIBLE_STRATEGY"], ["defaults.strategy"]),
  privateRoleVars: bool(false, ["ANSIBLE_PRIVATE_ROLE_VARS"], ["defaults.private_role_vars"]),
  selinuxSpecialFs: list(
    ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
    ["ANSIBLE_SELINUX_SPECIAL_FS"],
    ["selinux.special_context_filesystems"],
  ),
};

function colorDefinitions() {
  const color = (name: string, fallback: string) =>
    text(fallback, [`ANSIBLE_COLOR_${name.toUpperCase()}`], [`colors.${name}`]);
  return {
    colorChanged: color("changed", "yellow"),
    colorConsolePrompt: color("console_prompt", "white"),
    colorDebug: color("debug", "dark gray"),
    colorDeprecate: color("deprecate", "purple"),
    colorDiffAdd: color("diff_add", "green"),
    colorDiffLines: color("diff_lines", "cyan"),
    colorDiffRemove: color("diff_remove", "red"),
    colorError: color("error", "red"),
    colorHighlight: color("highlight", "white"),
    colorOk: color("ok", "green"),
    colorSkip: color("skip", "cyan"),
    colorUnreachable: color("unreachable", "bright red"),
    colorVerbose: color("verbose", "blue"),
    colorWarn: color("warn", "bright purple"),
  };
}

const TRUE_WORDS: ReadonlySet<string> = new Set(["y", "yes", "on", "1", "true", "t", "1.0"]);

/** Words for false and everything else are false alike, as in Ansible's lenient reading. */
function parseBool(value: string): boolean {
  return TRUE_WORDS.has(value.toLowerCase());
}

function parseInteger(value: string): number {
  if (!/^[-+]?[0-9]+$/.test(value)) throw new TypeError(`'${value}' is not an integer`);
  return Number(value);
}

function splitList(value: string): string[] {
  return value
    .split(",")
    .map((each) => unquote(each.trim()))
    .filter((each) => each !== "");
}

/** Paths separated by commas; a list of hosts such as `a,b,` in one value is not told apart by Ansible either. */
function splitInventory(value: string, base: string, place: Place): string[] {
  return splitList(value).map((each) => expandPath(each, base, place.env));
}
