import { readFile } from "node:fs/promises";
import type { Context } from "#router";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { Unreachable } from "../../plugin-host/action-conversation.ts";
import type { ActionInput } from "../action/action.ts";
import { chunksOf } from "../action/chunks.ts";
import { INLINE_LIMIT } from "../action/place-content.ts";
import type { Invocation, ModuleFlags } from "../module/invocation.ts";
import { moduleResult } from "../module/module-result.ts";
import { callBatch, failureOf, type Target, tellInterpreter } from "../target.ts";
import type { TaskEnv } from "../task-env.ts";
import { isTrue, textOf, truth } from "../values.ts";

/**
 * Answers what an action plugin asks of its target (python/skein_target.py).
 *
 * @returns a function that throws Unreachable, or Error with the words of the exception that the plugin gets
 */
export function createAnswers(
  env: TaskEnv,
  target: Target,
  input: ActionInput,
): (kind: string, args: readonly unknown[]) => Promise<unknown> {
  return async (kind, [given]) => {
    const question = isDict(given) ? given : new Map<Value, Value>();
    switch (kind) {
      case "module":
        return module(env, target, input, question);
      case "exec":
        return reaching(target, () => exec(env, target, question));
      case "put":
        return reaching(target, () => put(env, target, input, question));
      case "fetch":
        return reaching(target, () => fetch(env, target, input, question));
      case "reset":
        return target.link.reset();
      default:
        throw new Error(`skein does not know what '${kind}' of an action plugin is`);
    }
  };
}

/** A module's result. What kept it from running is raised, but for what Ansible takes for a result as well. */
async function module(
  env: TaskEnv,
  target: Target,
  input: ActionInput,
  question: Dict,
): Promise<Dict> {
  const args = new Map(question.get("args") as Dict);
  const isJob = question.get("job") === true;
  const { ANSIBLE_ASYNC_DIR: jobs } = input.flags.environment;
  const flags: ModuleFlags = {
    ...input.flags,
    checkMode: isTrue(args.get("_ansible_check_mode")),
    diff: isTrue(args.get("_ansible_diff")),
    noLog: isTrue(args.get("_ansible_no_log")),
    remoteTmp: textOf(args.get("_ansible_remote_tmp") ?? input.flags.remoteTmp),
    environment: {
      ...(isJob && jobs !== undefined ? { ANSIBLE_ASYNC_DIR: jobs } : {}),
      ...environmentOf(question.get("environment")),
    },
    job: isJob ? input.flags.job : undefined,
  };
  const invocation = input.catalogue.invoke(
    textOf(question.get("name") ?? ""),
    textOf(question.get("path") ?? ""),
    args,
    flags,
  );
  const where = question.get("become") === true ? target : asLogin(target);
  const result = await reaching(target, async () => {
    try {
      return await callOne(env, where, invocation);
    } catch (error) {
      const data = failureOf(error);
      if (data.has("module_stderr")) return data;
      throw error;
    }
  });
  tellInterpreter(env, target, result);
  return result;
}

function environmentOf(given: Value | undefined): Record<string, string> {
  const environment: Record<string, string> = {};
  if (isDict(given)) for (const [name, value] of given) environment[textOf(name)] = textOf(value);
  return environment;
}

async function exec(env: TaskEnv, target: Target, question: Dict): Promise<unknown> {
  const [become] = question.get("become") === true ? target.route.become : [];
  const stdin = question.get("input");
  const { rc, stdout, stderr } = await target.link.exec(textOf(question.get("command") ?? ""), {
    pty: question.get("terminal") === true,
    signal: env.signal,
    ...(become === undefined ? {} : { become }),
    ...(stdin instanceof Uint8Array ? { stdin } : {}),
  });
  return [rc, stdout, stderr];
}

/** A file of the controller to where the login account can write: nobody becomes anybody for that in Ansible. */
async function put(
  env: TaskEnv,
  target: Target,
  input: ActionInput,
  question: Dict,
): Promise<unknown> {
  const where = asLogin(target);
  const [from, to] = [textOf(question.get("from") ?? ""), textOf(question.get("to") ?? "")];
  const invocation = input.catalogue.invoke(
    "command",
    input.catalogue.corePath("command"),
    dictOf({ _raw_params: WRITE, _uses_shell: true }),
    { ...plainFlags(input), environment: { SKEIN_DEST: to } },
  );
  const content = await contentOf(env, where.context, await readFile(from));
  const files = [{ argument: "env:SKEIN_FILE", name: "content", mode: 0o600, content }];
  const result = await callOne(env, where, {
    ...invocation,
    call: { ...invocation.call, isolation: "fork", files },
  });
  if (result.get("rc") === 0) return null;
  const said = textOf(result.get("stderr") ?? result.get("msg") ?? "");
  throw new Error(`failed to transfer file to ${from} ${to}:\n\n${said}`);
}

/** Relative paths begin in the home folder, as they do for sftp. */
const WRITE = 'cd ~ && cat "$SKEIN_FILE" > "$SKEIN_DEST"';

async function contentOf(
  env: TaskEnv,
  context: Context,
  content: Buffer,
): Promise<Uint8Array | number> {
  if (content.byteLength <= INLINE_LIMIT) return content;
  return (await context.putFile(chunksOf(content), { signal: env.signal })).id;
}

/** A file of the target that the login account can read. */
async function fetch(
  env: TaskEnv,
  target: Target,
  input: ActionInput,
  question: Dict,
): Promise<unknown> {
  const from = question.get("from") ?? "";
  const invocation = input.catalogue.invoke(
    "slurp",
    input.catalogue.corePath("slurp"),
    dictOf({ src: from }),
    plainFlags(input),
  );
  const result = await callOne(env, asLogin(target), invocation);
  const content = result.get("content");
  if (typeof content === "string") return Buffer.from(content, "base64");
  throw new Error(
    `failed to transfer file from ${textOf(from)}:\n\n${textOf(result.get("msg") ?? "")}`,
  );
}

/** Flags of what is no part of the task: it happens in check mode as well, and nobody is told its arguments. */
function plainFlags({ flags }: ActionInput): ModuleFlags {
  return { ...flags, checkMode: false, diff: false, noLog: true, environment: {}, job: undefined };
}

function asLogin(target: Target): Target {
  return { ...target, route: { ...target.route, become: [] }, context: target.link.context([]) };
}

async function callOne(env: TaskEnv, target: Target, invocation: Invocation): Promise<Dict> {
  const [result] = await callBatch(env, target, [invocation], false);
  return moduleResult(result!);
}

/**
 * Does something on the target. A connection that was lost is made anew when it is needed again: plugins that restart a machine
 * try until it is there.
 */
async function reaching<T>({ link }: Target, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const data = failureOf(error);
    const message = textOf(data.get("msg") ?? "");
    if (!truth(data.get("unreachable"))) throw new Error(message, { cause: error });
    await link.reset().catch(() => undefined);
    throw new Unreachable(message, { cause: error });
  }
}
