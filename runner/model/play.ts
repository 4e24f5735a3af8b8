import type { Origin } from "./origin.ts";
import type { Dict, Value } from "./value.ts";

/**
 * Playbooks after loading: every keyword checked, static imports replaced by what they name, and
 * every inheritable keyword already merged into the tasks (own value first, else block, role, play).
 */
export interface Playbook {
  readonly file: string;
  /** As it was named on the command line; of a collection's playbook its file. */
  readonly given: string;
  readonly plays: readonly Play[];
}

export interface Play {
  /** Unique in a run. */
  readonly id: number;
  readonly origin: Origin;
  /** As written; may be a template. */
  readonly name: string | undefined;
  /** The host pattern, list items joined with ":"; may be a template. */
  readonly hosts: string;
  readonly vars: Dict;
  /** Entries of vars_files: a path, or a list of alternatives; may be templates. */
  readonly varsFiles: readonly Value[];
  /** What is asked for before the play starts; values may be templates. */
  readonly varsPrompt?: readonly VarsPrompt[];
  /** Each role of the play that is known before it runs (roles:, dependencies, import_role), in order. */
  readonly roles: readonly Role[];
  readonly gatherFacts: Value | undefined;
  /** The implicit fact gathering task, carrying the play's become, tags, gather_subset ...; run unless gather_facts says no. */
  readonly setup: Task;
  /** pre_tasks, roles and tasks, post_tasks; handlers are flushed behind each. */
  readonly sections: readonly [Block, Block, Block];
  readonly handlers: readonly Task[];
  readonly strategy: string;
  /** Batch sizes: numbers or "30%"; empty when all hosts run at once. */
  /** As written; its tasks have it, too. */
  readonly checkMode?: Value | undefined;
  readonly serial: readonly Value[];
  readonly maxFailPercentage: number | undefined;
  readonly anyErrorsFatal: boolean;
  readonly order: "inventory" | "reverse_inventory" | "sorted" | "reverse_sorted" | "shuffle";
  readonly forceHandlers: boolean | undefined;
  readonly throttle: number;
  /** The play's own tags; tasks have them merged in already. */
  readonly tags?: readonly string[];
  /** The directory of the playbook file that the play stands in; what relative paths start from. */
  readonly basedir?: string;
}

/** One entry of vars_prompt: name, prompt, default, private, confirm, encrypt, salt_size, salt, unsafe. */
export type VarsPrompt = ReadonlyMap<Value, Value>;

export interface Role {
  /** Unique in a run: one per use of the role. */
  readonly id: number;
  /** As shown in task banners. */
  readonly name: string;
  readonly path: string;
  readonly defaults: Dict;
  readonly vars: Dict;
  /** Parameters given where the role is used, and `vars:` of that entry. */
  readonly params: Dict;
  /** Roles that pulled this one in, outermost first. */
  readonly parents: readonly Role[];
  /** Roles whose tasks include or import this one or the role it is a dependency of, innermost first. */
  readonly includers?: readonly Role[];
  /** True for a role whose defaults and vars only its own tasks see (include_role without `public`). */
  readonly isPrivate?: boolean;
  /**
   * The same for all uses in a play that Ansible takes for one role (same name, parameters, tags, conditions). Unless
   * `allowDuplicates`, a host that has completed one use, with a task that was not skipped, skips the others.
   */
  readonly identity?: number;
  readonly allowDuplicates?: boolean;
  /** `namespace.collection` of a role that lives in a collection. */
  readonly collection?: string;
}

/** A block: children run in order; a failure goes to rescue; always runs in the end. */
export interface Block {
  readonly kind: "block";
  readonly id: number;
  readonly origin: Origin;
  readonly name: string | undefined;
  readonly children: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
  readonly role: Role | undefined;
}

export type Node = Block | Task;

/** What a loop runs over: `loop: value`, or `with_NAME: value`. */
export interface Loop {
  /** undefined for `loop:`, else the lookup of `with_NAME`. */
  readonly lookup: string | undefined;
  readonly value: Value;
}

export interface LoopControl {
  /** Names may be templates. */
  readonly loopVar: string;
  readonly indexVar: string | undefined;
  /** A template; undefined shows the whole item. */
  readonly label: Value | undefined;
  /** Seconds between items. */
  readonly pause: Value | undefined;
  /** Text is a template. */
  readonly extended: boolean | string;
  /** False leaves `allitems` out of ansible_loop; true when absent. */
  readonly extendedAllItems?: boolean | string;
}

