import { wrapUnsafe } from "../../load/wrap-unsafe.ts";
import type { Condition, Task } from "../../model/play.ts";
import { titleOf } from "../../model/title-of.ts";
import { type Dict, isDict, type Value } from "../../model/value.ts";
import { MISSING } from "../../template/environment.ts";
import { PyObject } from "../../template/py-types.ts";
import { LazyDict } from "../../vars/lazy-dict.ts";
import type { VarScope } from "../../vars/scope.ts";

/** `task`: what it is called, and its keywords as they are written. */
export class TaskObject extends PyObject {
  readonly pyType = "Task";
  readonly #task: () => Task;

  constructor(task: () => Task) {
    super();
    this.#task = task;
  }

  pyGet(name: string): unknown {
    const read = ATTRIBUTES[name];
    return read === undefined ? undefined : (read(this.#task()) ?? null);
  }

  override pyRepr(): string {
    return titleOf(this.#task());
  }
}

const ATTRIBUTES: Readonly<Record<string, (task: Task) => Value | undefined>> = {
  __proto__: null as never,
  action: (task) => task.action,
  any_errors_fatal: (task) => task.anyErrorsFatal,
  args: (task) => task.args,
  async_val: (task) => task.async ?? 0,
  become: (task) => task.become,
  become_exe: (task) => task.becomeExe,
  become_flags: (task) => task.becomeFlags,
  become_method: (task) => task.becomeMethod,
  become_user: (task) => task.becomeUser,
  changed_when: (task) => written(task.changedWhen),
  check_mode: (task) => task.checkMode,
  connection: (task) => task.connection,
  debugger: (task) => task.debugger,
  delay: (task) => task.delay ?? 5,
  delegate_facts: (task) => task.delegateFacts,
  delegate_to: (task) => task.delegateTo,
  diff: (task) => task.diff,
  environment: (task) => [...task.environment],
  failed_when: (task) => written(task.failedWhen),
  ignore_errors: (task) => task.ignoreErrors,
  ignore_unreachable: (task) => task.ignoreUnreachable,
  loop: (task) => task.loop?.value,
  loop_with: (task) => task.loop?.lookup,
  name: (task) => task.name ?? "",
  no_log: (task) => task.noLog,
  notify: (task) => [...task.notify],
  poll: (task) => task.poll,
  port: (task) => task.port,
  register: (task) => task.register,
  remote_user: (task) => task.remoteUser,
  resolved_action: (task) => task.resolvedAction,
  retries: (task) => task.retries,
  run_once: (task) => task.runOnce,
  tags: (task) => [...task.tags],
  throttle: (task) => task.throttle,
  timeout: (task) => task.timeout,
  until: (task) => written(task.until),
  vars: (task) => new Map(task.vars.flatMap((layer) => [...copied(layer)])),
  when: (task) => written(task.when),
};

function written(conditions: readonly Condition[]): Value[] {
  return conditions.map(({ source }) => source);
}

/** `host`. */
export class HostObject extends PyObject {
  readonly pyType = "Host";
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  pyGet(name: string): unknown {
    return name === "name" || name === "address" ? this.#name : undefined;
  }

  override pyRepr(): string {
    return this.#name;
  }
}

/** `result`, whose `_result` is what the task returned; that of a secret one stays hidden. */
export class ResultObject extends PyObject {
  readonly pyType = "TaskResult";
  readonly #attributes: ReadonlyMap<string, unknown>;

  constructor(result: Dict, task: TaskObject, host: HostObject) {
    super();
    const shown =
      result.get("_ansible_no_log") === true
        ? new Map<Value, Value>([["censored", "no_log hides the result"]])
        : (wrapUnsafe(result) as Dict);
    this.#attributes = new Map<string, unknown>([
      ["_result", shown],
      ["_task", task],
      ["_host", host],
      ["task_name", task.pyGet("name")],
    ]);
  }

  pyGet(name: string): unknown {
    return this.#attributes.get(name);
  }
}

/** `task_vars`: variables as they are written. Those set here are kept apart; the host's own stay as they are. */
export class TaskVars extends LazyDict {
  readonly #edits: Dict;

  /** @param scope the variables of the task @param edits takes what is set */
  constructor(scope: VarScope, edits: Dict) {
    super(
      () => namesOf(scope, edits),
      (name) => (edits.has(name) ? edits.get(name) : valueIn(scope, name)),
    );
    this.#edits = edits;
  }

  override set(key: Value, value: Value): this {
    this.#edits.set(key, value);
    return this;
  }

  /** Makes a variable one that is set here, so that its inside can be changed. */
  own(name: Value): void {
    const value = this.get(name);
    if (value !== undefined) this.#edits.set(name, value);
  }
}

/** Names for a listing. Those that hold all variables of all hosts are there when they are asked for. */
function* namesOf(scope: VarScope, edits: Dict): Iterable<string> {
  const names = new Set(scope.names());
  for (const name of edits.keys()) names.add(String(name));
  names.delete("hostvars");
  names.delete("vars");
  yield* names;
}

/** A copy that may be changed; text from outside is no template in it. */
function valueIn(scope: VarScope, name: string): Value | undefined {
  const raw = scope.raw(name);
  if (raw === MISSING) {
    const value = scope.get(name);
    return value === MISSING ? undefined : (value as Value);
  }
  return scope.isFinal(name) ? wrapUnsafe(raw as Value) : copied(raw as Value);
}

/** A copy of dicts and lists at every level. */
export function copied<T extends Value>(value: T): T;
export function copied(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => copied(item));
  if (!isDict(value)) return value;
  return new Map([...value].map(([key, item]) => [key, copied(item)]));
}
