import { setMaxListeners } from "node:events";
import type { Duplex } from "node:stream";
import type { Scope } from "../template/run.ts";
import { converse, type Ending } from "./action-conversation.ts";
import { type ActionProcess, startActionProcess } from "./action-process.ts";
import { createCallVariables } from "./call-variables.ts";
import type { PluginLog } from "./conversation.ts";
import { frameOf } from "./message.ts";
import { HostGone } from "./python-process.ts";

/** One run of an action plugin. */
export interface ActionCall {
  /** What python/skein_actions.py wants to know of the task. */
  readonly facts: ReadonlyMap<string, unknown>;
  /** The variables of the task; behind them, if it is delegated, those of the host that it is delegated to. */
  readonly scopes: readonly Scope[];
  /** Does something that reads variables, perhaps twice. */
  reading<T>(attempt: () => T): Promise<T>;
  /** Answers what the plugin asks of the target. @throws Unreachable, Error with the words of the exception that the plugin gets */
  answer(kind: string, args: readonly unknown[]): Promise<unknown>;
  /** Told what the plugin shows. */
  log(entry: PluginLog): void;
  readonly signal: AbortSignal;
  /** Calls of one key are done in one process, which keeps its connection from one to the next, up to `leave`. */
  readonly keep?: string;
}

/** The controller's Python for action plugins. It is started by the first call. */
export interface ActionHost {
  /**
   * Runs a plugin in a process of its own: what it does to that process, and how long it takes, concerns no other.
   *
   * @throws HostGone when it ends its process, or when there is no Python; the signal's reason
   */
  run(call: ActionCall): Promise<Ending>;
  /** Lets what was kept for a key end; undefined when there is nothing. Never throws. */
  leave(key: string): Promise<void> | undefined;
  /** Lets the process end; runs that are under way are stopped by their signals. */
  close(): void;
}

export interface ActionHostOptions {
  /** The interpreter of the installed Ansible. */
  readonly python: string;
  /** What is the same for all runs (`config` of python/skein_actions.py). Secrets in it travel through a pipe. */
  readonly config: () => ReadonlyMap<string, unknown>;
  /** Directories of playbooks and roles that may hold `action_plugins` and `library`, first one first. More may come. */
  readonly folders: () => readonly string[];
  /** Starts the process; tests put their own in. */
  readonly start?: typeof startActionProcess;
}

/** An action host. Nothing is started yet. */
export function createActionHost(options: ActionHostOptions): ActionHost {
  const start = options.start ?? startActionProcess;
  let process: Promise<ActionProcess> | undefined;
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  const kept = new Map<string, Kept>();
  let isClosed = false;

  function begun(): Promise<ActionProcess> {
    const config = new Map<string, unknown>([...options.config(), ["dirs", options.folders()]]);
    return start(options.python, frameOf([config], noLazy)).then(
      (fresh) => {
        if (isClosed) fresh.close();
        return fresh;
      },
      (error: Error) => {
        process = undefined;
        throw new HostGone(
          `the Python process for action plugins (${options.python}) could not be started: ${error.message}`,
          { cause: error },
        );
      },
    );
  }

  async function line(): Promise<Duplex> {
    process ??= begun();
    const known = process;
    try {
      return await (await known).connect();
    } catch (error) {
      // It was killed, as the system does when memory is short: what runs next starts another.
      if (process === known) process = undefined;
      throw error;
    }
  }

  /** The line to the process that is kept for a key. */
  async function lineOf(key: string, log: Kept["log"]): Promise<Duplex> {
    const known = kept.get(key);
    if (known?.line.destroyed === false) {
      known.log = log;
      return known.line;
    }
    const fresh = { line: await line(), log };
    kept.set(key, fresh);
    // Nobody else listens between two calls.
    fresh.line.on("error", () => undefined);
    fresh.line.once("close", () => {
      if (kept.get(key) === fresh) kept.delete(key);
    });
    return fresh.line;
  }

  return {
    async run({ facts, scopes, reading, answer, log, signal, keep }) {
      const variables = createCallVariables(scopes);
      const request = new Map<string, unknown>([...facts, ["dirs", options.folders()]]);
      signal.throwIfAborted();
      return converse(keep === undefined ? await line() : await lineOf(keep, log), request, {
        isKept: keep !== undefined,
        numberLazy: (dict) => [0, variables.number(dict)],
        answer(kind, args) {
          if (kind !== "get" && kind !== "has" && kind !== "keys") return answer(kind, args);
          const [, index, key] = args;
          return reading(() => variables.read(kind, Number(index), key));
        },
        log,
        signal,
      });
    },
    leave(key) {
      const left = kept.get(key);
      if (left === undefined) return undefined;
      return converse(left.line, FAREWELL, {
        isKept: false,
        numberLazy: noLazy,
        answer: () => Promise.reject(new Error("the task is through")),
        log: left.log,
        signal: ended.signal,
      }).then(
        () => undefined,
        () => undefined,
      );
    },
    close() {
      isClosed = true;
      ended.abort(new HostGone("the run ended"));
      void process?.then(
        (running) => running.close(),
        () => undefined,
      );
      process = undefined;
    },
  };
}

interface Kept {
  readonly line: Duplex;
  log: ActionCall["log"];
}

/** The last word to a process that was kept: it closes its connection and ends. */
const FAREWELL: ReadonlyMap<string, unknown> = new Map([["kind", "farewell"]]);

function noLazy(): never {
  throw new TypeError("there are no variables in the configuration of plugins");
}