/** An action plugin in Python. */
export interface ActionPlugin {
  readonly path: string;
  /** Where the modules that it asks for are looked up by short names, first one first. */
  readonly collections: readonly string[];
}

/** Where the name of an action is looked up, besides ansible-core. */
export interface ActionChoice {
  /** `collections:` in effect, first one first. */
  readonly collections: readonly string[];
  /** Directories of a role whose library/ and action_plugins/ count. */
  readonly roleDirs: readonly string[];
}

export interface Task {
  readonly kind: "task";
  /** Unique in a run. */
  readonly id: number;
  readonly origin: Origin;
  /** As written; may be a template. */
  readonly name: string | undefined;
  /** As written: `copy`, `ansible.builtin.copy`, `community.general.ini_file`, or a template (see `choice`). */
  readonly action: string;
  /** The full name after redirects: `ansible.builtin.copy`, `community.general.ini_file`. */
  readonly resolvedAction: string;
  /** Set where the action is a template: what it names is known for each host when the task is due. */
  readonly choice?: ActionChoice;
  /** The action plugin in Python that does it on the controller; absent where none has to. */
  readonly plugin?: ActionPlugin;
  /** The module's file on the controller; undefined for pure actions (debug, set_fact, meta ...). */
  readonly modulePath: string | undefined;
  /** Arguments, templates unrendered. Free-form text is under `_raw_params`. A string is a template for all of them (`args: "{{ x }}"` rows are in `_variable_params`). */
  readonly args: Dict;
  /** module_defaults that apply, lowest first: dicts, or templates of such. */
  readonly moduleDefaults: readonly Value[];
  /** The same by the full name of the module, for actions that choose one when they run (gather_facts, package, service). */
  readonly defaultsOfModules?: ReadonlyMap<string, readonly Value[]>;
  readonly isHandler: boolean;
  /** Topics a handler listens to besides its name. */
  readonly listen: readonly string[];
  readonly role: Role | undefined;
  /** vars of enclosing blocks, includes and the task itself, outermost first. */
  readonly vars: readonly Dict[];
  /** `vars` of the include_tasks and include_role above it, outermost first: they outrank set_fact. */
  readonly includeVars?: readonly Dict[];
  readonly when: readonly Condition[];
  readonly tags: readonly string[];
  readonly register: string | undefined;
  readonly loop: Loop | undefined;
  readonly loopControl: LoopControl;
  readonly until: readonly Condition[];
  readonly retries: Value | undefined;
  readonly delay: Value | undefined;
  readonly changedWhen: readonly Condition[];
  readonly failedWhen: readonly Condition[];
  /** Booleans that may be templates. */
  readonly ignoreErrors: Value | undefined;
  readonly ignoreUnreachable: Value | undefined;
  readonly noLog: Value | undefined;
  readonly runOnce: Value | undefined;
  readonly anyErrorsFatal: Value | undefined;
  readonly checkMode: Value | undefined;
  readonly diff: Value | undefined;
  readonly become: Value | undefined;
  readonly becomeUser: Value | undefined;
  readonly becomeMethod: Value | undefined;
  readonly becomeExe: Value | undefined;
  readonly becomeFlags: Value | undefined;
  readonly connection: Value | undefined;
  readonly remoteUser: Value | undefined;
  readonly port: Value | undefined;
  /** Seconds; 0 or undefined for none. */
  readonly timeout: Value | undefined;
  readonly throttle: Value | undefined;
  /** Which results open the debugger: always, never, on_failed, on_unreachable, on_skipped. */
  readonly debugger?: Value;
  /** Seconds a job may take (`async`), and between looks at it (`poll`, 0: nobody waits). */
  readonly async?: Value | undefined;
  readonly poll?: Value | undefined;
  /** Mappings, outermost first. */
  readonly environment: readonly Value[];
  readonly delegateTo: Value | undefined;
  readonly delegateFacts: Value | undefined;
  readonly notify: readonly Value[];
  /** True for tasks that the engine made itself (flushes of handlers). */
  readonly implicit?: boolean;
  /** False when the name was made up from the role that the task includes. */
  readonly isNamed?: boolean;
}

/** A condition as written: template text without braces, or a boolean. */
export interface Condition {
  readonly source: string | boolean;
  readonly origin: Origin;
}
