import type { Dict } from "../model/value.ts";
import { TemplateError } from "../template/error.ts";
import type { Scope } from "../template/run.ts";
import type { Secret } from "../vault/keyring.ts";
import { type CallVariables, createCallVariables } from "./call-variables.ts";
import {
  type Conversation,
  createConversation,
  type PluginLog,
  type Question,
} from "./conversation.ts";
import {
  fromMessage,
  type InventoryRequest,
  type InventorySnapshot,
  type SaidVars,
  toMessage,
  type VarsRequest,
} from "./inventory-message.ts";
import { type HostChannel, HostGone, startPython } from "./python-process.ts";

/** What a plugin is. */
export type PluginKind = "filter" | "test" | "lookup";

/** Where a plugin comes from: ansible-core, Jinja itself, or anywhere else. */
export type PluginHome = "core" | "jinja" | "plugin";

/** How a plugin is called. */
export interface PluginCall {
  readonly kind: PluginKind;
  readonly name: string;
  /** The arguments; those of a lookup are its terms. */
  readonly args: readonly unknown[];
  readonly kwargs: ReadonlyMap<unknown, unknown>;
  /** The variables that it may read. */
  readonly scope: Scope;
}

/** The controller's Python for plugins that exist only there. It is started by the first question. */
export interface PluginHost {
  /** Where a plugin comes from, or undefined when there is none of that name. @throws TemplateError when it was removed */
  find(kind: PluginKind, name: string): PluginHome | undefined;
  /** @throws TemplateError for what the plugin throws, and for its end by time or otherwise. */
  call(call: PluginCall): unknown;
  /** Lets an inventory plugin read a source into an inventory; undefined when it does not want the source. @throws TemplateError */
  inventory(request: InventoryRequest): InventorySnapshot | undefined;
  /**
   * What vars plugins say of groups, then of hosts: for each path, for each of them, what counts less and what counts more than
   * group_vars/ and host_vars/. @throws TemplateError
   */
  vars(request: VarsRequest): readonly (readonly SaidVars[])[];
  /**
   * Opens a cache plugin, or gets (undefined when it has none), sets or deletes what it holds of a host. @throws TemplateError for
   * one that is not there, and for what it throws.
   */
  cache(plugin: string, request: CacheRequest): Dict | undefined;
  /** Loads callback plugins. @returns how many hear events from now on. @throws TemplateError for one that is not there */
  callbacks(config: ReadonlyMap<string, unknown>): number;
  /** Tells callback plugins an event, and waits until they have heard it. @throws TemplateError for the end of the process */
  event(kind: string, facts: ReadonlyMap<string, unknown>): void;
  /** Lets the process end by itself. The next question would start another. */
  close(): void;
}

/** What a fact cache is asked. */
export type CacheRequest =
  | { readonly kind: "open" }
  | { readonly kind: "get" | "delete"; readonly host: string }
  | { readonly kind: "set"; readonly host: string; readonly facts: Dict };

export interface PluginHostOptions {
  /** The interpreter of the installed Ansible. */
  readonly python: string;
  /** The directory of the package `ansible`. */
  readonly root: string;
  /** Where relative paths of plugins start. */
  readonly basedir: string;
  /** Directories of playbooks: collections beside them count. */
  readonly playbookDirs: () => readonly string[];
  /** Directories of playbooks and roles that may hold `filter_plugins` and the like, first one first. More may come. */
  readonly folders: () => readonly string[];
  readonly verbosity: number;
  /** Seconds that a plugin may take; 0 is for ever. */
  readonly timeout: number;
  /** Passwords of vaults, for plugins that read files; they travel through the pipe only. */
  readonly secrets: readonly Secret[];
  /** Extra variables as they were given, for inventory plugins that want them. */
  readonly extraVars?: readonly string[];
  /** Told what plugins show. */
  readonly log: (entry: PluginLog) => void;
  /** Told when the process ended in the middle of a call. */
  readonly onEnd?: () => void;
  /** Starts the process; tests put their own in. */
  readonly start?: (python: string) => HostChannel;
}

