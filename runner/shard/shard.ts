import { setMaxListeners } from "node:events";
import {
  type AgentPayload,
  createRouter,
  createSshWorld,
  type Link,
  type LinkSpec,
  type Router,
} from "#router";
import type { Inventory, InventoryChange } from "../model/host.ts";
import type { Role, Task } from "../model/play.ts";
import { tasksOf } from "../model/tasks-of.ts";
import { type ActionHost, createActionHost } from "../plugin-host/action-host.ts";
import type { PluginLog } from "../plugin-host/conversation.ts";
import { eventOf } from "../plugin-host/log-event.ts";
import { createPluginHost, type PluginHost } from "../plugin-host/plugin-host.ts";
import { pluginOptions } from "../plugin-host/plugin-options.ts";
import { decodeValue, encodeValue } from "../pool/encoding.ts";
import type {
  FromShard,
  HostDelta,
  HostOutcome,
  ShardInit,
  ShardPort,
  ToShard,
} from "../pool/messages.ts";
import { createEnvironment, type Environment } from "../template/environment.ts";
import { pyStr } from "../template/py-repr.ts";
import type { Layer } from "../vars/precedence.ts";
import type { VarScope } from "../vars/scope.ts";
import { useKeyring } from "../vault/keyring.ts";
import { needsAgent } from "./action/registry.ts";
import { createSshResolver } from "./connection.ts";
import { createDebugSessions, withDebuggedVars } from "./debugger/sessions.ts";
import { executeTask, type TaskRun } from "./execute-task.ts";
import { createFactCache } from "./fact-cache.ts";
import { applyDelta } from "./host-state.ts";
import { createHostStates, type HostStates } from "./host-states.ts";
import { scopeOf } from "./item-scope.ts";
import { createModuleCatalogue, type ModuleCatalogue } from "./module/invocation.ts";
import { createOwnPlugins } from "./own-plugins.ts";
import { actionConfig } from "./plugin-action/config.ts";
import { resetForeign } from "./plugin-action/reset-foreign.ts";
import { createRequests } from "./requests.ts";
import { sleep } from "./sleep.ts";
import { targetOf } from "./target.ts";
import { type PlayContext, type TaskEnv, withHostStates } from "./task-env.ts";
import { taskScope } from "./task-scope.ts";
import { createTimeSlice } from "./time-slice.ts";
import { openTraceFile, type TraceFile } from "./trace-file.ts";
import { createWorkQueue, type WorkQueue } from "./work-queue.ts";

/** Both ends of the channel as the shard uses it. */
export type ShardSide = ShardPort<FromShard, ToShard>;

type RunMessage = Extract<ToShard, { kind: "run" }>;

/** The agent, and the part of it that runs jobs, which goes with the calls that need it. */
export interface ShardAgent extends AgentPayload {
  readonly jobs: string;
}

/**
 * A shard: the hosts it owns, their variables, and one router with their connections. It lives as long as the run, in a worker
 * thread or, for small runs, in the main thread; it hears commands and answers with events and outcomes.
 *
 * @returns a promise that settles when the shard has ended and its connections are closed.
 */
export function startShard(port: ShardSide, agent: ShardAgent): Promise<void> {
  return new Promise((resolve) => {
    let shard: Shard | undefined;
    port.onMessage((message) => {
      if (message.kind === "init") {
        shard = new Shard(port, agent, message.init, resolve);
        port.send({ kind: "ready" });
      } else {
        shard?.hear(message);
      }
    });
  });
}

/** The number of what belongs to no run command. */
const NO_RUN = 0;

class Shard {
  readonly #port: ShardSide;
  readonly #init: ShardInit;
  readonly #ended: () => void;
  readonly #router: Router;
  readonly #trace: TraceFile;
  readonly #ssh = createSshResolver(createSshWorld(process.env));
  readonly #environment: Environment;
  readonly #plugins: PluginHost;
  readonly #actions: ActionHost;
  readonly #pluginFolders: string[];
  /** The process of plugins ended while one ran. */
  #pluginsEnded = false;
  /** The run command heard last: what plugins show is shown with it. */
  #lastRun = 0;
  readonly #isHidden: TaskEnv["isHidden"];
  readonly #catalogue: ModuleCatalogue;
  readonly #extra: Layer;
  readonly #hosts: HostStates;
  readonly #links = new Map<string, Link>();
  readonly #tasks = new Map<number, Task>();
  readonly #warmed = new Set<string>();
  readonly #abort = new AbortController();
  readonly #requests = createRequests();
  #inventory: Inventory;
  /** Hosts whose last result opened the debugger. */
  readonly #debugged = createDebugSessions();
  #play: PlayContext | undefined;
  #own: ReadonlySet<string> = new Set();
  readonly #queue: WorkQueue;

