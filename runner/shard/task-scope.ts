import { brokenVarsOf } from "../inventory/broken-vars.ts";
import { matchHosts } from "../inventory/pattern.ts";
import { LoadError } from "../load/source.ts";
import { loadVarsFile } from "../load/vars-file.ts";
import type { Host } from "../model/host.ts";
import type { Task } from "../model/play.ts";
import type { Value } from "../model/value.ts";
import { MISSING } from "../template/environment.ts";
import { hostNamed, strangerNamed } from "../vars/host-named.ts";
import { LazyDict } from "../vars/lazy-dict.ts";
import { magicNames, magicVars } from "../vars/magic.ts";
import { inventoryLayers, type Layer, layersFor } from "../vars/precedence.ts";
import { createScope, type MagicVars, type SharedScope, type VarScope } from "../vars/scope.ts";
import { delegateOf } from "./delegate.ts";
import { findFile, searchPath } from "./find-file.ts";
import { hostvars, ownVars, sharedVars } from "./hostvars.ts";
import { loopItems, loopLocals } from "./loop.ts";
import type { TaskEnv } from "./task-env.ts";

export interface TaskScopeOptions {
  /** Tells whether this name was read. */
  readonly watch?: { readonly name: string; hit: boolean };
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  /** Answers what nobody has set. */
  readonly fallback?: MagicVars;
}

/** The variables that a task sees on a host. */
export function taskScope(
  env: TaskEnv,
  host: string,
  task: Task | undefined,
  options: TaskScopeOptions,
): VarScope {
  return scopeFor(env, host, task, options, env.state(host).layers, {
    delegatedVars: delegatedVarsOf(env, host, task),
  });
}

/**
 * `ansible_delegated_vars`: the variables of each host that the task, or an item of its loop, is delegated to, with the task's own
 * host as `inventory_hostname` (ansible/vars/manager.py, _get_delegated_vars).
 */
function delegatedVarsOf(env: TaskEnv, host: string, task: Task | undefined): DelegatedVars {
  if (task?.delegateTo === undefined || task.delegateTo === null) return undefined;
  return (scope) => {
    // Neither delegate_to nor the loop have any of it yet.
    if (finding.has(task)) return MISSING;
    finding.add(task);
    try {
      const own = new Map([["inventory_hostname", host]]);
      return new Map(
        delegatesOf(env, host, task, scope).map((name) => [
          name,
          readBy(env, scope, delegateScope(env, name, task).with(own)),
        ]),
      );
    } finally {
      finding.delete(task);
    }
  };
}

const finding = new Set<Task>();

function delegatesOf(env: TaskEnv, host: string, task: Task, scope: VarScope): readonly string[] {
  const flags = { checkMode: env.options.checkMode, diffMode: env.options.diffMode };
  const base = task.loop === undefined ? scope : taskScope(env, host, task, flags);
  const items = task.loop === undefined ? undefined : loopItems(task, base, env.environment);
  const scopes = items?.map((_, index) => base.with(loopLocals(task, items, index))) ?? [scope];
  // The reader's own is among them even where the loop comes out differently each time.
  return [...new Set([...scopes, scope].map((one) => delegateOf(env, host, task, one) ?? host))];
}

/** The variables of another scope. Templates among them are rendered where they are read: they see the reader's variables. */
function readBy(env: TaskEnv, reader: VarScope, theirs: VarScope): LazyDict {
  return new LazyDict(
    () => theirs.names(),
    (name) => {
      const raw = theirs.raw(name);
      if (raw !== MISSING && !theirs.isFinal(name))
        return env.environment.renderValue(raw as Value, reader, undefined, { keys: false });
      const value = theirs.get(name);
      return value === MISSING ? undefined : (value as Value);
    },
  );
}

type DelegatedVars = ((scope: VarScope) => unknown) | undefined;

/** The variables of any host in the play, without a task: where connection variables of a delegate are read. */
export function hostScope(env: TaskEnv, host: string, options: TaskScopeOptions): VarScope {
  return scopeFor(env, host, undefined, options, env.peek(host).layers);
}

/** What a task sees of a host that it is delegated to. */
export function delegateScope(env: TaskEnv, host: string, task: Task): VarScope {
  const flags = { checkMode: env.options.checkMode, diffMode: env.options.diffMode };
  return scopeFor(env, host, task, flags, env.peek(host).layers);
}

/**
 * `hostvars`: nothing of the play, which other hosts have no part in (ansible/vars/hostvars.py). Who asks to be told what is read
 * cannot share what others have read before.
 */
function hostvarsFor(env: TaskEnv, options: TaskScopeOptions): Value {
  const { checkMode, diffMode } = env.options;
  const varsOf =
    options.watch === undefined
      ? sharedVars(env, (name) =>
          outsideScope(env, name, { checkMode, diffMode }, { outside: NO_PLAY, isShared: true }),
        )
      : ownVars((name) => outsideScope(env, name, options, { outside: NO_PLAY }));
  return hostvars(env, varsOf);
}

function outsideScope(
  env: TaskEnv,
  host: string,
  options: TaskScopeOptions,
  how: ScopeKind,
): SharedScope {
  return scopeFor(env, host, undefined, options, env.peek(host).layers, how);
}

const NO_PLAY = { vars: new Map(), roles: [] };

interface ScopeKind {
  readonly outside?: typeof NO_PLAY;
  readonly delegatedVars?: DelegatedVars;
  readonly isShared?: boolean;
}