/** A plugin host. Nothing is started yet. */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  /** Those that the process knows of. */
  let folders: readonly string[] = [];
  /** The variables of the calls under way, innermost last. */
  const frames: Frame[] = [];
  const homes = new Map<string, PluginHome | undefined>();
  const start = options.start ?? startPython;
  let conversation: Conversation | undefined;

  function ask(request: readonly unknown[]): unknown {
    const begin = Date.now();
    try {
      conversation ??= begun();
      return conversation.ask(request, numberLazy);
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
      // Calls further out are lost as well: they hear the same when they go on.
      conversation?.close();
      conversation = undefined;
      options.onEnd?.();
      throw ended(request, options, (Date.now() - begin) / 1000, error);
    }
  }

  function begun(): Conversation {
    const fresh = createConversation(start(options.python), answer);
    folders = [...options.folders()];
    try {
      fresh.ask(["init", initOf(options, folders)], numberLazy);
      return fresh;
    } catch (error) {
      fresh.close();
      throw new TemplateError(
        "runtime",
        `the Python process for plugins (${options.python}) could not be started: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  function answer(question: Question): unknown {
    if (question.kind === "log") {
      options.log(question.entry);
      return undefined;
    }
    const frame = frames[question.frame];
    if (frame === undefined) throw new Error("a plugin read variables of a call that is over");
    try {
      return frame.variables.read(question.kind, question.index, question.key);
    } catch (error) {
      frame.thrown ??= error;
      throw error;
    }
  }

  // Called while a call's arguments or answers are written: the innermost frame is theirs.
  function numberLazy(dict: ReadonlyMap<unknown, unknown>): readonly [number, number] {
    const index = frames.length - 1;
    const frame = frames[index];
    if (frame === undefined) throw new TypeError("no variables can be given to a plugin here");
    return [index, frame.variables.number(dict)];
  }

  return {
    find(kind, name) {
      const more = options.folders().filter((folder) => !folders.includes(folder));
      if (more.length > 0) {
        homes.clear();
        if (conversation !== undefined) ask(["dirs", more]);
        folders = [...folders, ...more];
      }
      const key = `${kind} ${name}`;
      if (!homes.has(key)) {
        const home = ask(["find", kind, name]);
        homes.set(key, home === null ? undefined : (home as PluginHome));
      }
      return homes.get(key);
    },
    call({ kind, name, args, kwargs, scope }) {
      const frame: Frame = { variables: createCallVariables([scope]), thrown: undefined };
      const index = frames.push(frame) - 1;
      try {
        const result = ask([kind, name, args, new Map(kwargs), index]);
        if (frame.thrown !== undefined && !isOrdinary(frame.thrown)) throw frame.thrown;
        return result;
      } catch (error) {
        // What a variable threw comes back from the plugin as a shadow of itself.
        if (frame.thrown !== undefined && !isOrdinary(frame.thrown)) throw frame.thrown;
        if (error instanceof TemplateError && isHidden(kind, error)) {
          const text = `exception during Jinja2 execution: ${error.python?.traceback}`;
          options.log({ kind: "verbose", level: 3, text });
        }
        throw error;
      } finally {
        frames.length = index;
      }
    },
    inventory({ plugin, source, sources, inventory }) {
      const found = ask(["inventory", plugin, source, sources, toMessage(inventory)]);
      return found === null ? undefined : fromMessage(found);
    },
    vars({ stage, paths, groups, hosts, inventory }) {
      const found = ask(["vars", stage, paths, groups, hosts, toMessage(inventory)]);
      return found as readonly (readonly SaidVars[])[];
    },
    cache(plugin, request) {
      const host = request.kind === "open" ? "" : request.host;
      const facts = request.kind === "set" ? request.facts : null;
      const found = ask(["cache", plugin, request.kind, host, facts]);
      return found === null ? undefined : (found as Dict);
    },
    callbacks: (config) => Number(ask(["callbacks", config])),
    event(kind, facts) {
      ask(["event", kind, facts]);
    },
    close() {
      // Calls block this thread: it is not at work now.
      conversation?.end();
      conversation = undefined;
    },
  };
}

/** One call under way. */
interface Frame {
  readonly variables: CallVariables;
  /** What the first variable that could not be had threw. */
  thrown: unknown;
}

/** Errors of templates are told to the plugin, which may go on without; others concern the run. */
function isOrdinary(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (!(at instanceof TemplateError)) return false;
  return true;
}

/** Whether nobody shows the traceback of an exception: that of unexpected ones of filters and tests is in the task's result. */
function isHidden(kind: PluginKind, { python, kind: error }: TemplateError): boolean {
  if (python === undefined) return false;
  return kind === "lookup" || python.isAnsible || error === "value" || error === "type";
}

function initOf(options: PluginHostOptions, folders: readonly string[]): Map<string, unknown> {
  return new Map<string, unknown>([
    ["root", options.root],
    ["basedir", options.basedir],
    ["playbook_dirs", options.playbookDirs()],
    ["dirs", folders],
    ["verbosity", options.verbosity],
    ["timeout", options.timeout],
    ["extra_vars", options.extraVars ?? []],
    ["secrets", options.secrets.map(({ id, password }) => [id, password])],
  ]);
}

function ended(
  request: readonly unknown[],
  { timeout }: PluginHostOptions,
  seconds: number,
  cause: HostGone,
): TemplateError {
  const [kind, name] = request;
  const what = typeof name === "string" ? `the ${String(kind)} plugin '${name}'` : "it";
  return new TemplateError(
    "runtime",
    timeout > 0 && seconds >= timeout
      ? `${what} did not come back within ${timeout} seconds, and was ended`
      : `the Python process for plugins ended while it ran ${what}`,
    { cause },
  );
}