  constructor(port: ShardSide, agent: ShardAgent, init: ShardInit, ended: () => void) {
    this.#port = port;
    this.#init = init;
    this.#inventory = init.inventory;
    useKeyring(init.keyring);
    this.#ended = ended;
    // Every call and every sleep of the run listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.#pluginFolders = [...init.options.plugins.folders];
    this.#plugins = createPluginHost({
      python: init.options.python,
      root: init.options.installation.root,
      basedir: init.options.playbookDir,
      playbookDirs: () => init.options.plugins.playbookDirs,
      folders: () => this.#pluginFolders,
      verbosity: init.options.verbosity,
      timeout: init.options.plugins.timeout,
      secrets: init.keyring.secrets,
      log: (entry) => this.#show(entry),
      onEnd: () => {
        this.#pluginsEnded = true;
      },
    });
    this.#actions = createActionHost({
      python: init.options.python,
      config: () => actionConfig(init.options, init.keyring.secrets),
      folders: () => this.#pluginFolders,
    });
    this.#environment = createEnvironment({
      native: init.options.jinja2Native,
      extensions: init.options.jinja2Extensions,
      managed: init.options.ansibleManaged,
      ...pluginOptions({
        host: this.#plugins,
        folders: () => this.#pluginFolders,
        configured: init.options.plugins.configured,
        hasPasslib: init.options.installation.hasPasslib,
      }),
    });
    const folders = (): readonly string[] => this.#pluginFolders;
    this.#isHidden = {
      connection: createOwnPlugins("connection", folders, init.options.connectionPlugins),
      become: createOwnPlugins("become", folders, init.options.becomePlugins),
    };
    this.#catalogue = createModuleCatalogue(init.options, agent.jobs);
    const slice = createTimeSlice();
    this.#hosts = createHostStates({
      init,
      slice,
      cache: createFactCache(init.options.factCache, this.#plugins),
      requests: this.#requests,
      send: (message) => this.#port.send(message),
    });
    this.#queue = createWorkQueue({
      slice,
      width: init.options.forks,
      onError: (error) => this.#fail(error),
    });
    this.#extra = { vars: init.extraVars, final: false };
    this.#trace = openTraceFile(init.options.traceFile);
    this.#router = createRouter({
      agent,
      tmp: [init.options.connection.remoteTmp, "/var/tmp", "/tmp"],
      trace: this.#trace.trace,
      onSourceMissing: (name) => this.#catalogue.resolver.find(name),
    });
  }

  hear(message: ToShard): void {
    try {
      this.#dispatch(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  #dispatch(message: ToShard): void {
    switch (message.kind) {
      case "init":
        return;
      case "play":
        this.#play = {
          play: message.play,
          batch: message.batch,
          allHosts: message.allHosts,
          alive: message.allHosts,
          isRescued: false,
        };
        this.#own = new Set(message.own);
        this.#hosts.name(message.own, message.allHosts);
        for (const task of tasksOf(message.play)) this.#tasks.set(task.id, task);
        return;
      case "tasks":
        for (const task of message.tasks) {
          this.#tasks.set(task.id, task);
          if (task.role !== undefined) this.#addPluginFolders(task.role);
        }
        if (message.roles.length > 0 && this.#play !== undefined) {
          const { play } = this.#play;
          this.#play = {
            ...this.#play,
            play: { ...play, roles: [...play.roles, ...message.roles] },
          };
        }
        for (const role of message.roles) this.#addPluginFolders(role);
        return;
      case "run":
        this.#run(message);
        return;
      case "share": {
        const delta = decodeValue(message.delta) as HostDelta;
        for (const host of message.hosts) applyDelta(this.#hosts.of(host), delta);
        return;
      }
      case "inventory":
        this.#inventory = message.inventory;
        return;
      case "inventory-changed":
        this.#requests.answer(message.request, message.changed, message.error);
        return;
      case "render":
        void this.#render(message);
        return;
      case "clear-facts":
        for (const host of message.hosts) this.#hosts.clearFacts(host);
        return;
      case "reset-connections":
        void this.#reset(message);
        return;
      case "state-request":
        this.#sendStates(message.request).catch((error: unknown) => this.#fail(error));
        return;
      case "state-reply":
        this.#hosts.take(message);
        return;
      case "pause-reply":
        this.#requests.answer(message.request, message.answer);
        return;
      case "debug":
        void this.#debug(message);
        return;
      case "end":
        void this.#end();
        return;
      case "abort":
        this.#abort.abort(new Error(message.reason));
        this.#plugins.close();
        this.#actions.close();
        void this.#router.destroy(message.reason).finally(() => this.#leave());
        return;
    }
  }

  #run(message: RunMessage): void {
    const play = this.#play;
    const task = this.#tasks.get(message.task);
    if (play === undefined || task === undefined)
      throw new Error(`task ${message.task} is not known to this shard`);
    play.alive = message.alive;
    play.isRescued = message.isRescued;
    this.#lastRun = message.run;
    this.#hosts.expire();
    const env = this.#env(play, message.run);
    if (message.wantName)
      this.#port.send({
        kind: "named",
        run: message.run,
        name: this.#nameOf(env, message.hosts[0]!, task),
      });
    this.#queue.add(message.hosts.map((host) => this.#jobOf(message, env, host, task)));
  }

  /** A task on a host, from its start to the outcome that is sent. */
  #jobOf(message: RunMessage, env: TaskEnv, host: string, task: Task): () => Promise<void> {
    const left = this.#debugged.take(host);
    const due = message.again === true ? left : undefined;
    return async () => {
      const end =
        due === undefined
          ? await executeTask(env, host, task)
          : await executeTask(withDebuggedVars(env, due.vars), host, due.task);
      await this.#hearSignals();
      const prompt =
        end.debug === undefined
          ? undefined
          : await this.#debugged.open(env, host, due ?? task, end.debug);
      const others = message.copyTo.filter((name) => name !== host);
      for (const name of others)
        if (this.#own.has(name)) applyDelta(this.#hosts.of(name), end.delta);
      const outcome = {
        ...end.outcome,
        ...(prompt === undefined ? {} : { debug: prompt }),
        ...this.#forOtherShards(end, others),
      };
      this.#port.send({ kind: "outcome", run: message.run, outcome });
    };
  }

  /** What a result changed on hosts that are not this shard's. */
  #forOtherShards(
    { delta, elsewhere }: TaskRun,
    others: readonly string[],
  ): Pick<HostOutcome, "shared" | "elsewhere"> {
    const isHeard = others.some((name) => !this.#own.has(name));
    return {
      shared: isHeard ? encodeDelta(delta) : undefined,
      elsewhere: this.#init.alone
        ? []
        : [...elsewhere].map(([host, changes]) => ({ host, delta: encodeDelta(changes) })),
    };
  }

  async #render(message: Extract<ToShard, { kind: "render" }>): Promise<void> {
    const { request, host } = message;
    try {
      const play = this.#play;
      const task = this.#tasks.get(message.task);
      if (play === undefined || task === undefined)
        throw new Error(`task ${message.task} is not known to this shard`);
      play.alive = message.alive;
      const env = this.#env(play, 0);
      const value = await withHostStates(env, () =>
        env.environment.renderValue(message.value, scopeOf(env, host, task), task.origin),
      );
      this.#port.send({ kind: "rendered", request, value, error: undefined });
    } catch (error) {
      this.#port.send({ kind: "rendered", request, value: null, error: (error as Error).message });
    }
  }

  async #debug(message: Extract<ToShard, { kind: "debug" }>): Promise<void> {
    const { request, host, command, text } = message;
    try {
      const shown = await this.#debugged.hear(this.#env(this.#play!, 0), host, command, text);
      this.#port.send({ kind: "debugged", request, text: shown });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Drops connections to hosts. What a connection plugin in Python does then is waited for. */
  async #reset(message: Extract<ToShard, { kind: "reset-connections" }>): Promise<void> {
    const { request, hosts } = message;
    for (const host of hosts)
      for (const link of this.#linksOf(host)) void link.reset().catch(() => undefined);
    const task = this.#tasks.get(message.task);
    if (this.#play !== undefined && task !== undefined) {
      const env = this.#env(this.#play, NO_RUN);
      const own = hosts.filter((host) => this.#own.has(host));
      await Promise.all(own.map((host) => resetForeign(env, host, task)));
    }
    this.#port.send({ kind: "connections-reset", request });
  }

  #changeInventory(change: InventoryChange): Promise<boolean> {
    return this.#requests.ask((request) =>
      this.#port.send({ kind: "inventory-change", request, change }),
    );
  }

  #env(play: PlayContext, run: number): TaskEnv {
    return {
      options: this.#init.options,
      environment: this.#environment,
      catalogue: this.#catalogue,
      actions: this.#actions,
      inventory: this.#inventory,
      changeInventory: (change) => this.#changeInventory(change),
      extra: this.#extra,
      play,
      state: (host) => this.#hosts.of(host),
      peek: (host) => this.#hosts.peek(host),
      fetchStates: () => this.#hosts.fetch(),
      isHidden: this.#isHidden,
      link: (key, spec) => this.#link(key, spec),
      ssh: this.#ssh,
      warmUp: (host, task, scope) => this.#warmUp(play, run, host, task, scope),
      emit: (event) => this.#port.send({ kind: "event", run, event }),
      sleep: (seconds) => sleep(seconds, this.#abort.signal),
      pause: (pause) =>
        this.#requests.ask((request) => this.#port.send({ kind: "pause-request", request, pause })),
      signal: this.#abort.signal,
    };
  }

  /** The variables of all hosts that are this shard's, for another one that reads them; their cached facts may have to be read first. */
  async #sendStates(request: number): Promise<void> {
    this.#port.send({ kind: "state-reply", request, state: await this.#hosts.encode() });
  }

  #link(key: string, spec: LinkSpec): Link {
    let link = this.#links.get(key);
    if (link === undefined) {
      link = this.#router.link(spec);
      this.#links.set(key, link);
    }
    return link;
  }

  #warmUp(play: PlayContext, run: number, host: string, task: Task, scope: VarScope): void {
    if (this.#warmed.has(host) || task.delegateTo !== undefined || !needsAgent(task)) return;
    this.#warmed.add(host);
    try {
      const { context } = targetOf(this.#env(play, run), host, task, scope);
      // What goes wrong is reported by the task itself.
      context.hello(this.#abort.signal).catch(() => undefined);
    } catch {
      // Likewise.
    }
  }

  #linksOf(host: string): Link[] {
    return [...this.#links.values()].filter((link) => link.name === host);
  }

  #nameOf(env: TaskEnv, host: string, task: Task): string {
    const name = task.name ?? "";
    try {
      const scope = taskScope(env, host, task, {
        checkMode: env.options.checkMode,
        diffMode: env.options.diffMode,
      });
      return pyStr(env.environment.renderValue(name, scope, task.origin));
    } catch {
      return name;
    }
  }

  async #end(): Promise<void> {
    this.#plugins.close();
    this.#actions.close();
    await this.#router.close().catch(() => undefined);
    const stats = this.#router.stats();
    this.#port.send({
      kind: "ended",
      wire: {
        connections: stats.links,
        roundTrips: stats.roundTrips,
        bytesSent: stats.bytesSent,
        bytesReceived: stats.bytesReceived,
        framesSent: stats.framesSent,
        framesReceived: stats.framesReceived,
      },
    });
    this.#leave();
  }

  #leave(): void {
    this.#trace.close();
    this.#ended();
  }

  #addPluginFolders(role: Role): void {
    for (const { path, collection } of [...role.parents, role]) {
      if (collection === undefined && !this.#pluginFolders.includes(path))
        this.#pluginFolders.push(path);
    }
  }

  /** Ctrl-C ends a plugin as well, and this thread, which waited for it, has not heard of it yet. */
  async #hearSignals(): Promise<void> {
    if (!this.#pluginsEnded) return;
    this.#pluginsEnded = false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #show(entry: PluginLog): void {
    this.#port.send({ kind: "event", run: this.#lastRun, event: eventOf(entry) });
  }

  #fail(error: unknown): void {
    const problem = error instanceof Error ? error : new Error(String(error));
    this.#port.send({ kind: "failed", message: problem.message, stack: problem.stack ?? "" });
  }
}

/** The variables of a host that changed, for another shard. */
function encodeDelta({ facts, included, set, trusted, templates }: HostDelta): Uint8Array {
  return encodeValue({ facts, included, set, trusted, templates } satisfies HostDelta);
}
