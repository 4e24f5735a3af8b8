import type { HopSpec } from "#router";
import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import type { ConnectionDefaults } from "../pool/messages.ts";
import { firstOf, type ReadVar, textOrNone } from "./read-vars.ts";
import { isTrue } from "./values.ts";

export interface BecomeOptions {
  readonly task: Task;
  readonly read: ReadVar;
  /** Renders a task keyword. */
  readonly keyword: (value: Value | undefined) => Value | undefined;
  readonly defaults: ConnectionDefaults;
}

/** The become plugin of a task, without the collection of those that are skein's own; undefined when it becomes nobody. */
export function becomeMethodOf({
  task,
  read,
  keyword,
  defaults,
}: BecomeOptions): string | undefined {
  const wanted = firstOf(read, ["ansible_become"]) ?? keyword(task.become);
  if (!(wanted === undefined || wanted === null ? defaults.become : isTrue(wanted)))
    return undefined;
  const method =
    firstOf(read, ["ansible_become_method"]) ??
    textOrNone(keyword(task.becomeMethod)) ??
    defaults.becomeMethod;
  return method.replace(/^(?:ansible\.(?:builtin|legacy)\.|community\.general\.(?=doas$))/, "");
}

/** Whether skein itself can become somebody that way. */
export function isNativeMethod(method: string): method is HopSpec["method"] {
  return method === "sudo" || method === "su" || method === "doas";
}

/** The way to another account. A plugin's own name outranks the general one among variables, and so it does in settings. */
export function hopOf(
  method: HopSpec["method"],
  { task, read, keyword, defaults }: BecomeOptions,
): HopSpec {
  const settings = defaults.becomePlugins[method];
  const user =
    firstOf(read, [`ansible_${method}_user`, "ansible_become_user"]) ??
    textOrNone(keyword(task.becomeUser)) ??
    settings.user;
  const password =
    firstOf(read, [
      `ansible_${method}_pass`,
      `ansible_${method}_password`,
      "ansible_become_pass",
      "ansible_become_password",
    ]) ??
    defaults.becomePassword ??
    settings.password;
  const exe =
    firstOf(read, [`ansible_${method}_exe`, "ansible_become_exe"]) ??
    textOrNone(keyword(task.becomeExe)) ??
    settings.exe;
  const flags =
    firstOf(read, [`ansible_${method}_flags`, "ansible_become_flags"]) ??
    textOrNone(keyword(task.becomeFlags)) ??
    settings.flags;
  return {
    method,
    user,
    ...(password === undefined ? {} : { password }),
    ...(exe === undefined ? {} : { exe }),
    ...(flags === undefined ? {} : { flags }),
  };
}
