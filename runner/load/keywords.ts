import { UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";

/** Keywords that plays, blocks, roles and tasks have in common (`playbook/base.py`). */
const COMMON = [
  "any_errors_fatal",
  "become",
  "become_exe",
  "become_flags",
  "become_method",
  "become_user",
  "check_mode",
  "collections",
  "connection",
  "debugger",
  "diff",
  "environment",
  "ignore_errors",
  "ignore_unreachable",
  "module_defaults",
  "name",
  "no_log",
  "port",
  "remote_user",
  "run_once",
  "tags",
  "throttle",
  "timeout",
  "vars",
] as const;

/** What is merged into tasks value by value: the nearest one counts. */
export const INHERITED: readonly string[] = [
  "any_errors_fatal",
  "become",
  "become_exe",
  "become_flags",
  "become_method",
  "become_user",
  "check_mode",
  "collections",
  "connection",
  "debugger",
  "delegate_facts",
  "delegate_to",
  "diff",
  "ignore_errors",
  "ignore_unreachable",
  "no_log",
  "notify",
  "port",
  "remote_user",
  "run_once",
  "throttle",
  "timeout",
];

const TASK = [
  ...COMMON,
  "delegate_facts",
  "delegate_to",
  "notify",
  "when",
  "action",
  "args",
  "async",
  "async_val",
  "changed_when",
  "delay",
  "failed_when",
  "loop",
  "loop_control",
  "loop_with",
  "poll",
  "register",
  "retries",
  "until",
];

const INCLUDE = [
  "action",
  "args",
  "collections",
  "debugger",
  "ignore_errors",
  "loop",
  "loop_control",
  "loop_with",
  "name",
  "no_log",
  "register",
  "run_once",
  "tags",
  "timeout",
  "vars",
  "when",
];

/** Every keyword of every kind of object, by the class name that Ansible's messages use. */
export const KEYWORDS = {
  Play: new Set<string>([
    ...COMMON,
    "fact_path",
    "force_handlers",
    "gather_facts",
    "gather_subset",
    "gather_timeout",
    "handlers",
    "hosts",
    "max_fail_percentage",
    "order",
    "post_tasks",
    "pre_tasks",
    "roles",
    "serial",
    "strategy",
    "tasks",
    "vars_files",
    "vars_prompt",
  ]),
  PlaybookInclude: new Set<string>([
    ...COMMON.filter((each) => each !== "collections"),
    "import_playbook",
    "when",
    "vars_val",
  ]),
  Block: new Set<string>([
    ...COMMON,
    "always",
    "block",
    "delegate_facts",
    "delegate_to",
    "notify",
    "rescue",
    "when",
  ]),
  Task: new Set<string>(TASK),
  Handler: new Set<string>([...TASK, "listen"]),
  /** include_tasks, include: what they accept when they are not static. */
  TaskInclude: new Set<string>(INCLUDE),
  HandlerTaskInclude: new Set<string>([...INCLUDE, "listen"]),
  IncludeRole: new Set<string>(INCLUDE),
  RoleInclude: new Set<string>([...COMMON, "delegate_facts", "delegate_to", "role", "when"]),
  RoleMetadata: new Set<string>([
    ...COMMON,
    "allow_duplicates",
    "argument_specs",
    "dependencies",
    "galaxy_info",
  ]),
  LoopControl: new Set<string>([
    "extended",
    "extended_allitems",
    "index_var",
    "label",
    "loop_var",
    "pause",
  ]),
} as const;

export type KeywordOwner = keyof typeof KEYWORDS;

/** Keys of a task that are no action; `static` and `local_action` are known, yet no keywords. */
export const NOT_ACTIONS: ReadonlySet<string> = new Set([
  ...TASK,
  "listen",
  "local_action",
  "static",
]);

/** The name of a Python type, as it shows in Ansible's messages. */
export function pythonType(value: Value): string {
  if (value === null) return "<class 'NoneType'>";
  if (typeof value === "boolean") return "<class 'bool'>";
  if (typeof value === "string") return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>";
  if (typeof value === "bigint") return "<class 'int'>";
  if (typeof value === "number")
    return Number.isInteger(value) ? "<class 'int'>" : "<class 'float'>";
  if (Array.isArray(value)) return "<class 'ansible.parsing.yaml.objects.AnsibleSequence'>";
  if (value instanceof Map) return "<class 'ansible.parsing.yaml.objects.AnsibleMapping'>";
  if (value instanceof VaultText)
    return "<class 'ansible.parsing.yaml.objects.AnsibleVaultEncryptedUnicode'>";
  if (value instanceof UnsafeText) return "<class 'ansible.utils.unsafe_proxy.AnsibleUnsafeText'>";
  return "<class 'float'>";
}
