import type { Block, Node, Task } from "../model/play.ts";
import type { HostStats, Status } from "../model/result.ts";
import { type Cursor, compareCursors, createCursorTable, taskAt } from "./cursor.ts";
import {
  advance,
  enter,
  enterHandlers,
  enterIncluded,
  fail,
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
}

/** Hosts at the same place of the play. */
export interface Cohort {
  readonly task: Task;
  readonly hosts: readonly string[];
  readonly inHandlers: boolean;
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
  /** Moves a host past its task without counting anything. */
  pass(host: string): void;
  /** Sends a host into what its include brought; `order` keeps the lists of several files apart. */
  include(host: string, included: Block, order: number): void;
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
  /** meta: clear_host_errors. */
  clearErrors(): void;
  /** Handlers that an included role brought: they can be notified from now on. */
  addHandlers(handlers: readonly Task[], blockId: number): void;
  /** Hosts still walking, in order. */
  active(): readonly string[];
  /** Hosts that failed for good (dead or unreachable). */
  failed(): ReadonlySet<string>;
  readonly unreachable: ReadonlySet<string>;
}

export interface BatchStateOptions {
  readonly root: Block;
  readonly handlers: Block;
  readonly hosts: readonly string[];
  readonly stats: (host: string) => HostStats;
  readonly forceHandlers: boolean;
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
  readonly #order: ReadonlyMap<string, number>;
  /** handler id -> hosts that notified it */
  readonly #notified = new Map<number, Set<string>>();

  #handlers: Block;

  constructor(options: BatchStateOptions) {
    this.#options = options;
    this.#handlers = options.handlers;
    this.#order = new Map(options.hosts.map((host, index) => [host, index]));
    for (const host of options.hosts) this.#move(host, enter(options.root, this.#walker(host)));
  }

  first(): Cohort | undefined {
    let first: Cursor | undefined;
    // Hosts that failed before stand at other cursors than those that did not, at the same tasks of an `always`.
    let beside: Cursor[] = [];
    for (const cursor of this.#cohorts.keys()) {
      const difference = first === undefined ? -1 : compareCursors(cursor, first);
      if (difference > 0 || (difference === 0 && taskAt(cursor) !== taskAt(first!))) continue;
      if (difference < 0) beside = [];
      beside.push(cursor);
      first = beside[0];
    }
    if (first === undefined) return undefined;
    const hosts = beside.flatMap((cursor) => [...this.#cohorts.get(cursor)!]);
    return { task: taskAt(first), hosts: this.#inOrder(hosts), inHandlers: isInHandlers(first) };
  }

  at(host: string): Cohort | undefined {
    const cursor = this.#places.get(host);
    if (cursor === undefined) return undefined;
    return { task: taskAt(cursor), hosts: [host], inHandlers: isInHandlers(cursor) };
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
        this.#leave(host);
      }
      return { unknownHandlers: [] };
    }
    if (status === "failed" && !outcome.ignored) {
      this.#fail(host, cursor, stats);
      return { unknownHandlers: [] };
    }
    // What is held is an include: each file counts when it is loaded, not the task.
    if (!outcome.hold) countUnfailed(stats, outcome);
    const unknownHandlers = outcome.notify.filter((name) => !this.#notify(name, host));
    if (!outcome.hold) this.#move(host, advance(cursor, this.#walker(host)));
    return { unknownHandlers };
  }

  pass(host: string): void {
    this.#step(host, (cursor, walker) => advance(cursor, walker));
  }

  include(host: string, included: Block, order: number): void {
    this.#step(host, (cursor, walker) => enterIncluded(cursor, included, order, walker));
  }

  flush(host: string): void {
    this.#step(host, (cursor, walker) => enterHandlers(cursor, this.#handlers, walker));
  }

  failAlong(host: string): void {
    this.#step(host, fail);
  }

  finish(host: string): void {
    this.#leave(host);
  }

  abort(host: string): void {
    this.#failed.add(host);
    this.#leave(host);
  }

  isRecovering(host: string): boolean {
    const cursor = this.#places.get(host);
    return cursor !== undefined && (cursor.phase === "always" || cursor.phase === "rescue");
  }

  addHandlers(handlers: readonly Task[], blockId: number): void {
    const known = this.#handlers.children;
    const isKnown = (handler: Task): boolean =>
      known.some(
        (one) =>
          one.kind === "task" &&
          one.name === handler.name &&
          one.role?.name === handler.role?.name &&
          one.role?.path === handler.role?.path,
      );
    const fresh = handlers.filter((handler) => !isKnown(handler));
    if (fresh.length > 0)
      this.#handlers = { ...this.#handlers, id: blockId, children: [...known, ...fresh] };
  }

  clearErrors(): void {
    this.#failed.clear();
    this.unreachable.clear();
  }

  active(): readonly string[] {
    return this.#inOrder(this.#places.keys());
  }

  failed(): ReadonlySet<string> {
    return this.#failed;
  }

  #fail(host: string, cursor: Cursor, stats: HostStats): void {
    let rescued = false;
    const step = fail(cursor, {
      ...this.#walker(host),
      onRescue: () => {
        rescued = true;
      },
    });
    if (rescued) stats.rescued++;
    else stats.failures++;
    if (step.kind === "end" && this.#options.forceHandlers && !this.#failed.has(host)) {
      this.#failed.add(host);
      this.#move(host, this.#enterLastFlush(host));
      return;
    }
    this.#move(host, step);
  }

  /** With force_handlers a dead host still visits the last flush. */
  #enterLastFlush(host: string): Step {
    const index = this.#options.root.children.length - 1;
    const cursor = this.#table.make({
      parent: undefined,
      block: this.#options.root,
      phase: "block",
      index,
      failed: true,
      entry: "block",
      order: 0,
    });
    return enterHandlers(cursor, this.#handlers, this.#walker(host));
  }

  #notify(name: string, host: string): boolean {
    let found = false;
    const named = this.#handlerNamed(name);
    // A name reaches one handler, a topic all that listen.
    for (const handler of this.#handlers.children) {
      if (handler.kind !== "task") continue;
      if (handler !== named && !handler.listen.includes(name)) continue;
      found = true;
      const hosts = this.#notified.get(handler.id);
      if (hosts === undefined) this.#notified.set(handler.id, new Set([host]));
      else hosts.add(host);
    }
    return found;
  }

  /**
   * Of handlers with the same name, the last list that has one counts (roles' handlers come before the play's), and in it the
   * first (search_handler_blocks_by_name of ansible/plugins/strategy/__init__.py).
   */
  #handlerNamed(name: string): Node | undefined {
    let found: Task | undefined;
    for (const handler of this.#handlers.children) {
      if (handler.kind !== "task" || !this.#options.handlerNames(handler).includes(name)) continue;
      if (found === undefined || found.role?.id !== handler.role?.id) found = handler;
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
