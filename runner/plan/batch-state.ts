import type { Block, Node, Task } from "../model/play.ts";
import type { HostStats, Status } from "../model/result.ts";
import { type Cursor, compareCursors, createCursorTable, taskAt } from "./cursor.ts";
import {
  advance,
  enter,
  enterHandlers,
  enterIncluded,
  fail,
  forgiven,
  isForced,
  isRescued,
  type Step,
  type Walker,
} from "./walk.ts";

/** What the plan must know about a task that ran on a host. */
export interface Outcome {
  readonly host: string;
  readonly status: Status;
  /** Whether ignore_errors (or ignore_unreachable) covers the failure. */
  readonly ignored: boolean;
  /** Whether the result says changed: counted for ignored failures too. */
  readonly changed?: boolean;
  /** Names and topics to notify, rendered; empty unless changed. */
  readonly notify: readonly string[];
  /** Whether the host stays at its task after it went well, to be moved by include(), flush() or pass(). */
  readonly hold: boolean;
  /** Of a file of tasks that could not be included. */
  readonly unloaded?: boolean;
}

/** Hosts at the same place of the play. */
export interface Cohort {
  readonly task: Task;
  readonly hosts: readonly string[];
  readonly inHandlers: boolean;
  /** Whether a failure here is kept for a rescue section. */
  readonly isRescued: boolean;
}

/**
 * Where each host of a batch is, what it was notified of, and what became of it. Pure: it is told
 * outcomes and answers with cohorts; it starts nothing and prints nothing.
 */
export interface BatchState {
  /** The cohort that comes first in document order, or undefined when all hosts are through. */
  first(): Cohort | undefined;
  /** The task a host stands at, for it alone; undefined when it is through. */
  at(host: string): Cohort | undefined;
  /** Takes one host's outcome of the task it stands at and moves it on. Unknown handler names are returned. */
  settle(outcome: Outcome): { readonly unknownHandlers: readonly string[] };
  /** Handlers that a name or topic reaches and that are not due on the host yet, in the order in which they are notified. */
  dueHandlers(name: string, host: string): readonly Task[];
  /** Moves a host past its task without counting anything. */
  pass(host: string): void;
  /** Sends a host into what its include brought. */
  include(host: string, included: Block): void;
  /** Sends a host to its notified handlers. */
  flush(host: string): void;
  /** Fails a host without counting it: another host ran the task for all (run_once). */
  failAlong(host: string): void;
  /** Takes a host out of the play without a failure (meta: end_host, end_play). */
  finish(host: string): void;
  /** Fails a host where it stands, with no task of its own (any_errors_fatal, max_fail_percentage). */
  abort(host: string): void;
  /** Whether a host stands in a rescue or always section itself (not in a block below one). */
  isRecovering(host: string): boolean;
  /** Whether a host failed for good, be it that it still walks through the handlers that are forced. */
  isLost(host: string): boolean;
  /** meta: clear_host_errors. */
  clearErrors(): void;
  /** Handlers that an included role brought: they can be notified from now on. */
  addHandlers(handlers: readonly Task[], blockId: number): void;
  /** Hosts still walking, in order. */
  active(): readonly string[];
  /**
   * Hosts that tasks no longer see among those of the play: ended, unreachable, or failed without a rescue, be it that an always
   * section or forced handlers are still before them, or that their errors were cleared since.
   */
  removed(): ReadonlySet<string>;
  /** Hosts that failed for good (dead or unreachable). */
  failed(): ReadonlySet<string>;
  readonly unreachable: ReadonlySet<string>;
}

export interface BatchStateOptions {
  readonly root: Block;
  readonly handlers: Block;
  readonly hosts: readonly string[];
  readonly stats: (host: string) => HostStats;
  /** The names a handler answers to besides its topics, rendered (`role : name` too). */
  readonly handlerNames: (handler: Task) => readonly string[];
}

/** Starts a batch: every host at the first task of the play. */
export function createBatchState(options: BatchStateOptions): BatchState {
  return new State(options);
}

class State implements BatchState {
  readonly unreachable = new Set<string>();
  readonly #options: BatchStateOptions;
  readonly #table = createCursorTable();
  readonly #cohorts = new Map<Cursor, Set<string>>();
  readonly #places = new Map<string, Cursor>();
  readonly #failed = new Set<string>();
  /** Grows only: what a rescue does not catch takes a host out of the play's list even while it still walks. */
  readonly #removed = new Set<string>();
  readonly #order: ReadonlyMap<string, number>;
  /** handler id -> hosts that notified it */
  readonly #notified = new Map<number, Set<string>>();

  #handlers: Block;
  /** handler id -> number of the list it stands in: one per use of a role, one for the play's own. */
  readonly #list = new Map<number, number>();
  #lists = 0;

