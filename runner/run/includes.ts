import {
  isEmptyFile,
  loadIncludedRole,
  loadIncludedTasks,
  resolveIncludePath,
} from "../load/include.ts";
import { LoadError } from "../load/source.ts";
import { stringifyJson } from "../model/json.ts";
import type { Block, Task } from "../model/play.ts";
import { dictOf } from "../model/value.ts";
import { blockOf } from "../plan/play-tree.ts";
import { selectBlock } from "../plan/select-tags.ts";
import type { HostOutcome, IncludeRequest } from "../pool/messages.ts";
import { announceTasks, type Batch } from "./batch.ts";
import { statsOf } from "./parts.ts";

/** What a host is to walk through for its include. */
export interface Included {
  readonly host: string;
  /** Undefined when there is nothing to walk through. */
  readonly block: Block | undefined;
  readonly failure: string | undefined;
}

/**
 * Loads what hosts asked to include, each file and each set of variables once, and shows `included: ...` per file
 * (ansible/playbook/included_file.py). A file that is not there fails the hosts that asked for it.
 *
 * @throws LoadError for a file that is wrong: no rescue section helps against a fault of the text (ansible/plugins/strategy/linear.py)
 */
export async function loadIncludes(
  batch: Batch,
  task: Task,
  outcomes: readonly HostOutcome[],
): Promise<readonly Included[]> {
  const { parts } = batch;
  const loaded = new Map<string, Loaded>();
  const asked = new Map<string, { request: IncludeRequest; hosts: string[] }>();
  const keysOf = new Map(outcomes.map(({ host, includes }) => [host, distinctKeys(includes)]));
  for (const { host, includes } of outcomes) {
    for (const [index, request] of includes.entries()) {
      const key = keysOf.get(host)![index]!;
      const known = asked.get(key);
      if (known === undefined) asked.set(key, { request, hosts: [host] });
      else known.hosts.push(host);
    }
  }
  if (/\.include$/.test(task.resolvedAction))
    parts.output.on({ kind: "deprecation", text: BARE_INCLUDE });
  for (const [key, { request, hosts }] of asked) {
    const one = load(batch, task, request);
    loaded.set(key, one);
    if (one.kind === "empty") {
      parts.output.on({
        kind: "warning",
        text: `file ${one.file} is empty and had no tasks to include`,
      });
    } else if (one.kind === "loaded") {
      announceTasks(batch, [one.block]);
      if (request.kind === "tasks") for (const host of hosts) statsOf(batch.run, host).ok++;
      if (request.kind === "tasks")
        parts.output.on({ kind: "included", file: one.file, hosts, label: request.label });
    } else {
      for (const host of hosts) {
        parts.output.on({
          kind: "result",
          loop: false,
          host,
          delegate: undefined,
          status: "failed",
          action: task.action,
          data: dictOf({ reason: one.message }),
          ignoreErrors: false,
        });
      }
    }
  }
  // Hosts that include the same file meet in it, whatever else each of them includes: a file has one place in all sequences.
  const selected = new Map<string, Block | undefined>();
  for (const [key, one] of loaded)
    if (one.kind === "loaded") selected.set(key, selectBlock(one.block, parts.tags));
  const none = blockOf(parts.nextId(), task, []);
  const sequences = new Map<string, Block | undefined>();
  return outcomes.flatMap((outcome): Included[] => {
    if (outcome.includes.length === 0) return [];
    const keys = keysOf.get(outcome.host)!;
    const failure = keys.map((key) => loaded.get(key)!).find((one) => one.kind === "failed");
    if (failure?.kind === "failed")
      return [{ host: outcome.host, block: undefined, failure: failure.message }];
    const sequenceKey = keys.join("\n");
    if (!sequences.has(sequenceKey)) {
      const own = new Set(keys);
      const blocks = [...asked.keys()].map((key) => (own.has(key) ? selected.get(key) : none));
      const hasTasks = keys.some((key) => selected.get(key) !== undefined);
      sequences.set(
        sequenceKey,
        hasTasks
          ? blockOf(
              parts.nextId(),
              task,
              blocks.map((block) => block ?? none),
            )
          : undefined,
      );
    }
    return [{ host: outcome.host, block: sequences.get(sequenceKey), failure: undefined }];
  });
}

const BARE_INCLUDE =
  '"include" is deprecated, use include_tasks/import_tasks/import_playbook instead. This feature will be removed in version 2.16. Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.';

type Loaded =
  | { readonly kind: "loaded"; readonly block: Block; readonly file: string }
  | { readonly kind: "empty"; readonly file: string }
  | { readonly kind: "failed"; readonly message: string };

function load(batch: Batch, task: Task, request: IncludeRequest): Loaded {
  const { context } = batch.parts;
  try {
    const vars = request.locals;
    if (request.kind === "role") {
      const { block, role, handlers } = loadIncludedRole(task, request.args, context, { vars });
      if (handlers.length > 0) batch.state.addHandlers(handlers, batch.parts.nextId());
      // A public role becomes one of the play's (ansible/playbook/role_include.py, get_block_list).
      const roles = role.isPrivate === true ? [] : [role];
      if (handlers.length + roles.length > 0) batch.parts.shards.addTasks(handlers, roles);
      return { kind: "loaded", block, file: role.name };
    }
    const name = String(request.args.get("_raw_params") ?? "");
    const file = resolveIncludePath(name, task, context);
    const block = loadIncludedTasks(file, task, context, { vars });
    return isEmptyFile(file, context) ? { kind: "empty", file } : { kind: "loaded", block, file };
  } catch (error) {
    if (error instanceof LoadError && error.kind === "parse") throw error;
    return { kind: "failed", message: reasonOf(error as Error) };
  }
}

/** Why an include failed. A file that is not there says that alone. */
function reasonOf({ message }: Error): string {
  const missing = /^ERROR! Unable to retrieve file contents\n(.*)/.exec(message)?.[1];
  return missing ?? message.replace(/^ERROR! /, "");
}

/** What tells a host's includes apart: the same file with the same variables twice is two includes. */
function distinctKeys(requests: readonly IncludeRequest[]): readonly string[] {
  const seen = new Map<string, number>();
  return requests.map((request) => {
    const key = keyOf(request);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? key : `${key} ${times}`;
  });
}

function keyOf(request: IncludeRequest): string {
  try {
    return stringifyJson([request.kind, request.args, request.locals]);
  } catch {
    return `${request.kind} ${String(request.args.get("_raw_params"))} ${request.label}`;
  }
}