function scopeFor(
  env: TaskEnv,
  host: string,
  task: Task | undefined,
  options: TaskScopeOptions,
  layers: Parameters<typeof layersFor>[0]["host"],
  { outside, delegatedVars, isShared = false }: ScopeKind = {},
): SharedScope {
  const play = outside === undefined ? env.play.play : undefined;
  const playbookDir = playbookDirOf(env);
  const folders = searchPath(task, playbookDir);
  const magic = magicVars({
    host,
    task,
    play,
    inventory: env.inventory,
    run: runFacts(env),
    playbookDir,
    alive: env.play.alive,
    batch: env.play.batch,
    allHosts: env.play.allHosts,
    get hostvars() {
      return play && hostvarsFor(env, options);
    },
    checkMode: options.checkMode,
    diffMode: options.diffMode,
    searchPath: folders,
  });
  const parts = {
    environment: env.environment,
    layers: layersFor({
      extra: env.extra,
      play: play ?? NO_PLAY,
      varsFiles: play === undefined ? [] : varsFilesOf(env, host),
      host: layers,
      inventory: inventoryOf(env, host),
      task,
    }),
    magic:
      delegatedVars === undefined
        ? magic
        : (name: string, scope: VarScope) =>
            name === "ansible_delegated_vars" ? delegatedVars(scope) : magic(name, scope),
    magicNames,
    merge: env.options.mergeHash,
    isShared,
    context: {
      searchPaths: folders,
      cwd: playbookDir,
      inventoryHostnames: (pattern: string) =>
        matchHosts(env.inventory, pattern, undefined, { mismatch: "ignore" }),
    },
    ...(options.watch === undefined ? {} : { watch: options.watch }),
    ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
  };
  return createScope(parts);
}

const runFactsOf = new WeakMap<TaskEnv["options"], ReturnType<typeof makeRunFacts>>();

function runFacts(env: TaskEnv) {
  let facts = runFactsOf.get(env.options);
  if (facts === undefined) {
    facts = makeRunFacts(env);
    runFactsOf.set(env.options, facts);
  }
  return facts;
}

function makeRunFacts({ options }: TaskEnv) {
  return {
    inventorySources: options.inventorySources,
    configFile: options.configFile,
    ansibleVersion: options.installation.version,
    forks: options.forks,
    verbosity: options.verbosity,
    limit: options.limit,
    runTags: options.runTags,
    skipTags: options.skipTags,
    pythonExecutable: options.python,
  };
}

const layersOfHost = new WeakMap<Host, Map<string, readonly Layer[]>>();

/** @throws Error for files of variables that are broken. */
function inventoryOf(env: TaskEnv, name: string): readonly Layer[] {
  const host = hostNamed(env.inventory, name) ?? strangerNamed(name);
  const dir = playbookDirOf(env);
  let byPlaybook = layersOfHost.get(host);
  if (byPlaybook === undefined) {
    byPlaybook = new Map();
    layersOfHost.set(host, byPlaybook);
  }
  let layers = byPlaybook.get(dir);
  if (layers === undefined) {
    const error = brokenVarsOf(env.inventory, host, dir);
    if (error !== undefined) throw new Error(error.message.replace(/^ERROR! /, ""));
    layers = inventoryLayers(host, env.inventory, dir);
    byPlaybook.set(dir, layers);
  }
  return layers;
}

/** The folder of the file that the play stands in: also for hosts that are no part of it (`DataLoader.get_basedir`). */
function playbookDirOf({ play, options }: TaskEnv): string {
  return play.play.basedir ?? options.playbookDir;
}

/** Files of vars_files by their path, read once per run. */
const varsFileCache = new Map<string, Layer>();
const varsFilesResolved = new WeakMap<
  TaskEnv["play"],
  Map<string, { readonly version: number; readonly layers: readonly Layer[] }>
>();
const resolving = new Set<string>();

/**
 * The layers of the play's vars_files for a host, last file first. Names may be templates; of a list of alternatives the first
 * that exists counts (ansible/vars/manager.py).
 */
function varsFilesOf(env: TaskEnv, host: string): readonly Layer[] {
  const { play } = env.play;
  if (play.varsFiles.length === 0 || resolving.has(host)) return [];
  let byHost = varsFilesResolved.get(env.play);
  if (byHost === undefined) {
    byHost = new Map();
    varsFilesResolved.set(env.play, byHost);
  }
  const version = env.peek(host).version;
  const known = byHost.get(host);
  if (known !== undefined && known.version === version) return known.layers;
  resolving.add(host);
  try {
    const scope = hostScope(env, host, { checkMode: false, diffMode: false });
    const layers: Layer[] = [];
    for (const entry of play.varsFiles) {
      const names = (Array.isArray(entry) ? entry : [entry]).map((name) =>
        String(env.environment.renderValue(name, scope, play.origin)),
      );
      layers.unshift(firstVarsFile(env, names, playbookDirOf(env)));
    }
    byHost.set(host, { version, layers });
    return layers;
  } finally {
    resolving.delete(host);
  }
}

function firstVarsFile(env: TaskEnv, names: readonly string[], playbookDir: string): Layer {
  const { play } = env.play;
  for (const [index, name] of names.entries()) {
    let path: string;
    try {
      path = findFile("vars", name, [playbookDir]);
    } catch (error) {
      if (index + 1 < names.length) continue;
      throw new LoadError(`vars file ${names.join(", ")} was not found`, play.origin, {
        cause: error,
        kind: "error",
      });
    }
    let layer = varsFileCache.get(path);
    if (layer === undefined) {
      const vars = loadVarsFile(path, {
        lists: true,
        kind: "error",
        duplicateKeys: env.options.duplicateKeys,
        warn: (text) => env.emit({ kind: "warning", text }),
      });
      layer = { vars, final: false };
      varsFileCache.set(path, layer);
    }
    return layer;
  }
  return { vars: new Map(), final: false };
}