  constructor(options: BatchStateOptions) {
    this.#options = options;
    this.#handlers = options.handlers;
    let before: Task | undefined;
    for (const handler of options.handlers.children) {
      if (handler.kind !== "task") continue;
      if (before?.role?.id !== handler.role?.id) this.#lists++;
      this.#list.set(handler.id, this.#lists);
      before = handler;
    }
    this.#order = new Map(options.hosts.map((host, index) => [host, index]));
    for (const host of options.hosts) this.#move(host, enter(options.root, this.#walker(host)));
  }

  first(): Cohort | undefined {
    let first: Cursor | undefined;
    let hosts = new Set<string>();
    for (const [cursor, at] of this.#cohorts) {
      const order = first === undefined ? -1 : compareCursors(cursor, first);
      if (order < 0) {
        first = cursor;
        hosts = at;
      } else if (order === 0 && taskAt(cursor) === taskAt(first!)) {
        // The same task with another past: of some hosts a failure is still to be handed on.
        hosts = new Set([...hosts, ...at]);
      }
    }
    return first === undefined ? undefined : this.#cohortAt(first, hosts);
  }

  at(host: string): Cohort | undefined {
    const cursor = this.#places.get(host);
    return cursor === undefined ? undefined : this.#cohortAt(cursor, [host]);
  }

