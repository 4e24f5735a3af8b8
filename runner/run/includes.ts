import { loadIncludedRole, loadIncludedTasks, resolveIncludePath } from "../load/include.ts";
import { rejectUnsupportedTasks } from "../load/supported.ts";
import { stringifyJson } from "../model/json.ts";
import type { Block, Task } from "../model/play.ts";
import { tasksBelow } from "../model/tasks-of.ts";
import { dictOf } from "../model/value.ts";
import { blockOf } from "../plan/play-tree.ts";
import type { HostOutcome, IncludeRequest } from "../pool/messages.ts";
import { announceTasks, type Batch } from "./batch.ts";
import { statsOf } from "./parts.ts";

/** What a host is to walk through for its include. */
export interface Included {
  readonly host: string;
  readonly block: Block | undefined;
  readonly order: number;
  readonly failure: string | undefined;
}

/**
 * Loads what hosts asked to include, each file and each set of variables once, and shows `included: ...` per file
 * (ansible/playbook/included_file.py). A file that cannot be loaded fails the hosts that asked for it.
 */
export async function loadIncludes(
  batch: Batch,
  task: Task,
  outcomes: readonly HostOutcome[],
): Promise<readonly Included[]> {
  const { parts } = batch;
  const loaded = new Map<string, Loaded>();
  const asked = new Map<string, { request: IncludeRequest; hosts: string[] }>();
  for (const { host, includes } of outcomes) {
    for (const request of includes) {
      const key = keyOf(request);
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
    if (one.kind === "loaded") {
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
          diff: undefined,
          ignoreErrors: false,
        });
      }
    }
  }
  const sequences = new Map<
    string,
    { readonly block: Block | undefined; readonly order: number }
  >();
  return outcomes.flatMap((outcome): Included[] => {
    if (outcome.includes.length === 0) return [];
    const keys = outcome.includes.map(keyOf);
    const failure = keys.map((key) => loaded.get(key)!).find((one) => one.kind === "failed");
    if (failure?.kind === "failed")
      return [{ host: outcome.host, block: undefined, order: 0, failure: failure.message }];
    const sequenceKey = keys.join("\n");
    let sequence = sequences.get(sequenceKey);
    if (sequence === undefined) {
      const blocks = keys.map(
        (key) => (loaded.get(key) as Extract<Loaded, { kind: "loaded" }>).block,
      );
      sequence = { block: blockOf(parts.nextId(), task, blocks), order: sequences.size };
      sequences.set(sequenceKey, sequence);
    }
    return [{ host: outcome.host, ...sequence, failure: undefined }];
  });
}

const BARE_INCLUDE =
  '"include" is deprecated, use include_tasks/import_tasks/import_playbook instead. This feature will be removed in version 2.16. Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.';

type Loaded =
  | { readonly kind: "loaded"; readonly block: Block; readonly file: string }
  | { readonly kind: "failed"; readonly message: string };

function load(batch: Batch, task: Task, request: IncludeRequest): Loaded {
  const { context } = batch.parts;
  try {
    const vars = request.locals;
    if (request.kind === "role") {
      const { block, role, handlers } = loadIncludedRole(task, request.args, context, { vars });
      rejectUnsupportedTasks([...tasksBelow(block), ...handlers]);
      if (handlers.length > 0) {
        batch.state.addHandlers(handlers, batch.parts.nextId());
        batch.parts.shards.addTasks(handlers, []);
      }
      return { kind: "loaded", block, file: role.name };
    }
    const name = String(request.args.get("_raw_params") ?? "");
    const file = resolveIncludePath(name, task, context);
    const block = loadIncludedTasks(file, task, context, { vars });
    rejectUnsupportedTasks(tasksBelow(block));
    return { kind: "loaded", block, file };
  } catch (error) {
    return { kind: "failed", message: (error as Error).message.replace(/^ERROR! /, "") };
  }
}

function keyOf(request: IncludeRequest): string {
  try {
    return stringifyJson([request.kind, request.args, request.locals]);
  } catch {
    return `${request.kind} ${String(request.args.get("_raw_params"))} ${request.label}`;
  }
}