  #cohortAt(cursor: Cursor, hosts: Iterable<string>): Cohort {
    return {
      task: taskAt(cursor),
      hosts: this.#inOrder(hosts),
      inHandlers: isInHandlers(cursor),
      isRescued: isRescued(cursor),
    };
  }

  settle(outcome: Outcome): { readonly unknownHandlers: readonly string[] } {
    const { host, status } = outcome;
    const stats = this.#options.stats(host);
    const cursor = this.#places.get(host);
    if (cursor === undefined) {
      countLeft(stats, outcome);
      return { unknownHandlers: [] };
    }
    if (isInHandlers(cursor)) this.#notified.get(taskAt(cursor).id)?.delete(host);
    if (status === "unreachable") {
      if (outcome.ignored) {
        stats.ok++;
        stats.ignored++;
        this.#move(host, advance(cursor, this.#walker(host)));
      } else {
        stats.unreachable++;
        this.unreachable.add(host);
        this.#failed.add(host);
        this.#removed.add(host);
        this.#leave(host);
      }
      return { unknownHandlers: [] };
    }
    if (status === "failed" && !outcome.ignored) {
      this.#fail(host, cursor, stats, outcome.unloaded === true);
      return { unknownHandlers: [] };
    }
    // What is held is an include: each file counts when it is loaded, not the task.
    if (!outcome.hold) countUnfailed(stats, outcome);
    const unknownHandlers = outcome.notify.filter((name) => !this.#notify(name, host));
    if (!outcome.hold) this.#move(host, advance(cursor, this.#walker(host)));
    return { unknownHandlers };
  }

  dueHandlers(name: string, host: string): readonly Task[] {
    return this.#handlersOf(name).filter(({ id }) => this.#notified.get(id)?.has(host) !== true);
  }

  pass(host: string): void {
    this.#step(host, (cursor, walker) => advance(cursor, walker));
  }

  include(host: string, included: Block): void {
    this.#step(host, (cursor, walker) => enterIncluded(cursor, included, walker));
  }

  flush(host: string): void {
    this.#step(host, (cursor, walker) => enterHandlers(cursor, this.#handlers, walker));
  }

  failAlong(host: string): void {
    // Out of the list even when it is rescued (_process_pending_results of ansible/plugins/strategy/__init__.py).
    this.#removed.add(host);
    this.#step(host, fail);
  }

  finish(host: string): void {
    this.#removed.add(host);
    this.#leave(host);
  }

  abort(host: string): void {
    this.#failed.add(host);
    this.#removed.add(host);
    this.#leave(host);
  }

  isRecovering(host: string): boolean {
    const cursor = this.#places.get(host);
    return cursor !== undefined && (cursor.phase === "always" || cursor.phase === "rescue");
  }

  addHandlers(handlers: readonly Task[], blockId: number): void {
    const known = this.#handlers.children;
    // Uses of a role that are alike share its handlers; those of the last use are the first to be found.
    const sameAs = (handler: Task): Node | undefined =>
      known.find(
        (one) =>
          one.kind === "task" &&
          one.role?.identity !== undefined &&
          one.role.identity === handler.role?.identity &&
          one.name === handler.name &&
          one.origin.file === handler.origin.file &&
          one.origin.line === handler.origin.line,
      );
    this.#lists++;
    const fresh: Task[] = [];
    for (const handler of handlers) {
      const same = sameAs(handler);
      if (same === undefined) fresh.push(handler);
      this.#list.set((same ?? handler).id, this.#lists);
    }
    if (fresh.length > 0)
      this.#handlers = { ...this.#handlers, id: blockId, children: [...known, ...fresh] };
  }

  isLost(host: string): boolean {
    const cursor = this.#places.get(host);
    return this.#failed.has(host) || (cursor !== undefined && isForced(cursor));
  }

  clearErrors(): void {
    this.#failed.clear();
    this.unreachable.clear();
    // What an always section was to hand on is forgotten, too.
    for (const [host, cursor] of [...this.#places])
      this.#move(host, { kind: "at", cursor: forgiven(cursor, this.#table) });
  }

  active(): readonly string[] {
    return this.#inOrder(this.#places.keys());
  }

  removed(): ReadonlySet<string> {
    return this.#removed;
  }

  failed(): ReadonlySet<string> {
    return this.#failed;
  }

  #fail(host: string, cursor: Cursor, stats: HostStats, unloaded: boolean): void {
    const rescued = isRescued(cursor);
    // A file that was not there counts as a failure even then (_load_included_file of ansible/plugins/strategy/__init__.py).
    if (rescued && !unloaded) stats.rescued++;
    else stats.failures++;
    if (!rescued) this.#removed.add(host);
    this.#move(host, fail(cursor, this.#walker(host)));
  }

  #notify(name: string, host: string): boolean {
    const handlers = this.#handlersOf(name);
    for (const { id } of handlers) {
      const hosts = this.#notified.get(id);
      if (hosts === undefined) this.#notified.set(id, new Set([host]));
      else hosts.add(host);
    }
    return handlers.length > 0;
  }

  /** A name reaches one handler, a topic all that listen. */
  #handlersOf(name: string): readonly Task[] {
    const named = this.#handlerNamed(name);
    const listening = this.#handlers.children.filter(
      (handler) => handler.kind === "task" && handler !== named && handler.listen.includes(name),
    ) as readonly Task[];
    return named === undefined ? listening : [named, ...listening];
  }

  /** Of handlers with the same name the last list's wins, and within a list the first (search_handler_blocks_by_name of ansible/plugins/strategy/__init__.py). */
  #handlerNamed(name: string): Task | undefined {
    let found: Task | undefined;
    for (const handler of this.#handlers.children) {
      if (handler.kind !== "task" || !this.#options.handlerNames(handler).includes(name)) continue;
      if (found === undefined || this.#list.get(handler.id)! > this.#list.get(found.id)!)
        found = handler;
    }
    return found;
  }

  #walker(host: string): Walker {
    return {
      table: this.#table,
      isNotified: (handler: Node) => this.#notified.get(handler.id)?.has(host) === true,
    };
  }

  #move(host: string, step: Step): void {
    this.#leave(host);
    if (step.kind === "end") {
      if (step.failed) this.#failed.add(host);
      return;
    }
    this.#places.set(host, step.cursor);
    const cohort = this.#cohorts.get(step.cursor);
    if (cohort === undefined) this.#cohorts.set(step.cursor, new Set([host]));
    else cohort.add(host);
  }

  #leave(host: string): void {
    const cursor = this.#places.get(host);
    if (cursor === undefined) return;
    this.#places.delete(host);
    const cohort = this.#cohorts.get(cursor)!;
    cohort.delete(host);
    if (cohort.size === 0) this.#cohorts.delete(cursor);
  }

  /** Moves a host that has not been taken out meanwhile, by another host's end_play for instance. */
  #step(host: string, step: (cursor: Cursor, walker: Walker) => Step): void {
    const cursor = this.#places.get(host);
    if (cursor !== undefined) this.#move(host, step(cursor, this.#walker(host)));
  }

  #inOrder(hosts: Iterable<string>): string[] {
    return [...hosts].sort((a, b) => this.#order.get(a)! - this.#order.get(b)!);
  }
}

/** The last outcome of a host that was taken out of the play while its task ran. */
function countLeft(stats: HostStats, outcome: Outcome): void {
  if (outcome.status === "unreachable" && !outcome.ignored) stats.unreachable++;
  else if (outcome.status === "failed" && !outcome.ignored) stats.failures++;
  else if (!outcome.hold) countUnfailed(stats, outcome);
}

function countUnfailed(stats: HostStats, { status, changed }: Outcome): void {
  if (status === "skipped") stats.skipped++;
  else stats.ok++;
  if (status === "failed") stats.ignored++;
  if (status === "changed" || (status === "failed" && changed === true)) stats.changed++;
}

function isInHandlers(cursor: Cursor): boolean {
  for (let at: Cursor | undefined = cursor; at !== undefined; at = at.parent) {
    if (at.entry === "handlers") return true;
  }
  return false;
}
